"""Checks over a session and over the run: items of their own, behind the events they look at."""

from __future__ import annotations

import pytest
from made_cassettes import cassette, event
from projects import Project
from servers.provider_server import fails, says

IT = "cassettes/tests/test_app/test_it.yaml"
MODEL = "--llm-model=gpt-5-mini"
SESSION = f"{IT}::session[[]gpt-5-mini[]]"
RUN = "llm-run::checks[[]gpt-5-mini[]]"


@pytest.fixture
def two(project: Project) -> Project:
    """A project with one session of two events, whose provider answers as recorded."""
    project.write(IT, cassette(event(1), event(2), session={"id": "s1", "name": "Greeting"}))
    project.server.next(says("Hello."), says("Hello."))
    return project


def replay(project: Project, *checks: str, options: tuple[str, ...] = (MODEL,)) -> pytest.RunResult:
    """Replay by some checks alone."""
    return project.replay(*options, "--llm-check-only", *(f"--llm-check={one}" for one in checks))


def test_a_session_over_its_budget_fails_behind_its_events(two: Project) -> None:
    """As an item of its own, whose node id names cassette and target."""
    result = replay(two, "answered", "session:tokens<=5")
    result.assert_outcomes(passed=2, failed=1)
    result.stdout.fnmatch_lines([f"FAILED {SESSION} - session:tokens<=5: *"])


def test_a_session_within_its_budget_passes(two: Project) -> None:
    """And nothing more is said of it."""
    result = replay(two, "answered", "session:tokens<=5000", "session:trajectory")
    result.assert_outcomes(passed=3)
    assert "checks over" not in result.stdout.str()


GOLDEN = """\
session:tokens<=5: 26, limit 5

│ cassettes/tests/test_app/test_it.yaml
│ session Greeting, 2 events
│ target     gpt-5-mini
│
│ held       session:trajectory
│ warned     session:output_tokens<=1: 2, limit 1
│
│ let go     warn:session:tokens<=5
"""


def test_the_failure_of_a_session(two: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """Headline, cassette, session, target, what else was found, how to let it go."""
    monkeypatch.setenv("COLUMNS", "80")
    checks = ("session:tokens<=5", "session:trajectory", "warn:session:output_tokens<=1")
    assert GOLDEN in replay(two, "answered", *checks).stdout.str() + "\n"


def test_a_warning_is_told_in_the_summary(two: Project) -> None:
    """And fails nothing."""
    result = replay(two, "answered", "warn:session:tokens<=5", "warn:run:tokens<=5")
    result.assert_outcomes(passed=4)
    result.stdout.fnmatch_lines(
        [
            "checks over session Greeting, *test_it.yaml, gpt-5-mini",
            "  warned * session:tokens<=5: *",
            "checks over the run, gpt-5-mini",
            "  warned * run:tokens<=5: *",
        ]
    )


def test_a_run_over_its_budget_fails_at_the_end(two: Project) -> None:
    """One item per target, behind all others."""
    result = replay(two, "answered", "run:tokens<=5")
    result.assert_outcomes(passed=2, failed=1)
    result.stdout.fnmatch_lines([f"FAILED {RUN} - run:tokens<=5: *"])


def test_a_session_with_a_call_without_answer_is_not_measured(project: Project) -> None:
    """The reason names the call."""
    project.write(IT, cassette(event(1), event(2)))
    project.server.next(fails(400, "Wrong."), fails(400, "Wrong."))
    result = replay(project, "answered", "session:tokens<=5000", "run:tokens<=5000")
    result.assert_outcomes(failed=4)
    result.stdout.fnmatch_lines(
        [
            "session:tokens<=5000: not measured, call 1 of 2: no answer: *",
            "run:tokens<=5000: not measured, *",
        ]
    )


def test_embeddings_of_a_session_are_no_part_of_it(project: Project) -> None:
    """They ask for no words and are not sent, and a session of them alone is skipped."""
    embedded = event(1, api="embeddings", body={"input": "hello"})
    project.write(IT, cassette(embedded, event(2), event(3)))
    project.write(IT.replace("_it", "_index"), cassette(embedded))
    project.server.next(says("Hello."), says("Hello."))
    result = replay(project, "session:tokens<=5000", "session:trajectory", options=(MODEL, "-rs"))
    result.assert_outcomes(passed=3, skipped=3)
    result.stdout.fnmatch_lines(["SKIPPED*: not replayed: none of its calls asks for words"])
    assert 2 == len(project.server.seen)
    assert pytest.ExitCode.OK == result.ret


def test_recordings_are_judged_too(two: Project) -> None:
    """What needs a clock is not measured, and fails nothing."""
    checks = ("answered", "session:tokens<=5000", "run:latency.p50<=1s")
    result = replay(two, *checks, options=("--llm-model=recorded",))
    result.assert_outcomes(passed=3, skipped=1)


def test_a_part_of_a_session_is_not_judged(two: Project) -> None:
    """A sum over some of its events says nothing about the session, which is said."""
    result = replay(two, "answered", "session:tokens<=5", options=(MODEL, "-k", "0001"))
    result.assert_outcomes(passed=1, deselected=1)
    said = "1 session was selected in part, and not judged by session:tokens<=5"
    result.stdout.fnmatch_lines([said])


def test_each_session_of_a_cassette_is_judged_behind_its_last_event(project: Project) -> None:
    """They are told apart by their number, which stays when others are not selected."""
    sessions = [{"id": "a", "name": "A"}, {"id": "b", "name": "B"}]
    events = [event(n + 1, session=sessions[n // 2]) for n in range(4)]
    project.write(IT, cassette(*events))
    listed = replay(project, "session:tokens<=5", options=(MODEL, "--co", "-q")).outlines
    names = [line.partition("::")[2] for line in listed if "::" in line]
    assert ["session-1[gpt-5-mini]", "session-2[gpt-5-mini]"] == [names[2], names[5]]


def test_a_run_stops_at_the_first_failure(two: Project) -> None:
    """With `-x`, as behind any other item."""
    result = replay(two, "session:tokens<=5", "run:tokens<=5", options=(MODEL, "-x"))
    assert 1 == result.parseoutcomes()["failed"]


def test_junit_has_them(two: Project) -> None:
    """With outcome and target as properties."""
    replay(two, "answered", "session:tokens<=5", options=(MODEL, "--junit-xml=out.xml"))
    written = (two.path / "out.xml").read_text(encoding="utf-8")
    assert 'name="session[gpt-5-mini]"' in written
    assert '<property name="outcome" value="diverged"' in written


def test_a_stored_run_is_judged_without_a_call(two: Project) -> None:
    """Checks that came later look at the answers that are there."""
    replay(two, "answered")
    seen = len(two.server.seen)
    checks = ("--llm-check=session:tokens<=5", "--llm-check=run:tokens<=5000")
    result = two.run("--llm-replay", "--llm-rejudge=run-1", "--llm-check-only", *checks)
    result.assert_outcomes(passed=3, failed=1)
    assert seen == len(two.server.seen)


def test_a_rerun_pays_nothing_and_says_the_same(two: Project) -> None:
    """The answers are not asked for again."""
    pytest.importorskip("pytest_rerunfailures")
    result = replay(two, "answered", "session:tokens<=5", options=(MODEL, "--reruns=1"))
    assert {"passed": 2, "failed": 1, "rerun": 1} == result.parseoutcomes()
    assert 2 == len(two.server.seen)


def test_the_last_failed_session_is_run_again(two: Project) -> None:
    """`--lf` knows no event to choose by; it runs all, and pays for none of them again."""
    options = ("--llm-replay", "--llm-base-url", two.server.openai, MODEL)
    checks = ("--llm-check-only", "--llm-check=answered", "--llm-check=session:tokens<=5")
    first = two.pytester.runpytest_inprocess(*options, *checks)
    again = two.pytester.runpytest_inprocess(*options, *checks, "--lf")
    for result in (first, again):
        result.assert_outcomes(passed=2, failed=1)
    assert 2 == len(two.server.seen)


def test_the_node_id_of_a_session_asks_for_its_cassette(two: Project) -> None:
    """As it stands in the short summary."""
    result = replay(
        two, "answered", "session:tokens<=5", options=(MODEL, f"{IT}::session[gpt-5-mini]")
    )
    result.assert_outcomes(passed=2, failed=1)


def test_the_recorded_model_itself_is_what_a_run_is_held_against(two: Project) -> None:
    """Where it is calibrated in the same run; its own answers are judged by no such check."""
    two.server.reset()  # of the calls to both targets any may be the first
    result = replay(
        two,
        "answered",
        "run:tokens<=2x",
        "session:tokens<=5000",
        options=("--llm-calibrate", "--llm-model=gpt-5-mini"),
    )
    assert {"passed": 2, "changed": 4} == result.parseoutcomes()


def test_another_path_shows_both(project: Project) -> None:
    """The calls of the whole session, each side below its name."""
    project.write(IT, cassette(event(1), event(2)))
    project.server.next(says(calls=[("look", {"at": 1})]), says("Hello."))
    result = replay(project, "warn:answered", "session:trajectory")
    assert 1 == result.parseoutcomes()["failed"]
    result.stdout.fnmatch_lines(
        [
            "session:trajectory: *",
            "? session, 2 events",
            "? target * gpt-5-mini",
            "? replayed",
            "?*look*",
        ]
    )
