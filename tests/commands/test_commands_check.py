"""`pytest-llmreplay check` names what is wrong with cassettes, and mends what it can."""

from __future__ import annotations

import base64
import fcntl
import hashlib
import json
import resource
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from made_cassettes import cassette, event
from shell import command

from pytest_llmreplay.cassette.cassette import Cassette
from pytest_llmreplay.cassette.matching.keys import MatchRules, key_of_stored
from pytest_llmreplay.cassette.redaction.redactor import Redactor
from pytest_llmreplay.cassette.redaction.secret_scan import hash_of
from pytest_llmreplay.cli import main

ROOT = Path(__file__).parents[2]
CONFORMANCE = ROOT / "tests" / "cassette" / "conformance"
SECRET = "sk-proj-" + "a1B2c3D4e5F6" * 4
TEST = "tests/test_app.py::test_it"

Check = Callable[..., tuple[int, list[str]]]


@pytest.fixture
def check(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Check:
    """Run the command in a project with one test; its exit code and its lines."""
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "test_app.py").write_text("def test_it(): pass\n")
    monkeypatch.chdir(tmp_path)

    def run(*words: str) -> tuple[int, list[str]]:
        code = main(["check", *words])
        said = capsys.readouterr()
        return code, [*said.out.splitlines(), *said.err.splitlines()]

    return run


def keep(text: str, name: str = "test_it", project: Path | None = None) -> Path:
    """Put a cassette, with its keys up to date, where its test expects it."""
    path = (project or Path.cwd()) / "cassettes" / "tests" / "test_app" / f"{name}.yaml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def sound(**more: Any) -> str:
    """A cassette of one event whose key is that of its request."""
    text = cassette(event(**more))
    request = Cassette.of(text.encode(), path=Path("it.yaml")).events[0].exchange.request
    key = key_of_stored(request, MatchRules(), Redactor())
    return text.replace(f"r1:{1:016x}", f"r1:{key}")


def test_the_demo_is_sound() -> None:
    """Everything that is shipped passes, from the shell and without a path."""
    done = command("check", cwd=ROOT)
    assert (0, "6 cassettes, 30 events: all is well\n", "") == (
        done.returncode,
        done.stdout,
        done.stderr,
    )


def test_every_kind_of_damage_has_its_line(check: Check, tmp_path: Path) -> None:
    """Each invalid cassette of the format's contract is told with the words that it has there."""
    root = tmp_path / "cassettes"
    shutil.copytree(CONFORMANCE / "invalid", root)
    code, lines = check("--json")
    assert 1 == code
    found = {
        Path(one["path"]).name: f"{one['line']}: {one['problem']}"
        for one in json.loads("\n".join(lines))["findings"]
        if one["kind"] == "damaged"
    }
    assert {path.name for path in root.glob("*.yaml")} == set(found)
    shown = (CONFORMANCE / "invalid" / "messages.txt").read_text(encoding="utf-8")
    assert "12: respnse: unknown key; did you mean 'response'?" == found["unknown-key.yaml"]
    assert found["unknown-key.yaml"].partition(": ")[2] in shown


def test_damage_does_not_hide_what_follows(check: Check) -> None:
    """Each broken event of a cassette is told, and one that is sound is not."""
    broken = event(2).replace("status: 200", "status: fine")
    path = keep(sound() + broken + event(3).replace("provider:", "provder:"))
    code, lines = check()
    assert 1 == code
    place = path.relative_to(Path.cwd())
    assert [
        f"{place}:30: damaged: response.status: expected a whole number, found 'fine'",
        f"{place}:37: damaged: provder: unknown key; did you mean 'provider'?",
        "1 cassette, 3 events: 2 damaged",
    ] == lines


def test_words_that_read_as_a_short_name_are_no_damage(check: Check) -> None:
    """A model may say what stands for a time elsewhere."""
    keep(sound(says="created#1"))
    assert (0, ["1 cassette, 1 event: all is well"]) == check()


def test_an_answer_that_disagrees_with_its_stream(check: Check) -> None:
    """What a reviewer reads is what is played, else it is damage."""
    source = CONFORMANCE / "invalid" / "answer-hides-a-tool-call.yaml"
    keep(source.read_text(encoding="utf-8"))
    code, lines = check()
    assert 1 == code
    assert "damaged: answer.0: `answer` of event 1 tells {'text': 'ok'}, but its" in lines[0]


def test_checks_that_nobody_understands(check: Check) -> None:
    """A check of the header or of an event is read too; the message points at the character."""
    keep(cassette(event(checks=["tokens<=x"]), checks=["txt"]))
    code, lines = check()
    assert 1 == code
    assert "cassettes/tests/test_app/test_it.yaml:1: check: checks: unknown check 'txt'" in lines[0]
    assert lines[0].endswith("did you mean 'text'?")
    assert "test_it.yaml:4: check: checks: " in "\n".join(lines)


def test_checks_that_refer_to_the_project(check: Check, tmp_path: Path) -> None:
    """A schema file of the project is found, and a check of a hook may well be one."""
    (tmp_path / "answer.json").write_text('{"type": "object"}')
    keep(sound(checks=["schema:answer.json", "polite:please"]))
    assert (0, ["1 cassette, 1 event: all is well"]) == check()


def test_an_open_quote_in_the_ini_file(check: Check, tmp_path: Path) -> None:
    """One line that names file and key."""
    (tmp_path / "pytest.ini").write_text("[pytest]\nllm_redact_allow = 'open\n")
    keep(sound())
    code, lines = check()
    assert (2, 1) == (code, len(lines))
    assert lines[0].endswith("pytest.ini: llm_redact_allow: no closing quotation")


def test_a_secret_is_named_by_place_and_never_shown(check: Check, tmp_path: Path) -> None:
    """A hand edit that put a key into a cassette is found; a false alarm is allowed by hash."""
    keep(sound(says=f"Use {SECRET}."))
    code, lines = check()
    assert 1 == code
    assert "test_it.yaml:16: secret: response.body: what looks like a secret (api key)" in lines[0]
    assert not any(SECRET in line for line in lines)
    (tmp_path / "pytest.ini").write_text(f"[pytest]\nllm_redact_allow = {hash_of(SECRET)}\n")
    assert (0, ["1 cassette, 1 event: all is well"]) == check()


def test_a_secret_beside_a_cassette(check: Check) -> None:
    """Files that may hold words are searched as well; pictures are not."""
    path = keep(sound())
    folder = path.with_name("test_it.files")
    folder.mkdir()
    (folder / "0123456789abcdef.txt").write_text(f"key: {SECRET}\n")
    (folder / "0123456789abcdef.png").write_bytes(b"\x89PNG\r\n\x1a\n" + SECRET.encode())
    lines = check()[1]
    assert ["0123456789abcdef.txt:1: secret: key"] == [
        line.partition(": what")[0].rpartition("/")[2] for line in lines if ": secret: " in line
    ]


@pytest.mark.parametrize(
    ("character", "name"),
    [
        ("\u202e", "U+202E RIGHT-TO-LEFT OVERRIDE"),
        ("\u200b", "U+200B ZERO WIDTH SPACE"),
        ("\U000e0041", "U+E0041 TAG LATIN CAPITAL LETTER A"),
    ],
)
def test_characters_that_nobody_sees(check: Check, character: str, name: str) -> None:
    """A raw one was put there by hand: it is named, with its field, and shown as an escape."""
    text = sound().replace('"content": "Hello."', f'"content": "Hel{character}lo."')
    keep(text)
    code, lines = check()
    assert 1 == code
    assert f"unseen character: response.body: raw {name}; take it out" in lines[0]
    assert character not in "".join(lines)


def test_escapes_and_flags_are_no_finding(check: Check) -> None:
    """What a recording writes as an escape shows, and the flag of Wales is spelled in tags."""
    wales = "\U0001f3f4\U000e0067\U000e0062\U000e0077\U000e006c\U000e0073\U000e007f"
    text = sound().replace('"content": "Hello."', f'"content": "{wales}\\u202e"')
    keep(text)
    assert (0, ["1 cassette, 1 event: all is well"]) == check()


TESTS = """
import pytest
from elsewhere import imported, Base

if True:
    def test_below_if(): pass

test_assigned = imported

class Own:
    def test_inherited(self): pass

class TestRefund(Own):
    def test_late(self): pass
    class TestInner:
        async def test_deep(self): pass

class TestForeign(Base):
    pass

@pytest.fixture(name="agent")
def _agent(): pass
"""


@pytest.mark.parametrize(
    "inner",
    [
        "test_below_if",
        "test_assigned[de]",
        "imported",
        "TestRefund::test_late[a::b]",
        "TestRefund::test_inherited",
        "TestRefund::TestInner::test_deep",
        "TestForeign::test_anything",
        "fixture.agent",
        "fixture.agent.teardown",
        "fixture.agent@test_refund.TestLate",
    ],
)
def test_a_test_that_is_there_is_found(check: Check, tmp_path: Path, inner: str) -> None:
    """The test file is read and not imported, and what it cannot tell counts as there."""
    (tmp_path / "tests" / "test_app.py").write_text(TESTS)
    keep(sound().replace(TEST, f"'tests/test_app.py::{inner}'"))
    assert (0, ["1 cassette, 1 event: all is well"]) == check()


@pytest.mark.parametrize(
    "makes",
    [
        "scenarios('refund.feature')",
        "pytest_bdd.scenarios('refund.feature')",
        "for name in NAMES:\n    globals()[f'test_{name}'] = make(name)",
        "setattr(TestRefund, 'test_made', make('made'))",
    ],
)
def test_a_test_that_a_call_makes_counts_as_there(check: Check, tmp_path: Path, makes: str) -> None:
    """Its name does not stand in the file; what a function calls makes no test."""
    for inner in ("test_made", "TestRefund::test_made"):
        keep(sound().replace(TEST, f"'tests/test_app.py::{inner}'"))
        (tmp_path / "tests" / "test_app.py").write_text(f"{TESTS}\n{makes}\n")
        assert (0, ["1 cassette, 1 event: all is well"]) == check()
        (tmp_path / "tests" / "test_app.py").write_text(
            f"{TESTS}\ndef helper(): setattr(a, b, c)\n"
        )
        assert 1 == check()[0]


@pytest.mark.parametrize("inner", ["test_app", "tests.test_app.Refund.late", "test_app.late[0]"])
def test_a_doctest_is_there(check: Check, tmp_path: Path, inner: str) -> None:
    """It is called after what it describes, as code imports that."""
    (tmp_path / "tests" / "test_app.py").write_text('"""An app.\n\n>>> late()\n"""\n')
    keep(sound().replace(TEST, f"'tests/test_app.py::{inner}'"))
    assert (0, ["1 cassette, 1 event: all is well"]) == check()


@pytest.mark.parametrize(
    ("test", "gone"),
    [
        ("tests/test_app.py::test_gone[de]", "test_gone"),
        ("tests/test_app.py::test_app", "test_app"),
        ("tests/test_app.py::TestRefund::test_gone", "TestRefund::test_gone"),
        ("tests/test_app.py::TestGone::test_late", "TestGone"),
        ("tests/test_app.py::fixture.gone", "gone"),
        ("tests/test_gone.py::test_it", "tests/test_gone.py"),
        ("../../../../etc/passwd::root", "../../../../etc/passwd"),
    ],
)
def test_an_orphan_names_what_is_gone(check: Check, tmp_path: Path, test: str, gone: str) -> None:
    """A cassette whose test was renamed or deleted is named; a path never leads out."""
    (tmp_path / "tests" / "test_app.py").write_text(TESTS)
    keep(sound().replace(TEST, f"'{test}'"))
    code, lines = check()
    assert 1 == code
    assert f"test_it.yaml:1: orphan: test: {gone} is gone, and with it" in lines[0]


def test_a_test_file_that_python_cannot_read(check: Check, tmp_path: Path) -> None:
    """Nothing is said of the tests in a file that nobody can parse."""
    (tmp_path / "tests" / "test_app.py").write_text("def broken(:\n")
    keep(sound())
    assert (0, ["1 cassette, 1 event: all is well"]) == check()


def test_without_a_config_file(check: Check, tmp_path: Path) -> None:
    """The project is then what holds the directory of the cassettes."""
    (tmp_path / "pytest.ini").unlink()
    keep(sound().replace("test_it\n", "test_gone\n"))
    assert "orphan" in check()[1][0]


def test_an_ini_file_that_is_none(check: Check, tmp_path: Path) -> None:
    """What it was meant to say is not guessed."""
    (tmp_path / "pytest.ini").write_text("[pytest\n")
    keep(sound())
    code, lines = check()
    assert 2 == code
    assert "pytest.ini: cannot be read: " in lines[0]
    (tmp_path / "pytest.ini").write_bytes(b"[pytest]\nllm_checks = caf\xe9\n")
    assert check()[1][0].endswith("pytest.ini: is not UTF-8: byte 26 is no text")


def test_fix_writes_keys_anew(check: Check) -> None:
    """Only the key lines change, and the cassette plays as before."""
    path = keep(cassette(event(1), event(2, asks="Bye")))
    before = path.read_bytes()
    code, lines = check()
    assert 1 == code
    assert "test_it.yaml:3: outdated key: 2 of 2 keys, this one first" in lines[0]
    assert before == path.read_bytes()
    code, lines = check("--fix")
    assert (0, "1 cassette, 2 events: 1 mended") == (code, lines[-1])
    assert "mended, outdated key" in lines[0]
    changed = [
        (then, now)
        for then, now in zip(before.splitlines(), path.read_bytes().splitlines(), strict=True)
        if then != now
    ]
    assert [b"--- # key r1:0000000000000001", b"--- # key r1:0000000000000002"] == [
        then for then, _ in changed
    ]
    assert (0, ["1 cassette, 2 events: all is well"]) == check()
    assert ["Say hello", "Bye"] == [
        event.request.messages[0].parts[0].content for event in Cassette.load(path).events
    ]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("pytest.ini", "[pytest]\nllm_match_ignore =\n    model\n"),
        ("tox.ini", "[pytest]\nllm_match_ignore = model\n"),
        ("setup.cfg", "[tool:pytest]\nllm_match_ignore = model\n"),
        ("pyproject.toml", "[tool.pytest.ini_options]\nllm_match_ignore = ['model']\n"),
        ("pyproject.toml", "[tool.pytest]\nllm_match_ignore = ['model']\n"),
        ("pytest.toml", "[pytest]\nllm_match_ignore = ['model']\n"),
    ],
)
def test_rules_come_from_the_ini_file(check: Check, tmp_path: Path, name: str, text: str) -> None:
    """A rule that the project declares puts keys out of date, wherever pytest reads it from."""
    (tmp_path / "pytest.ini").unlink()
    (tmp_path / name).write_text(text)
    path = keep(sound())
    assert "outdated key: 1 of 1 keys" in check()[1][0]
    check("--fix")
    assert b"--- # key r1-" in path.read_bytes()


def test_rules_of_a_marker_are_left_alone(check: Check, tmp_path: Path) -> None:
    """A key that a marker's `match_ignore` made cannot be judged without a run of the test."""
    (tmp_path / "tests" / "test_app.py").write_text(
        "@pytest.mark.llm_cassette(match_ignore=['user'])\ndef test_it(): pass\n"
    )
    keep(sound().replace("key r1:", "key r1-abc123:"))
    assert (0, ["1 cassette, 1 event: all is well"]) == check()
    (tmp_path / "tests" / "test_app.py").write_text("def test_it(): pass\n")
    assert "outdated key" in check()[1][0]


def picture(data: bytes) -> tuple[str, str]:
    """The name of a file beside a cassette, and how a body refers to it."""
    digest = hashlib.sha256(data).hexdigest()
    name = f"{digest[:16]}.png"
    return name, json.dumps({"$file": name, "as": "base64", "size": len(data), "sha256": digest})


def test_files_that_nothing_refers_to(check: Check) -> None:
    """They are listed one by one, removed by --fix, and nothing else is."""
    data = base64.b64decode("iVBORw0KGgo=")
    name, reference = picture(data)
    path = keep(cassette(event()).replace('"Say hello"', f'"Say hello", "picture": {reference}'))
    folder = path.with_name("test_it.files")
    folder.mkdir()
    for file in (name, "00112233445566aa.png", "notes.txt"):
        (folder / file).write_bytes(data)
    code, lines = check()
    assert 1 == code
    place = "cassettes/tests/test_app/test_it.files/00112233445566aa.png"
    assert f"{place}: unused file: test_it.yaml does not refer to it; --fix mends it" in lines
    assert f"{place}: mended, unused file: " in "\n".join(check("--fix")[1])
    assert {name, "notes.txt"} == {file.name for file in folder.iterdir()}
    assert (0, ["1 cassette, 1 event: all is well"]) == check()


def test_fix_leaves_a_damaged_cassette_as_it_is(check: Check) -> None:
    """What a torn cassette no longer names may be in the part that is gone."""
    path = keep(cassette(event()) + "--- # key r1:0000000000000002\nevent: 2\n")
    file = path.with_name("test_it.files") / "00112233445566aa.png"
    file.parent.mkdir()
    file.write_bytes(b"x")
    before = path.read_bytes()
    assert 1 == check("--fix")[0]
    assert (before, True) == (path.read_bytes(), file.exists())


def test_what_a_fix_cannot_write(check: Check) -> None:
    """A full disk leaves the cassette as it was; the reason is said and the code is 1."""
    path = keep(cassette(event()))
    before, limits = path.read_bytes(), resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10, limits[1]))
    try:
        code, lines = check("--fix")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert (1, before, [path]) == (code, path.read_bytes(), list(path.parent.iterdir()))
    assert "test_it.yaml: not mended: cannot be written: File too large" in lines[0]
    assert "1 cassette, 1 event: 1 not mended, 1 outdated key" == lines[-1]


def test_a_link_is_not_followed(check: Check, tmp_path: Path) -> None:
    """What a link in a pull request points at is neither read nor written."""
    path = keep(sound(says=f"Use {SECRET}."))
    path.rename(tmp_path / "outside.yaml")
    path.symlink_to(tmp_path / "outside.yaml")
    code, lines = check("--fix")
    assert (1, 2) == (code, len(lines))
    assert "test_it.yaml: damaged: is a link; a cassette is a plain file" in lines[0]


def test_what_killed_runs_left(check: Check, tmp_path: Path) -> None:
    """Kept calls, files of a cassette that is gone and half-written files are named."""
    path = keep(sound())
    partial = tmp_path / ".llmreplay" / "partial" / "tests" / "test_app" / "test_it.jsonl"
    partial.parent.mkdir(parents=True)
    head = json.dumps({"partial": 1, "test": TEST})
    partial.write_text(f"{head}\n" + '{"request": {}}\n')
    gone = path.with_name("test_gone.files")
    gone.mkdir()
    (gone / "00112233445566aa.png").write_bytes(b"x")
    path.with_name(".0123456789abcdef.tmp").write_text("half")
    code, lines = check()
    assert 1 == code
    shown = "\n".join(lines)
    assert "test_app/test_gone.files: unused file: the cassette that it belongs to is gone" in shown
    assert ".0123456789abcdef.tmp: unused file: a run was killed while it wrote this" in shown
    assert "partial file: .llmreplay/partial/tests/test_app/test_it.jsonl holds 1 call" in shown
    assert f"`pytest {TEST} --llm-record` plays what was answered before it pays again" in shown
    with partial.open() as living:
        fcntl.flock(living, fcntl.LOCK_EX)
        assert "partial file" not in "\n".join(check()[1])


def test_what_was_kept_in_the_project_of_a_package_is_told(check: Check, tmp_path: Path) -> None:
    """With the command that takes it over, as it is typed here."""
    package = tmp_path / "package"
    keep(sound(), project=package)
    (package / "pyproject.toml").touch()
    partial = package / ".llmreplay" / "partial" / "test_it.jsonl"
    partial.parent.mkdir(parents=True)
    partial.write_text(json.dumps({"partial": 1, "test": TEST}) + '\n{"request": {}}\n')
    shown = "\n".join(check()[1])
    assert "partial file: package/.llmreplay/partial/test_it.jsonl holds 1 call" in shown
    assert f"`pytest package/{TEST} --llm-record` plays what was answered" in shown


def test_json(check: Check) -> None:
    """Everything that is shown, with the path as people type it."""
    keep(cassette(event()))
    code, lines = check("--json")
    report = json.loads("\n".join(lines))
    assert (1, 1, 1) == (code, report["cassettes"], report["events"])
    assert {
        "kind": "outdated key",
        "path": "cassettes/tests/test_app/test_it.yaml",
        "line": 3,
        "place": None,
        "problem": report["findings"][0]["problem"],
        "fixable": True,
        "mended": False,
    } == report["findings"][0]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["nowhere"], "nowhere: no such file or directory"),
        (["tests"], "no cassette is below it"),
        ([], "no directory 'cassettes' of recordings below"),
    ],
)
def test_wrong_use(check: Check, words: list[str], said: str) -> None:
    """One line, and exit code 2."""
    code, lines = check(*words)
    assert (2, 1) == (code, len(lines))
    assert said in lines[0]


def test_a_directory_of_an_import_is_meant_with_what_is_deeper_inside(
    check: Check, tmp_path: Path
) -> None:
    """As a directory of another tool's cassettes was imported with its folders."""
    path = tmp_path / "imported/deep/one.yaml"
    path.parent.mkdir(parents=True)
    path.write_text(sound())
    assert (0, ["1 cassette, 1 event: all is well"]) == check("imported")


def test_paths_mean_what_they_hold(check: Check, tmp_path: Path) -> None:
    """A cassette, a folder inside the cassettes and one above them; others' files are left out."""
    path = keep(sound())
    keep(sound(), "test_other")
    keep("interactions:\n- {}\nversion: 1\n", "vcr")
    assert "1 cassette, 1 event: all is well" == check(str(path))[1][-1]
    assert "2 cassettes, 2 events: all is well" == check(str(path.parent), str(path))[1][-1]
    assert "2 cassettes, 2 events: all is well" == check(str(tmp_path))[1][-1]


def test_a_root_may_be_an_absolute_path(check: Check, tmp_path: Path) -> None:
    """As pytest takes it."""
    keep(sound())
    (tmp_path / "pytest.ini").write_text(f"[pytest]\nllm_cassettes = {tmp_path / 'cassettes'}\n")
    assert (0, ["1 cassette, 1 event: all is well"]) == check()


def test_but_none_outside_of_the_project(check: Check, tmp_path: Path) -> None:
    """Nothing is recorded there."""
    (tmp_path / "pytest.ini").write_text("[pytest]\nllm_cassettes = /elsewhere\n")
    code, lines = check()
    assert (2, 1) == (code, len(lines))
    assert lines[0].startswith("pytest-llmreplay: llm_cassettes: '/elsewhere' leads out of ")


def test_cassettes_that_are_one_file_where_case_does_not_count(
    check: Check, tmp_path: Path
) -> None:
    """Told once for the two; folders alone are no matter."""
    capital = tmp_path / "cassettes/Tests/test_app/test_it.yaml"
    for path in (keep(sound()), capital, capital.with_name("test_else.yaml")):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(sound())
    code, lines = check()
    assert (1, "3 cassettes, 3 events: 1 same file") == (code, lines[-1])
    assert lines[0].startswith(
        "cassettes/Tests/test_app/test_it.yaml: same file: is one file with "
        "cassettes/tests/test_app/test_it.yaml where case does not count"
    )


def test_hostile_text_is_shown_as_text(check: Check) -> None:
    """A message that quotes a cassette moves no cursor and commands no runner."""
    keep(cassette(event(api="\x1b]0;x\x07")).replace("status: 200", 'status: "##[error]\\e[2J"'))
    shown = "\n".join(check()[1])
    assert "\x1b" not in shown
    assert "##[" not in shown


def test_a_cassette_of_another_tool_is_named_and_no_finding(check: Check, tmp_path: Path) -> None:
    """It may lie beside ours; in the place of one, playback refuses it."""
    path = keep(sound())
    path.with_name("test_other.yaml").write_text("interactions: []\nversion: 1\n")
    code, lines = check()
    other = "cassettes/tests/test_app/test_other.yaml"
    assert (0, f"{other}: left alone: begins as a cassette of another tool") == (code, lines[0])
    assert "1 cassette, 1 event: all is well" == lines[1]
    path.with_name("test_third.yml").write_text("http_interactions: []\n")
    assert f"{other} and 1 more: left alone: " in check()[1][0]
    told = json.loads("\n".join(check("--json")[1]))
    assert [other, other.replace("other.yaml", "third.yml")] == told["left_alone"]
