"""`pytest-llmreplay import`: what is asked first, what is written where, what is said."""

from __future__ import annotations

import os
import pty
import re
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from importing import ANSWER, QUESTION, Importing, lines
from shell import COMMAND, environment, inside
from unwritable import as_any_user, read_only, small_disk

from pytest_llmreplay.event import TextPart
from pytest_llmreplay.importers.registry import SOURCES

KEEP = ("--redact", "none")
LOGS = sorted(name for name, source in SOURCES.items() if source.personal)


@pytest.fixture
def project(tmp_path: Path) -> Importing:
    """A project into which logs are imported."""
    return Importing(tmp_path)


def call(session: str | None = None, text: str = "Hello?", **more: Any) -> dict[str, Any]:
    """A line of the general form."""
    question = {**QUESTION, "messages": [{"role": "user", "content": text}]}
    told = {"request": question, "response": ANSWER, **more}
    return told if session is None else {**told, "session": session}


def asked(project: Importing, name: str) -> list[str]:
    """What the events of a cassette asked."""
    parts = [event.request.messages[-1].parts[0] for event in project.events(name)]
    return [part.content for part in parts if isinstance(part, TextPart)]


@pytest.mark.parametrize("source", LOGS)
def test_logs_of_production_are_not_imported_without_a_decision(
    project: Importing, source: str
) -> None:
    """Exit code 4, one line that says what to decide, and nothing is written."""
    project.file("calls.jsonl", lines(call()))
    done = project.run(source, "calls.jsonl")
    assert (4, "") == (done.returncode, done.stdout)
    expected = (
        f"pytest-llmreplay: import {source}: these logs may hold personal data; decide with "
        "--redact email,phone,iban,card,ip, or with --redact none to keep all\n"
    )
    assert expected == done.stderr
    assert ["calls.jsonl", "pytest.ini"] == sorted(path.name for path in project.path.iterdir())


def test_an_empty_rule_is_no_decision(project: Importing) -> None:
    """A variable of a shell that nobody set would keep all personal data."""
    project.file("calls.jsonl", lines(call()))
    done = project.run("jsonl", "calls.jsonl", "--redact", " ")
    assert 2 == done.returncode
    assert done.stderr.endswith("--redact: '' names no rule; to keep all, say --redact none\n")


def _fifo(path: Path) -> None:
    os.mkfifo(path)


@pytest.mark.parametrize("force", [(), ("--force",)], ids=["kept", "forced"])
@pytest.mark.parametrize("make", [Path.mkdir, _fifo], ids=["directory", "fifo"])
def test_what_is_no_file_in_the_place_of_a_cassette_is_told(
    project: Importing, make: Callable[[Path], None], force: tuple[str, ...]
) -> None:
    """Neither a traceback, nor a wait for whoever writes into a pipe."""
    project.file("calls.jsonl", lines({"request": QUESTION, "response": ANSWER}))
    (project.path / "out").mkdir()
    make(project.path / "out/calls.yaml")
    done = project.run("jsonl", "calls.jsonl", *KEEP, *force)
    assert 1 == done.returncode
    assert "calls.yaml: is no file; a cassette is written to plain files only\n" in done.stderr


def test_a_file_that_nobody_may_read_stays(project: Importing) -> None:
    """It could be anything."""
    project.file("calls.jsonl", lines({"request": QUESTION, "response": ANSWER}))
    kept = project.file("out/calls.yaml", "mine")
    kept.chmod(0)
    with as_any_user():
        done = project.run("jsonl", "calls.jsonl", *KEEP)
    kept.chmod(0o600)
    assert (1, "mine") == (done.returncode, kept.read_text())
    assert "is there already and holds something else; --force replaces it\n" in done.stderr


def test_personal_data_is_replaced_the_same_through_a_session(project: Importing) -> None:
    """In bodies, names, labels and the name of the file; sessions stay apart."""
    ada, bob = "ada@example.org", "bob@example.org"
    project.file(
        "calls.jsonl",
        lines(
            call(ada, f"I am {bob}, not {ada}.", prompt=f"for {bob}", labels={"who": ada}),
            call(bob, f"I am {ada}."),
            call(ada, f"I am {bob} still."),
        ),
    )
    project.good("jsonl", "calls.jsonl", "--redact", "email")
    for path in project.path.rglob("*"):
        if path.is_file() and path.name != "calls.jsonl":
            assert b"example.org" not in path.read_bytes(), path
    names = project.written()
    sessions = [project.events(f"out/{name}")[0].session for name in names]
    assert ["[EMAIL_1]", "[EMAIL_1]-2"] == sorted(f"{one and one.id}" for one in sessions)
    texts = sorted((asked(project, f"out/{name}") for name in names), key=len)
    assert ["I am [EMAIL_2]."] == texts[0]
    assert ["I am [EMAIL_2], not [EMAIL_1].", "I am [EMAIL_2] still."] == texts[1]


def test_sessions_that_a_log_mixes_have_a_cassette_each(project: Importing) -> None:
    """In the order of their moments where all have one, else in that of the log."""
    project.file(
        "calls.jsonl",
        lines(
            call("a", "third", at="2026-11-20T12:00:03Z"),
            call("b", "first"),
            call("a", "first", at="2026-11-20T13:00:01+01:00"),
            call(None, "alone"),
            call("b", "second", at="2026-11-20T12:00:00Z"),
            call("a", "second", at=1795176002),
        ),
    )
    told = project.good("jsonl", "calls.jsonl", *KEEP)
    assert "imported 6 calls into 3 cassettes in out\n" == told
    assert ["a.yaml", "b.yaml", "calls.yaml"] == project.written()
    assert ["first", "second", "third"] == asked(project, "out/a.yaml")
    assert ["first", "second"] == asked(project, "out/b.yaml")
    assert ["alone"] == asked(project, "out/calls.yaml")
    assert [] == list((project.path / ".llmreplay/imports").iterdir())


def test_a_session_may_go_through_several_files(project: Importing) -> None:
    """Exports come in pages; a call on two pages is one."""
    project.file("page-1.jsonl", lines(call("a", "one", id="1"), call("a", "two", id="2")))
    project.file("page-2.jsonl", lines(call("a", "two", id="2"), call("a", "three", id="3")))
    done = project.run("jsonl", "page-1.jsonl", "page-2.jsonl", *KEEP)
    assert "page-2.jsonl:1: has the id of page-1.jsonl:2; left out\n" == done.stderr
    assert ["one", "two", "three"] == asked(project, "out/a.yaml")


def test_what_is_too_much_for_one_cassette_goes_on_in_parts(project: Importing) -> None:
    """Each opens fast and holds at most 1,000 events."""
    project.file("calls.jsonl", lines(*(call(None, f"{n}") for n in range(1001))))
    told = project.good("jsonl", "calls.jsonl", *KEEP)
    assert "imported 1,001 calls into 2 cassettes in out\n" == told
    assert ["1000"] == asked(project, "out/calls.part-2.yaml")


def test_a_cassette_that_says_something_else_is_only_replaced_on_demand(
    project: Importing,
) -> None:
    """The same import again changes nothing, and says so."""
    project.file("calls.jsonl", lines(call(None, "one")))
    project.good("jsonl", "calls.jsonl", *KEEP)
    again = project.good("jsonl", "calls.jsonl", *KEEP)
    assert "imported 1 call into 1 cassette in out (1 unchanged)\n" == again
    project.file("calls.jsonl", lines(call(None, "two")))
    done = project.run("jsonl", "calls.jsonl", *KEEP)
    assert 1 == done.returncode
    said = "calls.yaml: is there already and holds something else; --force replaces it\n"
    assert done.stderr.endswith(said)
    assert ["one"] == asked(project, "out/calls.yaml")
    project.good("jsonl", "calls.jsonl", *KEEP, "--force")
    assert ["two"] == asked(project, "out/calls.yaml")


def test_a_session_called_like_a_part_of_another_has_a_cassette_of_its_own(
    project: Importing,
) -> None:
    """None of them is lost."""
    calls = [call("a", f"{n}") for n in range(1001)]
    project.file("calls.jsonl", lines(*calls, call("a.part-2", "mine")))
    told = project.good("jsonl", "calls.jsonl", *KEEP)
    assert "imported 1,002 calls into 3 cassettes in out\n" == told
    (own,) = {*project.written()} - {"a.yaml", "a.part-2.yaml"}
    assert ["mine"] == asked(project, f"out/{own}")


def test_what_is_redacted_is_found_by_the_rules_of_the_project(project: Importing) -> None:
    """`check` has nothing to say of an import, whatever was decided for it."""
    project.file("calls.jsonl", lines(call("ada@example.org", "I am ada@example.org.")))
    project.good("jsonl", "calls.jsonl", "--redact", "email")
    checked = inside("check", "out", cwd=project.path)
    assert "1 cassette, 1 event: all is well\n" == checked.stdout


def test_an_empty_file_is_told(project: Importing) -> None:
    """Exit code 1, with its name."""
    project.file("calls.jsonl", "\n \n")
    done = project.run("jsonl", "calls.jsonl", *KEEP)
    assert (1, "calls.jsonl: is empty\n") == (done.returncode, done.stderr)


def test_a_session_that_is_called_like_a_file_has_a_cassette_of_its_own(project: Importing) -> None:
    """The calls of the file that belong to no session are not mixed with it."""
    project.file("calls.jsonl", lines(call(None, "alone"), call("calls", "together")))
    project.good("jsonl", "calls.jsonl", *KEEP)
    assert ["alone"] == asked(project, "out/calls.yaml")
    assert ["together"] == asked(project, "out/session calls.yaml")


def test_files_of_one_name_keep_their_directories(project: Importing) -> None:
    """A directory is read whole, but for what is of another kind."""
    for folder in ("de", "fr/south"):
        project.file(f"logs/{folder}/calls.jsonl", lines(call(None, folder)))
    project.file("logs/readme.txt", "no log")
    project.good("jsonl", "logs", *KEEP)
    assert ["de/calls.yaml", "fr/south/calls.yaml"] == project.written()


def test_files_that_only_their_endings_tell_apart_keep_them(project: Importing) -> None:
    """None takes the place of another."""
    project.file("calls.jsonl", lines(call(None, "one")))
    project.file("calls.ndjson", lines(call(None, "two")))
    project.good("jsonl", "calls.jsonl", "calls.ndjson", "./calls.jsonl", *KEEP)
    assert ["one"] == asked(project, "out/calls.jsonl.yaml")
    assert ["two"] == asked(project, "out/calls.ndjson.yaml")


def test_without_a_word_cassettes_go_below_those_of_the_project(project: Importing) -> None:
    """A replay finds them there."""
    project.file("calls.jsonl", lines(call()))
    done = inside("import", "jsonl", "calls.jsonl", *KEEP, cwd=project.path)
    assert "imported 1 call into 1 cassette in cassettes/imported\n" == done.stdout
    assert (project.path / "cassettes/imported/calls.yaml").is_file()


MISSPELT = (
    "--redact: 'emial' is no kind of personal data (email, iban, card, phone, ip); did you mean "
    "'email'?"
)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("jsonl", "gone.jsonl", *KEEP), "gone.jsonl: there is no such file"),
        (("jsonl", ".", *KEEP), ".: holds no .jsonl or .ndjson file"),
        (
            ("jsonl", "pytest.ini", *KEEP, "-o", "pytest.ini/out"),
            "-o: 'pytest.ini/out' is no directory, and none can be made there",
        ),
        (
            ("jsonl", "pytest.ini", *KEEP, "-o", ""),
            "-o: '' is no directory, and none can be made there",
        ),
        (
            ("vcrpy", "pytest.ini", "--redact", "emial"),
            MISSPELT,
        ),
        (
            ("vcrpy", "pytest.ini", "--redact", "none", "--redact", "email"),
            "--redact: 'none' keeps all, so no other rule can stand beside it",
        ),
    ],
    ids=["missing", "empty", "place", "no place", "misspelt", "both"],
)
def test_wrong_use_is_one_line(project: Importing, words: tuple[str, ...], said: str) -> None:
    """Before anything is read."""
    done = project.run(*words)
    assert (2, f"pytest-llmreplay: {said}\n") == (done.returncode, done.stderr)


@pytest.mark.parametrize(
    ("likely", "record"),
    [
        ("langsmith", {"id": "a", "run_type": "llm"}),
        ("braintrust", {"span_attributes": {"type": "llm"}}),
        ("weave", {"op_name": "weave:///e/p/op/openai.chat.completions.create:d1"}),
        ("otel", {"resourceSpans": []}),
        ("otel", {"name": "chat", "context": {"span_id": "0x01"}, "attributes": {}}),
        ("otel", {"context.span_id": "01", "span_kind": "LLM", "status_code": "OK"}),
        ("openai-batch", {"custom_id": "a", "response": {"status_code": 200}}),
        ("opik", {"trace_id": "1", "type": "llm", "metadata": {"created_from": "openai"}}),
        ("openai-finetune", {"messages": [{"role": "user", "content": "?"}]}),
        ("openllm-monitor", {"_id": "1", "prompt": "?", "completion": "!", "isReplay": False}),
        ("jsonl", {"request": {"messages": []}, "response": {"text": "!"}}),
        ("vcrpy", {"interactions": [{"request": {"uri": "/"}, "response": {}}], "version": 1}),
        ("mlflow", {"data": {"spans": [{"attributes": {"mlflow.traceRequestId": "1"}}]}}),
    ],
)
def test_the_source_that_a_log_is_for_is_named(
    project: Importing, likely: str, record: dict[str, Any]
) -> None:
    """Where nothing of it was imported by the one that was chosen."""
    project.file("log.jsonl", lines(record))
    said = f"log.jsonl: looks like a log for 'import {likely}'\n"
    assert project.run("helicone", "log.jsonl", *KEEP).stderr.endswith(said)
    assert said not in project.run(likely, "log.jsonl", *KEEP).stderr


def test_no_source_is_named_for_a_batch_of_another_provider(project: Importing) -> None:
    """Anthropic's have ids of the same name."""
    project.file("log.jsonl", lines({"custom_id": "a", "params": {"messages": []}}))
    assert "looks like" not in project.run("helicone", "log.jsonl", *KEEP).stderr


def test_a_log_of_another_kind_does_not_flood_the_terminal(project: Importing) -> None:
    """The first lines are told, the others are counted."""
    project.file("calls.jsonl", lines({}) + "nonsense\n" * 102)
    done = project.run("jsonl", "calls.jsonl", *KEEP)
    assert 1 == done.returncode
    assert 101 == len(done.stderr.splitlines())
    assert "and 3 more that are not imported" == done.stderr.splitlines()[-1]


@pytest.mark.parametrize(
    ("file", "rules"),
    [
        ("pytest.ini", "[pytest]\nllm_redact = name: customer\n"),
        ("llmreplay.yaml", "redaction:\n- name: customer\n"),
    ],
)
def test_a_project_may_have_rules_of_its_own(project: Importing, file: str, rules: str) -> None:
    """They hold for imports, whatever is decided here; so do its exceptions."""
    project.file(file, rules)
    project.file("calls.jsonl", lines({**call(), "request": {**QUESTION, "customer": "Ada"}}))
    project.good("jsonl", "calls.jsonl", *KEEP)
    assert "Ada" not in (project.path / "out/calls.yaml").read_text()


def test_an_import_can_be_interrupted(project: Importing) -> None:
    """What is written stays, and is counted; one line says the rest."""
    for number in range(500):
        project.file(f"logs/{number:03}.jsonl", lines(call(None, f"{number}")))
    with subprocess.Popen(
        [*COMMAND, "import", "jsonl", "logs", *KEEP, "-o", "out"],
        cwd=project.path,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        while not (project.path / "out/001.yaml").exists() and process.poll() is None:
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        said, complained = process.communicate(timeout=60)
    assert (130, "pytest-llmreplay: interrupted\n") == (process.returncode, complained)
    assert re.fullmatch(r"imported [0-9]+ calls? into [0-9]+ cassettes? in out\n", said)
    assert ["0"] == asked(project, "out/000.yaml")


def test_a_killed_import_leaves_whole_cassettes_and_can_be_run_again(project: Importing) -> None:
    """Several are written at the same time; none of them is half there."""
    count = 500
    project.file("calls.jsonl", lines(*(call(f"s-{n:03}", f"{n}") for n in range(count))))
    words = ("import", "jsonl", "calls.jsonl", *KEEP, "-o", "out")
    with subprocess.Popen([*COMMAND, *words], cwd=project.path, env=environment()) as process:
        while len(project.written()) < count // 10 and process.poll() is None:
            time.sleep(0.01)
        process.kill()
    there = project.written()
    assert len(there) < count
    assert all(1 == len(project.events(f"out/{name}")) for name in there)
    assert f"({len(there)} unchanged)" in project.good("jsonl", "calls.jsonl", *KEEP)
    assert count == len(project.written())


def test_a_place_that_takes_no_cassette_is_one_line(project: Importing) -> None:
    """Neither one for each session, nor a traceback."""
    project.file("calls.jsonl", lines(*(call(f"s-{n}", f"{n}") for n in range(3))))
    (project.path / "out").mkdir()
    with read_only(project.path / "out"):
        done = project.run("jsonl", "calls.jsonl", *KEEP)
    assert (2, "pytest-llmreplay: -o: 'out' cannot be written to\n") == (
        done.returncode,
        done.stderr,
    )
    with small_disk(100):
        done = project.run("jsonl", "calls.jsonl", *KEEP)
    assert 2 == done.returncode
    assert done.stderr.endswith("cannot be written: File too large\n")
    assert 1 == len(done.stderr.splitlines())
    (project.path / "link").symlink_to("gone")
    for place in ("n" * 300, "pytest.ini", "link"):
        done = project.run("jsonl", "calls.jsonl", *KEEP, "-o", place)
        assert 2 == done.returncode
        assert f"-o: {place!r} is no directory, and none can be made there\n" in done.stderr


def test_a_disk_that_takes_some_cassettes_is_told_which_it_did_not(project: Importing) -> None:
    """By name and reason; the others are written, and the rest comes with the same import."""
    project.file("logs/large.jsonl", lines(call(None, "word " * 50_000)))
    for number in range(40):
        project.file(f"logs/{number}.jsonl", lines(call(None, f"{number}")))
    with small_disk(100_000):
        done = project.run("jsonl", "logs", *KEEP)
    assert 1 == done.returncode
    assert re.fullmatch(
        r"out/large.yaml: not written: \S+: cannot be written: File too large\n", done.stderr
    )
    assert "imported 40 calls into 40 cassettes in out; 1 not imported\n" == done.stdout
    assert [] == [*project.path.glob("out/.*")]
    again = project.good("jsonl", "logs", *KEEP)
    assert "imported 41 calls into 41 cassettes in out (40 unchanged)\n" == again


def test_a_terminal_sees_how_far_it_is(project: Importing) -> None:
    """One line, written over in place and gone at the end."""
    project.file("calls.jsonl", lines(*(call(None, f"{n}" * 400) for n in range(20)), {}))
    ours, theirs = pty.openpty()
    done = subprocess.run(
        [*COMMAND, "import", "jsonl", "calls.jsonl", *KEEP],
        cwd=project.path,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=theirs,
        timeout=60,
        check=False,
    )
    os.close(theirs)
    shown = os.read(ours, 100_000)
    os.close(ours)
    assert 1 == done.returncode
    assert b"\r\x1b[K" in shown
    assert b" % read, " in shown
    assert shown.endswith(b"\r\x1b[K")
