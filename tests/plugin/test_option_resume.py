"""`--llm-resume` and `--lf`: nobody pays twice for an answer that is kept."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any

import pytest
from kept_runs import IT, answered, lines_of, replay, run_file, several
from made_cassettes import cassette, event
from projects import Project
from servers.provider_server import fails, says


@pytest.fixture
def six(project: Project) -> Project:
    """A project whose cassette asks six questions."""
    return several(project, 6)


def stop_after(project: Project, number: int) -> None:
    """Make the first replay end early, as a person does who sees enough."""
    project.write(
        "conftest.py",
        "import pytest\ncount = 0\n\ndef pytest_runtest_logreport(report):\n"
        "    global count\n    count += report.when == 'call'\n"
        f"    if count == {number}:\n        pytest.exit('enough')\n",
    )


def interrupted(project: Project) -> int:
    """Replay until two events were judged; how many answers are kept.

    Who may stop early has two answers waiting at most, and one call on its way.
    """
    stop_after(project, 2)
    replay(project, "--llm-concurrency=1", "--maxfail=6")
    project.write("conftest.py", "")
    return sum("reply" in line for line in lines_of(run_file(project)))


def test_what_an_unfinished_run_has_is_taken_over(six: Project) -> None:
    """Each question is asked once in both runs together; what was taken over is said."""
    before = interrupted(six)
    assert before < 6
    seen = len(six.server.seen)
    result = replay(six, "--llm-resume")
    assert 6 == answered(result)
    assert 6 - before == len(six.server.seen) - seen
    result.stdout.fnmatch_lines(
        [
            "same * up to 6 calls",
            f"run-1 has {before} answers that need not be asked for again",
            f"kept as    run-2 · {before} of 6 answers taken over from run-1",
        ]
    )


def test_a_stopped_run_says_how_it_goes_on(six: Project) -> None:
    """One that is whole has nothing to say."""
    stop_after(six, 2)
    result = replay(six, "--llm-concurrency=1")
    more = "4 events were not run: the same command with --llm-resume goes on from here"
    result.stdout.fnmatch_lines(["kept as    run-1", more])
    six.write("conftest.py", "")
    replay(six, "--llm-resume").stdout.no_fnmatch_line("*goes on from here*")


def test_a_run_goes_on_with_more_money(six: Project) -> None:
    """What it had paid for is not paid again."""
    price = "{input: 1000, output: 1000}"
    cents = f"{{model: tiny, base_url: '{six.server.openai}', price: {price}}}"
    six.write("llmreplay.yaml", f"targets:\n  priced: {cents}\n")
    spent = ("--llm-replay", "--llm-model=priced", "--llm-check=answered")
    result = six.run(*spent, "--llm-max-cost=0.06")
    before = len(six.server.seen)
    assert 0 < before < 6
    left = 6 - before
    result.stdout.fnmatch_lines([f"{left} events were not run: *--llm-resume goes on from here"])
    result = six.run(*spent, "--llm-max-cost=5", "--llm-resume")
    assert pytest.ExitCode.OK == result.ret
    assert 6 == len(six.server.seen)
    result.stdout.fnmatch_lines(
        [f"kept as    run-2 \u00b7 {before} of 6 answers taken over from run-1"]
    )


def test_a_resumed_run_stands_for_itself(six: Project) -> None:
    """Its file holds all answers, with where they are from; it can be resumed in its turn."""
    before = interrupted(six)
    replay(six, "--llm-resume")
    rows = lines_of(run_file(six, 2))[1:-1]
    assert 6 == len(rows)
    assert before == sum(row.get("taken_from") == "run-1" for row in rows)
    run_file(six, 1).unlink()
    _unfinish(six, 2)
    seen = len(six.server.seen)
    assert 6 == answered(replay(six, "--llm-resume"))
    assert seen == len(six.server.seen)


def test_a_verdict_goes_on_with_the_stages_that_it_began_with(six: Project) -> None:
    """What it says of its own errors holds for these; what was paid for is not lost."""
    gated = ("--llm-gate=run", "--llm-retries=0")
    stop_after(six, 2)
    replay(six, *gated, "--llm-concurrency=1", "--maxfail=6")
    six.write("conftest.py", "")
    assert [1, 2, 3, 5] == lines_of(run_file(six))[0]["stages"]
    seen = len(six.server.seen)
    result = replay(six, *gated, "--llm-resume", "--llm-samples=5")
    result.stderr.fnmatch_lines(
        [
            "*--llm-resume: run-1 was to be judged after 1, 2, 3, 5 samples of each event, and *",
        ]
    )
    assert (pytest.ExitCode.USAGE_ERROR, seen) == (result.ret, len(six.server.seen))
    replay(six, *gated, "--llm-resume").stdout.fnmatch_lines(["run-1 has * answers that need not*"])


def test_results_say_that_they_were_taken_over(six: Project) -> None:
    """In the properties of the report; nothing is spent on them."""
    before = interrupted(six)
    result = replay(six, "--llm-resume", "--junitxml=out.xml")
    xml = (six.path / "out.xml").read_text()
    assert before == xml.count('<property name="taken_from" value="run-1"')
    result.stdout.fnmatch_lines([f"*{6 - before} calls*"])


def test_nothing_to_resume(six: Project) -> None:
    """A run that came to its end is none; the replay is made and the reason told."""
    replay(six)
    result = replay(six, "--llm-resume")
    result.stdout.fnmatch_lines(["nothing to resume: *"])
    assert 12 == len(six.server.seen)


@pytest.mark.parametrize(
    "other",
    ["--llm-set=temperature=0", "-k0001"],
    ids=["other parameters", "another selection"],
)
def test_answers_to_something_else_are_not_taken_over(six: Project, other: str) -> None:
    """What counts is the request as it is sent, and the selection."""
    interrupted(six)
    seen = len(six.server.seen)
    result = replay(six, "--llm-resume", other)
    assert seen < len(six.server.seen)
    result.stdout.no_fnmatch_line("*taken over*")


def test_a_request_that_was_recorded_anew_is_asked(six: Project) -> None:
    """The number of an event joins nothing."""
    interrupted(six)
    asks = (event(n, name="ask", asks=f"Other question {n}") for n in range(1, 7))
    six.write(IT, cassette(*asks))
    replay(six, "--llm-resume").stdout.no_fnmatch_line("*taken over*")


def test_the_same_question_twice_is_two_calls(project: Project) -> None:
    """The occurrence tells them apart, so each keeps its own answer."""
    alike = (event(n, asks="Again?").replace(f"{n:016x}", "a" * 16) for n in (1, 2, 3))
    project.write(IT, cassette(*alike))
    project.server.next(says("One."), says("Two."), says("Three."))
    replay(project, "--llm-concurrency=1")
    rows = lines_of(run_file(project))[1:-1]
    assert [0, 1, 2] == [row["call"]["occurrence"] for row in rows]
    assert 1 == len({row["call"]["key"] for row in rows})
    _unfinish(project, 1)
    assert 3 == answered(replay(project, "--llm-resume"))
    assert 3 == len(project.server.seen)


def test_errors_are_asked_again(six: Project) -> None:
    """Only an answer is worth keeping from a second call."""
    six.server.next(fails(500, "Overloaded"))
    replay(six, "--llm-concurrency=1")
    _unfinish(six, 1)
    assert 6 == answered(replay(six, "--llm-resume"))
    assert 7 == len(six.server.seen)


def test_a_torn_tail_and_a_damaged_line(six: Project) -> None:
    """What can be read is taken over; a damaged line is told by its number."""
    replay(six)
    lines = run_file(six).read_text().splitlines(keepends=True)
    lines[2] = lines[2][:40] + "\n"
    run_file(six).write_text("".join(lines[:6]) + lines[6][:60])
    result = replay(six, "--llm-resume")
    assert 6 == answered(result)
    result.stdout.fnmatch_lines(["*run-1.jsonl: damaged and left out: line 3"])
    assert 8 == len(six.server.seen)


@pytest.mark.parametrize(
    "damage",
    [
        {"reply": {"status": "200"}},
        {"reply": None},
        {"call": {"target": 7}},
        {"sent": {"body": []}},
        {"failure": {}},
    ],
    ids=str,
)
def test_a_row_of_another_shape_is_a_damaged_line(six: Project, damage: dict[str, object]) -> None:
    """Whoever wrote it: no traceback, and the event is asked again."""
    replay(six)
    head, first, *_ = run_file(six).read_text().splitlines()
    row = json.dumps(json.loads(first) | damage)
    run_file(six).write_text(f"{head}\n{row}\n")
    result = replay(six, "--llm-resume")
    assert 6 == answered(result)
    result.stdout.fnmatch_lines(["*damaged and left out: line 2"])


def with_reply(project: Project, edit: Callable[[Any], object]) -> pytest.RunResult:
    """Resume a run that has one answer alone, which somebody edited."""
    replay(project)
    head, first, *_ = run_file(project).read_text().splitlines()
    row = json.loads(first)
    edit(row["reply"])
    run_file(project).write_text(f"{head}\n{json.dumps(row)}\n")
    return replay(project, "--llm-resume")


@pytest.mark.parametrize(
    "damage",
    [
        {"pieces": "x"},
        {"pieces": [["x"]]},
        {"pieces": [[0.1, {"base64": "%"}]]},
        {"attempts": 7},
        {"attempts": [["x", 0.1]]},
        {"duration": None},
    ],
    ids=str,
)
def test_an_answer_of_another_shape_is_a_damaged_line(
    six: Project, damage: dict[str, object]
) -> None:
    """As is a whole row."""
    result = with_reply(six, lambda reply: reply.update(damage))
    assert 6 == answered(result)
    assert 12 == len(six.server.seen)
    result.stdout.fnmatch_lines(["*damaged and left out: line 2"])


def test_pieces_in_base64_are_taken_over(six: Project) -> None:
    """As bytes that are no text are kept."""

    def packed(reply: Any) -> None:
        [[at, text]] = reply["pieces"]
        reply["pieces"] = [[at, {"base64": base64.b64encode(text.encode()).decode()}]]

    assert 6 == answered(with_reply(six, packed))
    assert 11 == len(six.server.seen)


def test_a_run_of_a_later_version(six: Project) -> None:
    """Refused before anything is sent, with what to do."""
    replay(six)
    text = run_file(six).read_text()
    run_file(six).write_text(text.replace('{"run":1,', '{"run":2,', 1))
    result = replay(six, "--llm-resume")
    assert pytest.ExitCode.USAGE_ERROR == result.ret
    result.stderr.fnmatch_lines(["*run file of format 2*upgrade it*"])
    assert 6 == len(six.server.seen)


def test_last_failed_pays_only_for_errors(six: Project) -> None:
    """What diverged is judged again by other checks; what has no answer is asked again."""
    six.server.next(says("Question 1"), fails(500, "Overloaded"))
    first = replay(six, "--llm-concurrency=1", "--llm-check=text", lf=True)
    first.assert_outcomes(failed=6)
    again = replay(six, "--lf", lf=True)
    assert 6 == answered(again)
    assert 7 == len(six.server.seen)
    again.stdout.fnmatch_lines(["kept as    run-2 · 5 of 6 answers taken over from run-1"])
    two = replay(six, "--lf", "--llm-check=text", "-k", "0001 or 0002", lf=True)
    assert 7 == len(six.server.seen)
    two.stdout.fnmatch_lines(
        [
            "same * up to 2 calls",
            "run-2 has 2 answers that need not be asked for again",
        ]
    )


def test_a_rerun_pays_nothing(six: Project) -> None:
    """The same answer is judged again by pytest-rerunfailures."""
    pytest.importorskip("pytest_rerunfailures")
    replay(six, "--reruns=2", "--llm-check=text").assert_outcomes(failed=6)
    assert 6 == len(six.server.seen)
    assert 6 == len(lines_of(run_file(six))) - 2


def _unfinish(project: Project, number: int) -> None:
    """Take the last line of a run file away."""
    path = run_file(project, number)
    path.write_text("".join(path.read_text().splitlines(keepends=True)[:-1]))
