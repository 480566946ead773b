"""Media and vectors in files beside a cassette: exact, safe, and nothing else."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import random
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cassette.made_events import answer, event, request
from hypothesis import given
from hypothesis import strategies as st

from pytest_llmreplay.cassette.cassette import Cassette
from pytest_llmreplay.cassette.documents.accepted import Accepted
from pytest_llmreplay.cassette.documents.header import Header
from pytest_llmreplay.cassette.redaction.redactor import Redactor
from pytest_llmreplay.cassette.side_files.extractor import MediaExtractor
from pytest_llmreplay.cassette.side_files.files import SideFiles, folder_of, resolved
from pytest_llmreplay.cassette.side_files.media_kinds import LARGE, ending_of, is_readable, sniffed
from pytest_llmreplay.cassette.writing.draft import Draft
from pytest_llmreplay.cassette.writing.rewrite import write_draft
from pytest_llmreplay.cassette.writing.side_writer import drop_unused, write_files
from pytest_llmreplay.cassette.yaml_text.fields import WrongField
from pytest_llmreplay.errors import CassetteDamaged, CassetteError, SecretFound
from pytest_llmreplay.event import BinaryBody, Event, HttpResponse, Json, JsonBody

NOISE = random.Random(3)  # noise, not a secret
PNG = b"\x89PNG\r\n\x1a\n" + NOISE.randbytes(4000)
TEXT = base64.b64encode(PNG).decode()
KEY_LIKE = b"AKIA" + b"QWERTYUIOPASDFGH"


def written(path: Path, *events: Event, accepted: Accepted | None = None) -> Draft:
    """A cassette with its files, as a recording writes it."""
    draft = Draft(Header(), path=path)
    for one in events:
        draft.add(one, f"r1:{one.number:016x}")
        if accepted is not None and accepted.number == one.number:
            draft.accept(accepted)
    write_draft(draft, root=path.parent, redactor=Redactor())
    return draft


def files_of(path: Path) -> list[str]:
    """Names of the files beside a cassette."""
    folder = folder_of(path)
    return sorted(one.name for one in folder.iterdir()) if folder.exists() else []


def back(value: Json) -> Json:
    """A body after it was told apart and read back."""
    extractor = MediaExtractor(apart=True)
    told = {"body": extractor.value(value)}
    files = {name: file.data for name, file in extractor.files.items()}
    read = resolved(told, "request", SideFiles(unwritten=files))
    assert isinstance(read, dict)
    return read["body"]


@pytest.mark.parametrize(
    ("value", "ending"),
    [
        ({"image_url": {"url": f"data:image/png;base64,{TEXT}"}}, "png"),
        ({"image_url": f"data:image/webp;base64,{TEXT}"}, "webp"),
        ({"source": {"type": "base64", "media_type": "image/jpeg", "data": TEXT}}, "png"),
        ({"source": {"media_type": "text/plain", "data": "QUJD" * 2000}}, "txt"),
        ({"inlineData": {"mimeType": "audio/mpeg", "data": "QUJD" * 2000}}, "mp3"),
        ({"inline_data": {"data": "QUJ_" * 2000}}, "bin"),
        ({"file": {"file_data": f"data:application/pdf;base64,{TEXT}"}}, "pdf"),
        ({"input_audio": {"data": "QUJD" * 2000, "format": "wav"}}, "bin"),
        ({"data": [{"b64_json": TEXT}]}, "png"),
        ({"type": "image_generation_call", "result": TEXT}, "png"),
        ({"images": [TEXT]}, "png"),
        ({"embedding": [NOISE.random() for _ in range(500)]}, "json"),
        ({"embeddings": {"int8": [[NOISE.randrange(-128, 127) for _ in range(2000)]]}}, "json"),
        ({"url": "data:text/x;charset=UTF-8;base64," + "QUJD" * 2000}, "bin"),
        ({"parts": [{"text": "hm", "thoughtSignature": "QUJD" * 2000}]}, "bin"),
        ({"type": "reasoning", "encrypted_content": "gAA_" * 2000, "summary": []}, "bin"),
    ],
)
def test_media_of_every_format_go_to_a_file(value: Json, ending: str) -> None:
    """Pictures, sound, documents and vectors, wherever an API puts them; each comes back."""
    extractor = MediaExtractor(apart=True)
    told = extractor.value(value)
    (name,) = extractor.files
    assert ending == name.rpartition(".")[2]
    assert len(json.dumps(told)) < 500
    assert json.dumps(value) == json.dumps(back(value))


@pytest.mark.parametrize(
    "value",
    [
        {"content": "a" * 5000},
        {"content": TEXT},
        {"data": TEXT[: LARGE - 8]},
        {"data": TEXT[:5000] + "\n" + TEXT[5000:]},
        {"data": ("QUJD" * 2000) + "Q"},
        {"data": ("QUJD" * 2000) + "QR=="},
        {"url": "https://x.example/" + "a" * 5000},
        {"url": "data:text/plain," + "a" * 5000},
        {"url": "DATA:image/png;base64," + TEXT},
        {"url": "data:image/png;base64," + TEXT[:-1] + "!"},
        {"tokens": [1, 2, 3]},
        {"flags": [True] * 5000},
        {"words": ["a"] * 5000},
    ],
)
def test_everything_else_stays_in_the_cassette(value: Json) -> None:
    """Words, small media, and base64 that encoding again would spell otherwise."""
    extractor = MediaExtractor(apart=True)
    assert value == extractor.value(value)
    assert {} == extractor.files


OBJECTS = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=3), st.just(TEXT)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.sampled_from(["$file", "is", "as", "data", "size"]), inner, max_size=3),
    ),
    max_leaves=12,
)


@given(value=OBJECTS)
def test_no_object_of_an_application_is_taken_for_a_reference(value: Any) -> None:
    """Whatever keys a body has, it comes back as it was."""
    assert value == back(value)


def test_look_alikes_come_back_from_a_file(tmp_path: Path) -> None:
    """Also where the quick reader plays an answer, and where nothing goes to files."""
    body: Json = {"id": "c", "choices": [], "mine": {"$file": "x", "as": [1]}}
    came = HttpResponse(status=200, body=JsonBody(value=body))
    path = tmp_path / "x.yaml"
    written(path, event(came=came))
    cassette = Cassette.load(path)
    assert cassette.plain_answer(0) is None
    assert came == cassette.events[0].exchange.response
    assert [] == files_of(path)


def test_events_that_share_a_picture_share_its_file(tmp_path: Path) -> None:
    """Told by `like`, renumbered or kept byte for byte: the file stays as long as one needs it."""
    shown: Json = {"role": "user", "content": [{"type": "x", "data": TEXT}]}
    more: Json = {"role": "user", "content": "And now?"}
    first = event(1, sent=request({"model": "m", "messages": [shown]}))
    second = event(2, sent=request({"model": "m", "messages": [shown, more]}))
    path = tmp_path / "x.yaml"
    written(path, first, second)
    assert 1 == len(files_of(path))
    assert 1 == path.read_text(encoding="utf-8").count("$file")
    cassette = Cassette.load(path)
    assert [first, second] == list(cassette.events)
    only = Draft(Header(), path=path)
    only.keep(cassette.document(1), number=1)
    assert write_draft(only, root=tmp_path, redactor=Redactor())
    assert 1 == len(files_of(path))
    cassette = Cassette.load(path)
    assert [replace(second, number=1)] == list(cassette.events)
    kept = Draft(Header(), path=path)
    kept.keep(cassette.document(0))
    kept.add(event(2))
    assert write_draft(kept, root=tmp_path, redactor=Redactor())
    assert 1 == len(files_of(path))
    written(path, event(1))
    assert [] == files_of(path)
    assert not folder_of(path).exists()


def test_accepted_answers_have_their_files(tmp_path: Path) -> None:
    """A picture that another target drew is kept as the recorded one is."""
    drawn: Json = {"created": 1, "data": [{"b64_json": TEXT}]}
    accepted = Accepted(
        number=1,
        target="openai/x",
        key="k",
        provider="openai",
        api="other",
        model="x",
        response=HttpResponse(status=200, body=JsonBody(value=drawn)),
    )
    path = tmp_path / "x.yaml"
    written(path, event(), accepted=accepted)
    (read,) = Cassette.load(path).accepted_documents()
    assert accepted == read.accepted
    again = Draft(Header(), path=path)
    again.add(event(), f"r1:{1:016x}")
    again.accept(read)
    assert not write_draft(again, root=tmp_path, redactor=Redactor())
    (folder_of(path) / files_of(path)[0]).unlink()
    (read,) = Cassette.load(path).accepted_documents()
    with pytest.raises(CassetteDamaged, match=r"x\.yaml:\d+: response\.body\.data\.0\.b64_json"):
        read.accepted  # noqa: B018  # reading it is what fails


def test_a_missing_file_is_written_again(tmp_path: Path) -> None:
    """Recording the same once more repairs what was lost, though the cassette stays the same."""
    came = HttpResponse(status=200, body=BinaryBody(data=PNG))
    path = tmp_path / "x.yaml"
    draft = written(path, event(came=came))
    assert not write_draft(draft, root=tmp_path, redactor=Redactor())
    (folder_of(path) / files_of(path)[0]).unlink()
    assert write_draft(draft, root=tmp_path, redactor=Redactor())
    assert came == Cassette.load(path).events[0].exchange.response


def test_writers_of_the_same_content_do_not_clash(tmp_path: Path) -> None:
    """Each writes a file of its own and renames it; what is there is whole at any time."""
    path = tmp_path / "x.yaml"
    files = {f"{number:016x}.bin": NOISE.randbytes(50_000) for number in range(8)}
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: write_files(path, files, root=tmp_path), range(8)))
    assert sorted(files) == files_of(path)
    (folder_of(path) / "notes.txt").write_text("a person's own")
    drop_unused(path, frozenset(list(files)[:1]))
    assert [next(iter(files)), "notes.txt"] == files_of(path)
    drop_unused(path)
    assert ["notes.txt"] == files_of(path)


def test_a_folder_that_is_a_link_is_no_place_to_write(tmp_path: Path) -> None:
    """Nothing is written where a link leads, nor removed there; the cassette stays away too."""
    (tmp_path / "else").mkdir()
    path = tmp_path / "x.yaml"
    folder_of(path).symlink_to(tmp_path / "else")
    with pytest.raises(CassetteError, match=r"x\.files: is a link"):
        written(path, event(came=HttpResponse(status=200, body=BinaryBody(data=PNG))))
    assert [] == list((tmp_path / "else").iterdir())
    assert not path.exists()
    (tmp_path / "else" / f"{0:016x}.bin").write_bytes(b"")
    drop_unused(path)
    assert 1 == len(list((tmp_path / "else").iterdir()))


def test_files_of_an_event_are_limited_together(tmp_path: Path) -> None:
    """Ten thousand references to one file do not fill the memory."""
    size = 40_000_000
    digest = hashlib.sha256(bytes(size)).hexdigest()
    name = f"{digest[:16]}.bin"
    (tmp_path / name).touch()
    os.truncate(tmp_path / name, size)
    reference: Json = {"$file": name, "size": size, "sha256": digest}
    with pytest.raises(WrongField, match=r"^request\.body\.1\.size: .* larger than 64 MiB"):
        resolved({"body": [reference] * 2}, "request", SideFiles(tmp_path))


def test_secrets_in_words_are_found_and_chance_in_pictures_is_not(tmp_path: Path) -> None:
    """A document is looked through before it is written; a picture holds no words."""
    path = tmp_path / "x.yaml"
    document = b"the key is sk-proj-abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGH\n" * 80
    url = "data:text/plain;base64," + base64.b64encode(document).decode()
    sent = request({"model": "m", "url": url})
    with pytest.raises(SecretFound, match=r"^[0-9a-f]{16}\.txt: not written: line 1 "):
        written(path, event(sent=sent))
    assert not path.exists()
    assert [] == files_of(path)
    written(path, event(came=HttpResponse(status=200, body=BinaryBody(data=PNG + KEY_LIKE))))
    assert 1 == len(files_of(path))


def test_redaction_leaves_media_alone() -> None:
    """What looks like a phone number or a key in a picture would break it; words are redacted."""
    redactor = Redactor(["phone"])
    picture = base64.b64encode(PNG).decode()[:-8] + "AIza" + "x" * 4
    body: Json = {"data": picture, "images": [picture], "text": "call +1 415 555 2671"}
    clean = redactor.json(body)
    assert isinstance(clean, dict)
    assert (picture, [picture]) == (clean["data"], clean["images"])
    assert "555" not in str(clean["text"])
    bytes_of_it = BinaryBody(data=PNG + b" +1 415 555 2671 ")
    assert bytes_of_it is redactor.body(bytes_of_it)


def test_the_line_of_a_call_is_scanned_without_its_media() -> None:
    """Chance in a picture fails no recording; a secret beside it does."""
    secret = b"AKIA" + b"Q2W3E4R5T6Y7U8I9"
    Redactor().check_line(b'{"data": "' + b"A" * 5000 + b"+" + secret + b'"}')
    with pytest.raises(SecretFound):
        Redactor().check_line(b'{"data": "' + b"A" * 5000 + b'", "text": "' + secret + b'"}')


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (PNG, "image/png"),
        (b"\xff\xd8\xff\xe0", "image/jpeg"),
        (b"RIFF\x00\x00\x00\x00WAVE", "audio/wav"),
        (b"RIFF\x00\x00\x00\x00WEBP", "image/webp"),
        (b"\x00\x00\x00\x18ftypmp42", "video/mp4"),
        (b"%PDF-1.7", "application/pdf"),
        (b"hello", None),
    ],
)
def test_first_bytes_tell_what_a_file_is(data: bytes, kind: str | None) -> None:
    """Where the body does not say it."""
    assert kind == sniffed(data)
    assert is_readable(kind, data) == (kind is None)


def test_only_real_pictures_are_not_read() -> None:
    """A text that is called a picture, and a drawing made of text, may hold words."""
    assert is_readable("image/png", b"sk-123")
    assert is_readable("image/svg+xml", b"<svg/>")
    assert is_readable("text/plain", PNG)
    assert ("svg", "bin", "bin") == (
        ending_of("image/svg+xml"),
        ending_of("../x"),
        ending_of(None),
    )


def test_an_answer_without_media_needs_no_folder(tmp_path: Path) -> None:
    """Cassettes of words are one file, as ever."""
    path = tmp_path / "x.yaml"
    written(path, event(came=answer("It costs $5.")))
    assert [path] == list(tmp_path.iterdir())
    assert Cassette.load(path).plain_answer(0) is not None
