"""`--llm-filter`: which of the recorded events are replayed."""

from __future__ import annotations

import pytest
from made_cassettes import cassette, event
from projects import Project
from servers.provider_server import cuts, fails, says

IT = "cassettes/tests/test_app/test_it.yaml"
OTHER = "cassettes/tests/test_app/test_other.yaml"


@pytest.fixture
def debates(project: Project) -> Project:
    """A project with two sessions of several prompts, models and endings."""
    labelled = event(3, name="summary", model="gpt-5").replace(
        "provider:", "labels: {tier: gold, team: a.b}\nprovider:", 1
    )
    one = (event(1, name="argue"), event(2, name="evaluate"), labelled)
    climate = {"id": "7", "name": "Debate", "path": "/debate/climate"}
    project.write(IT, cassette(*one, session=climate))
    session = {"id": "8", "name": "Talk", "path": "/talk"}
    two = (
        event(1, status=500, says="Overloaded.").replace(
            '"error": {', '"error": {"type": "api_error", '
        ),
        event(2, session=session),
    )
    project.write(OTHER, cassette(*two, session={"id": "9"}))
    return project


def numbers(project: Project, *filters: str) -> list[str]:
    """The events that a filter means, as `it 1`."""
    result = project.run("--llm-replay", "--co", "-q", *(f"--llm-filter={one}" for one in filters))
    lines = [line.rpartition("test_")[2] for line in result.outlines if "::" in line]
    return [f"{line.partition('.')[0]} {line.partition('::')[2][3]}" for line in lines]


@pytest.mark.parametrize(
    ("filters", "meant"),
    [
        (["prompt=argue"], ["it 1"]),
        (["prompt=*"], ["it 1", "it 2", "it 3"]),
        (["prompt=argue", "prompt=sum*"], ["it 1", "it 3"]),
        (["prompt=a*", "model=gpt-5"], []),
        (["session=7"], ["it 1", "it 2", "it 3"]),
        (["session=Talk"], ["other 2"]),
        (["session=[89]"], ["other 1", "other 2"]),
        (["path=/debate/*"], ["it 1", "it 2", "it 3"]),
        (["path=/*", "prompt=e*"], ["it 2"]),
        (["model=gpt-5"], ["it 3"]),
        (["provider=openai", "api=chat*", "path=/talk"], ["other 2"]),
        (["label.tier=g*"], ["it 3"]),
        (["label.team=a.b"], ["it 3"]),
        (["label.Tier=gold"], ["it 3"]),
        (["status=error"], ["other 1"]),
        (["status=ok", "session=[89]"], ["other 2"]),
        (["status=*", "session=9"], ["other 1"]),
    ],
)
def test_events_are_chosen_by_what_they_say(
    debates: Project, filters: list[str], meant: list[str]
) -> None:
    """One of each key has to fit; an event that says nothing of a key is not meant."""
    assert meant == numbers(debates, *filters)


def test_how_many_are_meant_is_said(debates: Project) -> None:
    """And only these are sent; the command that repeats one sends it, too."""
    result = debates.replay("--llm-filter=prompt=[ae]*", "--llm-check=answered")
    result.stdout.fnmatch_lines(["llm filter: 2 of 5 events: prompt=[[]ae[]]*"])
    assert 2 == len(debates.server.seen)


@pytest.mark.parametrize(
    ("filters", "said"),
    [
        (["prompt=evaluat"], "prompt=evaluat; there are: evaluate, argue, summary"),
        (["label.x=*"], "label.x=[*]; no event has any"),
        (["prompt=argue", "model=gpt-5"], "prompt=argue, model=gpt-5"),
        (["prompt=argue", "status=error"], "prompt=argue, status=error"),
    ],
)
def test_a_filter_that_means_nothing_is_said(
    debates: Project, filters: list[str], said: str
) -> None:
    """With what there is; exit code 5, as pytest has it where nothing is selected."""
    result = debates.replay(*(f"--llm-filter={one}" for one in filters))
    assert pytest.ExitCode.NO_TESTS_COLLECTED == result.ret
    result.stdout.fnmatch_lines([f"llm filter: none of 5 events has {said}"])
    assert [] == debates.server.seen


@pytest.mark.parametrize(
    ("option", "said"),
    [
        (
            "promt=x",
            "ERROR: --llm-filter: unknown key 'promt'; did you mean 'prompt'? Known keys:*",
        ),
        ("prompt", "ERROR: --llm-filter: 'prompt' is not KEY=GLOB, as in prompt=support-[*]"),
        ("label.=x", "ERROR: --llm-filter: unknown key 'label.'*"),
        ("status=err", "ERROR: --llm-filter: status is ok or error, not 'err'"),
    ],
)
def test_a_wrong_filter_is_one_clear_error(debates: Project, option: str, said: str) -> None:
    """Exit code 4, nothing sent."""
    debates.refuses(f"--llm-filter={option}", said)


def test_recorded_errors_that_are_asked_for_are_sent(debates: Project) -> None:
    """An answer in the place of an error diverges, the same refusal does not."""
    plain = debates.replay("-rs", "--llm-filter=session=9")
    plain.stdout.fnmatch_lines(["SKIPPED * not replayed: recorded error"])
    assert [] == debates.server.seen
    options = ("--llm-filter=status=error", "--llm-retries=0", "--llm-check=text")
    debates.server.next(says("Here I am."), fails(500), cuts())
    debates.replay(*options).assert_outcomes(failed=1)
    result = debates.replay(*options)
    result.assert_outcomes(passed=1)
    result = debates.replay(*options)
    result.assert_outcomes(failed=1)
    result = debates.run("--llm-replay", "--llm-filter=status=error")
    result.assert_outcomes(passed=1)


def test_an_event_that_is_not_meant_is_not_read(debates: Project) -> None:
    """Its damage is none of this run's; what cannot be read far enough to tell is meant."""
    text = (debates.path / IT).read_text()
    damaged = text.replace("request:\n  method: POST", "request:\n  metod: POST", 1)
    (debates.path / IT).write_text(damaged)
    assert ["it 2"] == numbers(debates, "prompt=evaluate")
    (debates.path / IT).write_text(text.replace("status: 200", "status: [200]", 1))
    assert ["it 1"] == numbers(debates, "status=error", "session=7")
