"""Damaged and hand-edited cassettes, in playback and recording: the old file is never lost."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from projects import Project
from servers.provider_server import says
from unwritable import read_only, small_disk

from pytest_llmreplay.cassette.partial.journal import Journal

ASK = """
    @pytest.mark.llm_cassette
    def test_it():
        print("SAID", chat("Say hello"))
"""
STREAM = """
    @pytest.mark.llm_cassette
    def test_it():
        print("SAID", "".join(stream("Say hello")))
"""


def recorded(project: Project, tests: str = ASK) -> str:
    """A project with a recorded test; the text of its cassette."""
    project.tests(tests)
    project.server.next(says("Hello there."))
    project.record().assert_outcomes(passed=1)
    return project.cassette().read_text()


DAMAGES: dict[str, tuple[Callable[[str], str], str]] = {
    "empty": (lambda _: "", "*is empty*"),
    "another file": (lambda _: "hello: world\n", "*no header*"),
    "header only": (lambda text: text.partition("\n--- ")[0] + "\n", "*no event*"),
    "truncated": (lambda text: text[: len(text) * 2 // 3], "*is torn*"),
    "newer": (lambda text: text.replace("cassette: 1", "cassette: 2"), "*upgrade it*"),
    "tag": (lambda text: text.replace("status: 200", "status: !!python/name:os 200"), "*:*tag*"),
    "alias": (lambda text: text.replace("status: 200", "status: &a 200"), "*:*anchor*"),
    "status": (lambda text: text.replace("status: 200", "status: fine"), "*status*'fine'*"),
    "created": (lambda text: re.sub(r"(created#1: )\d+", r"\1soon", text), "*:*seconds*'soon'*"),
    "duplicate key": (lambda text: text.replace("response:", "response: 1\nresponse:"), "*:*"),
    "conflict": (
        lambda text: f"<<<<<<< HEAD\n{text}=======\n{text}>>>>>>> other\n",
        "*conflict*",
    ),
}


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("arguments", [(), ("--llm-record",)], ids=["playback", "record"])
def test_damage_is_an_error_with_its_place(
    project: Project, damage: str, arguments: tuple[str, ...]
) -> None:
    """File, line where there is one, and what to do; nothing is asked or overwritten."""
    make, message = DAMAGES[damage]
    damaged = make(recorded(project))
    project.cassette().write_text(damaged)
    result = project.run(*arguments)
    assert pytest.ExitCode.TESTS_FAILED == result.ret
    result.stdout.fnmatch_lines([f"cassettes/tests/test_app/test_it.yaml{message}"])
    assert "Traceback" not in result.stdout.str()
    assert damaged == project.cassette().read_text()
    assert 1 == len(project.server.seen)


@pytest.mark.parametrize("arguments", [(), ("--llm-record",)], ids=["playback", "record"])
def test_a_directory_in_its_place(project: Project, arguments: tuple[str, ...]) -> None:
    """Said before anything is asked."""
    project.tests(ASK)
    project.cassette().mkdir(parents=True)
    result = project.run(*arguments)
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*test_it.yaml: expected a cassette, found a directory*"])
    assert [] == project.server.seen


def test_a_place_that_cannot_be_written_keeps_the_calls(project: Project) -> None:
    """A file where the directory should be: the test fails clearly, the calls are kept."""
    project.tests(ASK)
    project.write("cassettes", "a file")
    result = project.record()
    assert pytest.ExitCode.TESTS_FAILED == result.ret
    result.stdout.fnmatch_lines(["*test_it.yaml: cannot be written*", "*kept 1 call*"])
    (project.path / "cassettes").unlink()
    project.record().assert_outcomes(passed=1)
    assert 1 == len(project.server.seen)


def test_a_full_disk_loses_nothing_that_was_there(project: Project) -> None:
    """No space for the new cassette: the old one stays whole."""
    before = recorded(project)
    project.tests(ASK.replace("Say hello", "Say more " * 200))
    with small_disk(1000):
        result = project.record()
    assert pytest.ExitCode.TESTS_FAILED == result.ret
    assert before == project.cassette().read_text()
    assert "Traceback" not in result.stdout.str()


def test_nothing_more_is_paid_where_nothing_more_can_be_kept(project: Project) -> None:
    """A disk that is full from the second call on; the next recording plays the first."""
    project.tests(
        """
        @pytest.mark.llm_cassette
        def test_it():
            for word in ("one", "two " * 500, "three", "four"):
                chat(word)
    """
    )
    with small_disk(2000):
        result = project.record()
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        ["*.jsonl: only * bytes were written; is the disk full?", "*kept 1 call *"]
    )
    assert 2 == len(project.server.seen)
    project.record().assert_outcomes(passed=1)
    assert 5 == len(project.server.seen)


def test_nothing_is_paid_where_nothing_can_be_kept(project: Project) -> None:
    """A project that cannot be written, or whose test another run is recording."""
    project.tests(ASK)
    partial = project.path / ".llmreplay/partial/cassettes/tests/test_app"
    partial.mkdir(parents=True)
    with read_only(partial):
        result = project.record()
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines([".llmreplay/*/test_it.jsonl: cannot be written: *"])
    with Journal.open(partial / "test_it.jsonl", "tests/test_app.py::test_it"):
        result = project.record()
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines([".llmreplay/*/test_it.jsonl: another process is recording *"])
    assert [] == project.server.seen
    project.record().assert_outcomes(passed=1)


def test_an_edited_request_is_played_under_its_new_words(project: Project) -> None:
    """The key line is a cache: a call that it does not know is looked for in the requests."""
    text = recorded(project)
    project.cassette().write_text(text.replace("Say hello", "Say it again"))
    project.tests(ASK.replace("Say hello", "Say it again"))
    project.run().assert_outcomes(passed=1)
    assert 1 == len(project.server.seen)


def test_an_edited_answer_is_played(project: Project) -> None:
    """A plain answer is edited where it stands."""
    text = recorded(project)
    project.cassette().write_text(text.replace("Hello there.", "Goodbye."))
    project.run("-s").stdout.fnmatch_lines(["*SAID Goodbye.*"])


def test_an_edited_answer_of_a_stream(project: Project) -> None:
    """Disagreeing with its stream it is an error; without the stream it is played."""
    text = recorded(project, STREAM)
    edited = text.replace("text: Hello there.", "text: Goodbye.")
    assert edited != text
    project.cassette().write_text(edited)
    result = project.run()
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*test_it.yaml:*stream*delete*"])
    without = re.sub(r"  stream: \|\n(    .*\n)+", "", edited)
    assert without != edited
    project.cassette().write_text(without)
    result = project.run("-s")
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(["*SAID Goodbye.*"])
    project.record().assert_outcomes(passed=1)
    assert without == project.cassette().read_text()
    assert 1 == len(project.server.seen)


def test_new_rules_need_no_new_recording(project: Project) -> None:
    """`llm_match_ignore` and `llm_match_replace` hold for what was recorded before them."""
    recorded(project)
    project.tests(ASK.replace("Say hello", "Say hello 2026-11-20"))
    project.run().assert_outcomes(failed=1)
    for rule in (
        "llm_match_replace =\n    Say hello.* => Say hello",
        "llm_match_ignore =\n    messages[*].content",
    ):
        project.write("pytest.ini", f"[pytest]\n{rule}\n")
        project.run().assert_outcomes(passed=1)
        project.record().assert_outcomes(passed=1)
    assert 1 == len(project.server.seen)


@pytest.mark.parametrize(
    "pattern", ["(a+)+$", "(a|aa)+$", "(.*a){25}$", 40 * "a?" + 40 * "a" + "$", 40 * "(a|aa)" + "$"]
)
@pytest.mark.parametrize("key", ["llm_match_replace = {} => x", "llm_redact = {}"])
def test_an_expression_that_never_ends_fails_the_test(
    project: Project, key: str, pattern: str
) -> None:
    """Anybody may have written it; the call is not sent, and the failure names it."""
    recorded(project)
    project.write("pytest.ini", f"[pytest]\n{key.format(pattern)}\n")
    project.tests(ASK.replace('"Say hello"', '50_000 * "a" + "!"'))
    result = project.record()
    result.assert_outcomes(failed=1)
    name = key.partition(" ")[0]
    result.stdout.fnmatch_lines([f"{name}: *takes too long on *text* of this call*"])
    assert 1 == len(project.server.seen)


@pytest.mark.parametrize(
    ("ini", "message"),
    [
        ("llm_match_replace = no arrow", "*llm_match_replace*no '=>'*"),
        ("llm_match_replace = ( => x", "*llm_match_replace*'('*"),
        ("llm_match_ignore = messages[", "*llm_match_ignore*messages[[]*"),
        ("llm_unused = perhaps", "*llm_unused: 'perhaps' is none of ignore, warn, fail*"),
        ("llm_redact = (", "*llm_redact*"),
    ],
)
def test_a_wrong_ini_value_is_one_line(project: Project, ini: str, message: str) -> None:
    """A usage error that names the key, before any test runs."""
    project.write("pytest.ini", f"[pytest]\n{ini}\n")
    project.tests(ASK)
    result = project.run()
    assert pytest.ExitCode.USAGE_ERROR == result.ret
    result.stderr.fnmatch_lines([f"ERROR: {message}"])
    assert "Traceback" not in result.stdout.str() + result.stderr.str()
