"""Pictures, sound and vectors: recorded into files beside the cassette, played from them."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import random
from pathlib import Path

import pytest
from projects import Project
from servers.provider_server import raw, says

NOISE = random.Random(7)  # noise, not a secret
PNG = b"\x89PNG\r\n\x1a\n" + NOISE.randbytes(6000)
WAV = b"RIFF\x00\x00\x00\x00WAVEfmt " + NOISE.randbytes(6000)
MP3 = b"ID3\x04" + NOISE.randbytes(6000)
VECTOR = [NOISE.uniform(-1, 1) for _ in range(1536)]

VISION = """
    import base64, os, pathlib, openai

    PNG = pathlib.Path(__file__).with_name("a.png").read_bytes()
    URL = "data:image/png;base64," + base64.b64encode(PNG).decode()

    @pytest.mark.llm_cassette
    def test_it():
        picture = {"type": "image_url", "image_url": {"url": URL}}
        words = {"type": "text", "text": "What is this?"}
        messages = [{"role": "user", "content": [words, picture]}]
        with openai.OpenAI(api_key="k", base_url=os.environ["CHAT_URL"]) as client:
            ask = client.chat.completions.create
            answer = ask(model="gpt-5-mini", messages=messages)
            said = answer.choices[0].message.content
            assert said == "A cat."
            messages += [{"role": "assistant", "content": said}]
            messages += [{"role": "user", "content": "Sure?"}]
            assert ask(model="gpt-5-mini", messages=messages).choices[0].message.content == "Yes."
"""

EMBEDDINGS = """
    import os, openai

    @pytest.mark.llm_cassette
    def test_it():
        with openai.OpenAI(api_key="k", base_url=os.environ["CHAT_URL"]) as client:
            for encoding in ("float", "base64"):
                answer = client.embeddings.create(
                    model="e", input=["a cat"], encoding_format=encoding
                )
                vector = answer.data[0].embedding
                assert len(vector) == 1536 or isinstance(vector, str)
            print("FIRST", answer.data[0].embedding[:8])
"""

AUDIO = """
    import os, pathlib, openai

    HERE = pathlib.Path(__file__).parent

    @pytest.mark.llm_cassette
    def test_it():
        with openai.OpenAI(api_key="k", base_url=os.environ["CHAT_URL"]) as client:
            with (HERE / "a.wav").open("rb") as file:
                heard = client.audio.transcriptions.create(model="whisper-1", file=file)
            assert heard.text == "Hello."
            spoken = client.audio.speech.create(model="tts-1", voice="alloy", input="Hello.")
            assert spoken.content == (HERE / "a.mp3").read_bytes()
"""


def folder_of(project: Project) -> Path:
    """Where the files of the cassette are."""
    return project.cassette().with_suffix(".files")


def in_folder(project: Project) -> dict[str, bytes]:
    """Names and contents of the files."""
    folder = folder_of(project)
    return {path.name: path.read_bytes() for path in folder.iterdir()} if folder.is_dir() else {}


def name_of(data: bytes, ending: str) -> str:
    """What a file of this content is called."""
    return f"{hashlib.sha256(data).hexdigest()[:16]}.{ending}"


@pytest.fixture
def vision(project: Project) -> Project:
    """A project whose test has shown a picture to a model, and asked again."""
    project.tests(VISION)
    (project.path / "tests/a.png").write_bytes(PNG)
    project.server.next(says("A cat."), says("Yes."))
    project.record().assert_outcomes(passed=1)
    return project


def test_a_picture_stands_beside_the_cassette(vision: Project) -> None:
    """One file for however many turns show it; the cassette says type, size and hash."""
    text = vision.cassette().read_text(encoding="utf-8")
    assert {name_of(PNG, "png"): PNG} == in_folder(vision)
    assert len(text) < 5000
    assert f"$file: {name_of(PNG, 'png')}" in text
    assert f"sha256: {hashlib.sha256(PNG).hexdigest()}" in text
    assert f"size: {len(PNG)}" in text
    assert "media_type: image/png" in text
    assert base64.b64encode(PNG).decode()[:40] not in text


def test_a_picture_is_played_and_replayed(vision: Project) -> None:
    """The same request finds its event, the check of itself holds, a target sees the picture."""
    vision.run().assert_outcomes(passed=1)
    assert 2 == len(vision.server.seen)
    vision.run("--llm-replay").assert_outcomes(passed=2)
    assert 2 == len(vision.server.seen)
    vision.server.next(says("A cat."), says("Yes."))
    vision.replay("--llm-model", "same", "--llm-concurrency", "1").assert_outcomes(passed=2)
    assert vision.server.seen[0].json == vision.server.seen[2].json
    vision.server.next(says("A dog."), says("Yes."))
    vision.replay("--llm-record", "--llm-model", "same", "--llm-concurrency", "1")
    text = vision.cassette().read_text(encoding="utf-8")
    assert "A dog." in text
    assert f"$file: {name_of(PNG, 'png')}" in text
    assert {name_of(PNG, "png"): PNG} == in_folder(vision)


def test_another_picture_takes_the_place_of_the_old(vision: Project) -> None:
    """A rewritten cassette leaves no file behind; one that stays as it is writes none."""
    before = folder_of(vision).stat().st_mtime_ns
    vision.record().assert_outcomes(passed=1)
    assert before == folder_of(vision).stat().st_mtime_ns
    other = PNG + b"other"
    (vision.path / "tests/a.png").write_bytes(other)
    vision.server.next(says("A cat."), says("Yes."))
    vision.record().assert_outcomes(passed=1)
    assert {name_of(other, "png"): other} == in_folder(vision)
    vision.run().assert_outcomes(passed=1)
    vision.tests("@pytest.mark.llm_cassette\ndef test_it():\n    pass\n")
    vision.record().assert_outcomes(passed=1)
    assert not vision.cassette().exists()
    assert not folder_of(vision).exists()


@pytest.mark.parametrize("before", ["there", "lost"])
def test_everything_is_asked_again_about_another_picture(vision: Project, before: str) -> None:
    """The recording counts as made, whatever has become of the picture that it replaces."""
    other = PNG + b"other"
    (vision.path / "tests/a.png").write_bytes(other)
    if before == "lost":
        (folder_of(vision) / name_of(PNG, "png")).unlink()
    vision.server.next(says("A cat."), says("Yes."))
    result = vision.record("--llm-record-mode", "all")
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(["*test_it.yaml: 2 recorded, 2 dropped"])
    assert {name_of(other, "png"): other} == in_folder(vision)


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda path: path.unlink(), "is missing; restore it from version control"),
        (lambda path: path.write_bytes(PNG[:-1] + b"!"), "is not the one that was recorded"),
        (lambda path: path.write_bytes(PNG + b"!"), "was altered: it has "),
    ],
    ids=["missing", "altered", "longer"],
)
def test_a_damaged_file_is_told_once(vision: Project, damage: object, said: str) -> None:
    """Cassette, line, field and file, and what to do; no traceback."""
    path = folder_of(vision) / name_of(PNG, "png")
    assert callable(damage)
    damage(path)
    printed = vision.run("--llm-replay").stdout.str()
    assert said in printed
    assert f"the file test_it.files/{path.name} " in printed
    assert "request.body.messages.0.content.1.image_url.url.$file" in printed
    line = next(
        number
        for number, text in enumerate(vision.cassette().read_text().splitlines(), start=1)
        if "$file" in text
    )
    assert f"test_it.yaml:{line}: " in printed
    assert "Traceback" not in printed


def test_a_link_in_place_of_a_file_is_not_followed(vision: Project) -> None:
    """Not even to the very same bytes: what it leads to may be anybody's."""
    path = folder_of(vision) / name_of(PNG, "png")
    (vision.path / "elsewhere.png").write_bytes(PNG)
    path.unlink()
    path.symlink_to(vision.path / "elsewhere.png")
    assert "cannot be read" in vision.run("--llm-replay").stdout.str()
    path.unlink()
    os.mkfifo(path)
    assert "cannot be read" in vision.run("--llm-replay").stdout.str()
    path.unlink()
    folder_of(vision).rmdir()
    (vision.path / "else").mkdir()
    (vision.path / "else" / path.name).write_bytes(PNG)
    folder_of(vision).symlink_to(vision.path / "else")
    assert "cannot be read" in vision.run("--llm-replay").stdout.str()
    vision.server.next(says("A cat."), says("Yes."))
    vision.run("--llm-record-mode", "all").assert_outcomes(passed=1, errors=1)
    assert [path.name] == [one.name for one in (vision.path / "else").iterdir()]


def test_vectors_stand_beside_the_cassette(project: Project) -> None:
    """As numbers or in base64; played to the last digit, and not replayed."""
    project.tests(EMBEDDINGS)
    packed = base64.b64encode(NOISE.randbytes(4 * 1536)).decode()
    bodies = [
        {"object": "list", "data": [item], "model": "e", "usage": {"prompt_tokens": 2}}
        for item in (
            {"object": "embedding", "index": 0, "embedding": VECTOR},
            {"object": "embedding", "index": 0, "embedding": packed},
        )
    ]
    project.server.next(*(raw(json.dumps(body).encode()) for body in bodies))
    live = project.record("-s")
    live.assert_outcomes(passed=1)
    found = in_folder(project)
    assert {"json", "bin"} == {name.rpartition(".")[2] for name in found}
    assert VECTOR == json.loads(next(data for name, data in found.items() if "json" in name))
    assert len(project.cassette().read_text(encoding="utf-8")) < 3000
    played = project.run("-s")
    played.assert_outcomes(passed=1)
    assert [line for line in live.outlines if "FIRST" in line] == [
        line for line in played.outlines if "FIRST" in line
    ]
    assert 2 == len(project.server.seen)
    replayed = project.run("--llm-replay", "-rs")
    replayed.assert_outcomes(skipped=2)
    replayed.stdout.fnmatch_lines(["*: embeddings"])
    replayed.stdout.fnmatch_lines(["not replayed * 2"])


def test_sound_stands_beside_the_cassette(project: Project) -> None:
    """An uploaded recording and a spoken answer, byte for byte."""
    project.tests(AUDIO)
    (project.path / "tests/a.wav").write_bytes(WAV)
    (project.path / "tests/a.mp3").write_bytes(MP3)
    project.server.next(raw(b'{"text": "Hello."}'), raw(MP3, content_type="audio/mpeg"))
    hosts = ("-o", f"llm_hosts=127.0.0.1:{project.server.port}")
    project.record(*hosts).assert_outcomes(passed=1)
    found = in_folder(project)
    assert MP3 == found[name_of(MP3, "mp3")]
    (upload,) = (data for name, data in found.items() if name.endswith(".bin"))
    assert WAV in upload
    assert len(project.cassette().read_text(encoding="utf-8")) < 2500
    project.run(*hosts).assert_outcomes(passed=1)
    assert 2 == len(project.server.seen)
    project.run("--llm-replay", *hosts).assert_outcomes(skipped=2)


def test_a_failed_recording_keeps_the_picture_too(project: Project) -> None:
    """What was paid for is in the partial file, and the next recording plays it."""
    project.tests(VISION.replace('"Yes."', '"No."'))
    (project.path / "tests/a.png").write_bytes(PNG)
    project.server.next(says("A cat."), says("Yes."))
    project.record().assert_outcomes(failed=1)
    assert {} == in_folder(project)
    project.tests(VISION)
    project.record().assert_outcomes(passed=1)
    assert 2 == len(project.server.seen)
    assert {name_of(PNG, "png"): PNG} == in_folder(project)


def test_workers_that_record_the_same_picture_do_not_clash(project: Project) -> None:
    """Each cassette has its own folder, whichever process writes it."""
    pytest.importorskip("xdist")
    (project.path / "tests").mkdir()
    (project.path / "tests/a.png").write_bytes(PNG)
    several = VISION.replace("def test_it():", "def test_it(number):").replace(
        "@pytest", '@pytest.mark.parametrize("number", range(2))\n    @pytest', 1
    )
    project.tests(several.replace('"A cat."', "said").replace(' == "Yes."', ""))
    project.run_apart("-n2", "--llm-record").assert_outcomes(passed=2)
    found = sorted((project.path / "cassettes").rglob("*.png"))
    assert [name_of(PNG, "png")] * 2 == [path.name for path in found]
    assert [] == list((project.path / "cassettes").rglob("*.tmp"))
    project.run().assert_outcomes(passed=2)
    assert 4 == len(project.server.seen)
