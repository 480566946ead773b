"""`pytest-llmreplay show`: the answers of a stored run, whole."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from kept_runs import IT, replay, several
from made_cassettes import cassette, event
from projects import Project
from servers.provider_server import fails, says
from shell import command, inside


@pytest.fixture
def two(project: Project) -> Project:
    """A project with a run of two events."""
    several(project, 2)
    project.server.next(says("First."), says("Second."))
    replay(project, "--llm-concurrency=1")
    return project


def shown(cwd: Path, *words: str) -> str:
    """What is printed, without the moment and the time of the call."""
    done = inside("show", "run-1", *words, cwd=cwd)
    assert (0, "") == (done.returncode, done.stderr)
    told = re.sub(r"\d{4}-\d\d-\d\d", "DAY", done.stdout)
    return re.sub(r"(latency|ttft) +.*", r"\1 SECONDS", told)


def test_both_answers_side_by_side(two: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """Place, words, how they ended, figures; in 80 columns."""
    monkeypatch.setenv("COLUMNS", "80")
    expected = f"""\
{IT}::0002-ask[same]
│ recorded   gpt-5-mini, DAY
│ Hello.
│ ended with stop
│
│ replayed   same, answered by gpt-5-mini, DAY
│ Second.
│ ended with stop
│
"""
    assert shown(two.path, "-k", "0002-ask").startswith(expected)


def test_all_events_without_a_choice(project: Project) -> None:
    """In the order of their cassette, whenever they were answered; as a shell starts it."""
    several(project, 3)
    project.server.next(*[says(f"No {at}.", delay=at) for at in (0.6, 0.3, 0)])
    replay(project)
    done = command("show", "run-1", cwd=project.path)
    assert (0, "") == (done.returncode, done.stderr)
    assert ["0001-ask", "0002-ask", "0003-ask"] == re.findall(r"::(\d+-ask)\[same\]", done.stdout)


def test_a_long_answer_is_shown_whole(project: Project) -> None:
    """That is what the command is for."""
    several(project, 1)
    words = " ".join(f"word{number}" for number in range(2000))
    project.server.next(says(words))
    replay(project)
    assert words in " ".join(shown(project.path).replace("│", " ").split())


def test_hostile_answers_move_nothing(project: Project) -> None:
    """Terminal sequences and commands of a CI machine are shown, not obeyed."""
    several(project, 1)
    project.server.next(says("\x1b[2J\n::error::x\n##[group]"))
    replay(project)
    told = shown(project.path)
    assert r"\x1b[2J" in told
    assert "\x1b" not in told
    assert "##[" not in told


def test_every_sample_is_shown(project: Project) -> None:
    """The second answer of an event says that it is the second."""
    several(project, 1)
    project.server.next(says("First."), says("Second."))
    replay(project, "--llm-samples=2", "--llm-concurrency=1")
    told = shown(project.path)
    assert "0001-ask[same], sample 2\n" in told
    assert "│ First.\n" in told
    assert "│ Second.\n" in told


def test_a_call_without_an_answer(project: Project) -> None:
    """Shows the recording, and why there is nothing to hold against it."""
    several(project, 1)
    project.server.next(fails(401, "No such key"))
    replay(project)
    told = shown(project.path)
    assert "│ Hello.\n" in told
    assert "No such key" in told


def test_an_event_that_was_recorded_anew(two: Project) -> None:
    """Its answer belongs to another request; that is said."""
    two.write(IT, cassette(event(1, name="ask", asks="Other")))
    assert "problem    its request was recorded anew since" in shown(two.path, "-k", "0001")


def test_the_commands_of_a_failure_work(two: Project) -> None:
    """What the failure text says can be typed as it stands."""
    two.server.next(says("Else."), says("Other."))
    result = two.replay("--llm-check=text")
    result.stdout.fnmatch_lines(
        [
            "│ see all    pytest-llmreplay show run-2 -k 0001-ask",
            "│ accept     pytest-llmreplay accept run-2 -k 0001-ask",
        ]
    )
    assert 1 == inside("show", "run-2", "-k", "0001-ask", cwd=two.path).stdout.count("::")
    done = inside("accept", "run-2", "-k", "0001-ask", cwd=two.path)
    assert (0, f"{IT}: 1 answer accepted\n") == (done.returncode, done.stdout)


def test_an_event_whose_label_another_has_is_named_by_its_node_id(two: Project) -> None:
    """Nobody accepts more than the answer that the failure is about."""
    two.write(IT.replace("test_it", "test_other"), cassette(event(1, name="ask", asks="More")))
    two.server.next(says("Else."), says("Other."), says("Third."))
    result = two.replay("--llm-check=text")
    result.stdout.fnmatch_lines(
        [f"*accept     pytest-llmreplay accept run-2 '{IT}::0001-ask[[]same]'"]
    )


def test_wrong_use_is_one_line(two: Project) -> None:
    """With what there is instead."""
    done = inside("show", "run-9", cwd=two.path)
    assert (2, "") == (done.returncode, done.stdout)
    assert "no run 'run-9' in" in done.stderr
    assert 1 == len(done.stderr.splitlines())


def test_only_what_is_missing_is_called_required(tmp_path: Path) -> None:
    """Paths are a choice."""
    done = inside("show", cwd=tmp_path)
    assert 2 == done.returncode
    assert "required: RUN\n" in done.stderr
