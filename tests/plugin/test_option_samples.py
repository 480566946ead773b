"""`--llm-samples`: each event is asked several times, and enough of its answers have to hold."""

from __future__ import annotations

import json
from xml.etree import ElementTree as ET

import pytest
from made_cassettes import cassette, event
from projects import Project
from servers.provider_server import fails, says

IT = "cassettes/tests/test_app/test_it.yaml"
TEXT = ("--llm-check=text", "--llm-check-only", "--llm-concurrency=1", "--llm-retries=0")


@pytest.fixture
def four(project: Project) -> Project:
    """A project with a cassette of four events, whose provider echoes."""
    asks = [event(number, asks=f"{number}", says=f"Echo: {number}") for number in range(1, 5)]
    project.write(IT, cassette(*asks))
    return project


def rate(project: Project, share: float) -> None:
    """Let an event hold when this share of its samples does."""
    project.write("llmreplay.yaml", f"gate: {{pass_rate: {share}}}\n")


@pytest.mark.parametrize("number", ["0", "x", "1.5"])
def test_a_wrong_number_is_one_clear_error(one: Project, number: str) -> None:
    """Exit code 4, the option by name, nothing sent."""
    one.refuses(f"--llm-samples={number}", f"*--llm-samples: {number!r} is not a whole number*")


def test_samples_belong_to_a_replay(one: Project) -> None:
    """Without one, silence would look like many answers that passed."""
    result = one.run("--llm-samples=3")
    assert pytest.ExitCode.USAGE_ERROR == result.ret
    result.stderr.fnmatch_lines(["ERROR: --llm-samples is an option of a replay: say *"])


def test_one_of_three_diverges(one: Project) -> None:
    """By default all have to hold: the failure names those that do, and shows the one that not."""
    one.server.next(says("Hello."), says("Good day."))
    result = one.replay("--llm-samples=3", *TEXT)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "text: says 'Good day.', recorded 'Hello.' (held in 1 of 2)",
            "*samples * ok, diverged, 1 not sent, 3 of 3 have to hold",
        ]
    )
    assert 2 == len(one.server.seen)


def test_what_is_decided_is_not_paid_for(one: Project) -> None:
    """2 of 3 hold after two answers, so the third is not asked for."""
    rate(one, 0.6)
    one.server.next(says("Hello."), says("Hello."))
    result = one.replay("--llm-samples=3", *TEXT)
    result.assert_outcomes(passed=1)
    assert 2 == len(one.server.seen)


def test_a_third_answer_decides(one: Project) -> None:
    """One of two holds: the third is asked for, and 2 of 3 pass."""
    rate(one, 0.6)
    one.server.next(says("Hello."), says("Good day."), says("Hello."))
    result = one.replay("--llm-samples=3", "--junitxml=out.xml", *TEXT)
    result.assert_outcomes(passed=1)
    assert 3 == len(one.server.seen)
    result.stdout.fnmatch_lines(["1 event, 1 session*", "3 calls*"])
    case = next(ET.parse(one.path / "out.xml").getroot().iter("testcase"))
    said = {one.get("name"): one.get("value") for one in case.iter("property")}
    assert {"samples": "3", "held": "2", "outcome": "ok"}.items() <= said.items()


def test_what_all_samples_cost_is_in_the_report(four: Project) -> None:
    """The costs of all items are what the summary says was spent; tokens are of one answer."""
    target = {
        "provider": "openai",
        "model": "tiny",
        "base_url": four.server.openai,
        "price": {"input": 1000, "output": 1000},
    }
    four.write("llmreplay.yaml", json.dumps({"targets": {"tiny": target}}))
    result = four.replay("--llm-model=tiny", "--llm-samples=3", "--junitxml=out.xml", *TEXT)
    result.assert_outcomes(passed=4)
    result.stdout.fnmatch_lines(["spent $0.17 *"])
    said = [
        (one.get("name"), one.get("value"))
        for one in ET.parse(four.path / "out.xml").getroot().iter("property")
    ]
    assert ["0.042"] * 4 == [value for name, value in said if name == "cost"]
    assert {"12"} == {value for name, value in said if name == "gen_ai.usage.input_tokens"}


def test_an_event_whose_answer_is_an_error_is_asked_again(one: Project) -> None:
    """An error is a sample that does not hold; two good answers are enough."""
    rate(one, 0.6)
    one.server.next(fails(500, "Overloaded"), says("Hello."), says("Hello."))
    one.replay("--llm-samples=3", *TEXT).assert_outcomes(passed=1)
    assert 3 == len(one.server.seen)


def test_a_request_that_cannot_be_sent_is_not_tried_again(one: Project) -> None:
    """It is skipped with its reason, once."""
    one.write(IT, cassette(event(1, api="other")))
    result = one.replay("--llm-samples=3", *TEXT, "-rs")
    result.assert_outcomes(skipped=1)
    assert [] == one.server.seen


@pytest.mark.parametrize("concurrency", [1, 2, 16])
def test_answers_of_later_events_are_judged_meanwhile(four: Project, concurrency: int) -> None:
    """Every event has its own answers, however many calls are in flight."""
    result = four.replay("--llm-samples=4", *TEXT[:2], f"--llm-concurrency={concurrency}")
    result.assert_outcomes(passed=4)
    result.stdout.fnmatch_lines(["same *127.0.0.1*up to 16 calls (4 events \u00d7 4)"])
    asked = [seen.json["messages"][0]["content"] for seen in four.server.seen]
    assert {"1": 4, "2": 4, "3": 4, "4": 4} == {one: asked.count(one) for one in asked}


def test_a_stop_ends_the_calls(four: Project) -> None:
    """After the first failure nothing more is asked than was under way."""
    four.server.next(says("Other."))
    result = four.replay("--llm-samples=3", "-x", *TEXT)
    result.assert_outcomes(failed=1)
    assert 3 >= len(four.server.seen)


def test_a_rerun_pays_nothing(one: Project) -> None:
    """It gets the same samples."""
    one.server.next(says("Hello."), says("Good day."))
    one.replay("--llm-samples=3", "--reruns=2", *TEXT).assert_outcomes(failed=1)
    assert 2 == len(one.server.seen)


def test_the_recording_is_judged_once(one: Project) -> None:
    """Against itself it has one answer, whatever was asked for."""
    result = one.run("--llm-replay", "--llm-samples=3", *TEXT[:2])
    result.assert_outcomes(passed=1)
