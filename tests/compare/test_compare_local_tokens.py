"""Budgets of tokens that no provider counted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, cast

import pytest
from compare.one_check import judged
from compared_events import MakeEvent

from pytest_llmreplay.compare.check import Held, NotMeasured, Pair
from pytest_llmreplay.compare.figures.call_figures import NO_FIGURES, EventFigures, figures_of_both
from pytest_llmreplay.compare.specs.parsing import parse_scoped
from pytest_llmreplay.compare.specs.scoped import RunCheck, SessionCheck
from pytest_llmreplay.event import (
    Event,
    Message,
    OutputFormat,
    ReasoningPart,
    TextPart,
    Tool,
    UriPart,
)

pytestmark = pytest.mark.usefixtures("tokenizer")

NONE = (None, None)
CLAUDE: Any = {"model": "claude-sonnet-4-6", "provider": "anthropic"}
MEDIUM = UriPart(modality="image", uri="https://x/y.png")
SCHEMA = OutputFormat(type="json_schema", schema={"type": "object"})


def asked(text: str = "x" * 96, **more: Any) -> dict[str, Any]:
    """A request of a hundred tokens: one for each character, and four for the message."""
    return {"messages": (Message(role="user", parts=(TextPart(content=text),)),)} | more


def call(event: MakeEvent, count: int = 10, **more: Any) -> Event:
    """An answer of so many tokens, which nobody reports."""
    given = {"model": "gpt-4o-mini", "tokens": NONE, "request": asked()} | more
    return event("y" * count, **given)


@pytest.mark.parametrize(
    ("spec", "headline"),
    [
        ("output_tokens<=1x", "90, recorded 10 (9.00x), limit 30, counted locally"),
        ("tokens<=1x", "190, recorded 110 (1.73x), limit 130, counted locally"),
        ("tokens<=+50", "190, recorded 110 (1.73x), limit 160, counted locally"),
        ("input_tokens<=99", "100, recorded 100 (1.00x), limit 99, counted locally"),
    ],
)
def test_tokens_that_nobody_reports_are_counted_on_this_machine(
    event: MakeEvent, spec: str, headline: str
) -> None:
    """The finding says who counted."""
    found = judged(spec, call(event, 10), call(event, 90))
    assert (headline, "over the budget", True) == (
        found.headline,
        found.cause,
        found.counted_locally,
    )


def test_a_budget_that_holds_says_who_counted(event: MakeEvent) -> None:
    """Usage that was reported is not counted again."""
    then, now = call(event), call(event)
    held = Held(check="tokens<=2x", detail="110, counted locally", counted_locally=True)
    assert held == judged("tokens<=2x", then, now)
    told = call(event, tokens=(7, 8))
    assert Held(check="tokens<=2x", detail="15") == judged("tokens<=2x", told, told)


@pytest.mark.parametrize("sides", [(NONE, (7, 8)), ((7, 8), NONE), ((7, None), (7, 8))])
def test_where_one_call_reports_none_both_are_counted(event: MakeEvent, sides: Any) -> None:
    """A count is never held against what a provider reports."""
    then, now = (call(event, tokens=tokens) for tokens in sides)
    assert "110, counted locally" == judged("tokens<=1x", then, now).detail
    own = "15" if sides[1] == (7, 8) else "110, counted locally"
    assert own == judged("tokens<=500", then, now).detail


@pytest.mark.parametrize("reported", ["answer", "recording"])
def test_a_count_is_not_held_against_a_reported_one(event: MakeEvent, reported: str) -> None:
    """Which of both has no usage is said."""
    told, counted = call(event, tokens=(7, 8), **CLAUDE), call(event)
    then, now = (counted, told) if reported == "answer" else (told, counted)
    lacking = "recording" if reported == "answer" else "answer"
    reason = f"the {lacking} reports no usage; a local count is not held against a reported one"
    assert NotMeasured(check="tokens<=2x", reason=reason) == judged("tokens<=2x", then, now)
    assert isinstance(judged("tokens<=500", then, now), Held)


@pytest.mark.parametrize(
    ("spec", "more"),
    [
        ("tokens<=2x", CLAUDE),
        ("tokens<=2x", {"model": None}),
        ("tokens<=2x", {"provider": "ollama"}),
        ("input_tokens<=2x", {"request": {}}),
        ("input_tokens<=2x", {"request": asked(system_instructions=(MEDIUM,))}),
        ("input_tokens<=2x", {"request": asked(tools=(Tool(kind="function", name="f"),))}),
        ("input_tokens<=2x", {"request": asked(output=SCHEMA)}),
        ("input_tokens<=2x", {"request": asked(extra={"previous_response_id": "resp_1"})}),
        ("input_tokens<=2x", {"model": "gpt-5-mini"}),
        ("output_tokens<=2x", {"model": "o3"}),
        ("output_tokens<=2x", {"request": {"tools": (Tool(kind="web_search", name="s"),)}}),
        ("output_tokens<=2x", {"calls": [("f", {"a": 1})]}),
        ("output_tokens<=2x", {"refusal": "I cannot."}),
        ("output_tokens<=2x", {"parts": [ReasoningPart(content="Hm.")]}),
        ("output_tokens<=2x", {"response": {"choices": ()}}),
        ("output_tokens<=2x", {"response": {"truncated": True}}),
    ],
)
def test_what_cannot_be_counted_here_is_not_measured(
    event: MakeEvent, spec: str, more: dict[str, Any]
) -> None:
    """No model of the tokenizer, tools, thoughts, pictures, what stands with the provider."""
    found = judged(spec, call(event), call(event, **more))
    assert NotMeasured(check=spec, reason="the answer reports no usage") == found


@pytest.mark.parametrize(
    "more",
    [
        {"model": "prod", "answered_by": "gpt-4o-2024-11-20", "provider": "azure"},
        {"model": "openai/gpt-4o", "provider": "openrouter"},
        {"model": "gpt-5-chat-latest"},
        {"request": asked(extra={"previous_response_id": None})},
    ],
)
def test_a_model_is_known_by_the_name_that_answered(event: MakeEvent, more: Any) -> None:
    """Deployments and routers have names of their own."""
    assert "110, counted locally" == judged("tokens<=500", call(event), call(event, **more)).detail


def test_without_a_tokenizer_nothing_is_counted(
    event: MakeEvent, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An estimate never judges."""
    monkeypatch.setenv("TIKTOKEN_CACHE_DIR", "/nowhere/at/all")
    found = judged("tokens<=2x", call(event), call(event))
    assert NotMeasured(check="tokens<=2x", reason="the answer reports no usage") == found


def over_session(spec: str, pairs: Sequence[Pair]) -> Any:
    """What a check over a session finds."""
    (check,) = parse_scoped([spec])
    return cast("SessionCheck", check).judge(pairs)


def over_run(spec: str, pairs: Sequence[Pair]) -> Any:
    """What a check over a run finds."""
    (check,) = parse_scoped([spec])
    told = [figures_of_both(pair) for pair in pairs]
    figures = [
        EventFigures(key=str(place), recorded=then, replayed=(now,))
        for place, (then, now) in enumerate(told)
    ]
    return cast("RunCheck", check).judge(figures)


@pytest.mark.parametrize(("scope", "over"), [("session", over_session), ("run", over_run)])
def test_sums_say_whether_some_or_all_was_counted_here(
    event: MakeEvent, scope: str, over: Callable[[str, Sequence[Pair]], Any]
) -> None:
    """Each call is held against its own recording by one source."""
    counted = Pair(baseline=call(event), replayed=call(event, 90), live=True)
    half = Pair(baseline=call(event), replayed=call(event, tokens=(7, 8)), live=True)
    told = Pair(baseline=call(event, tokens=(7, 8)), replayed=call(event, tokens=(7, 8)), live=True)
    spec = f"{scope}:tokens<=1x"
    found = over(spec, [counted, half])
    assert "300, recorded 220 (1.36x), limit 240, counted locally" == found.headline
    assert (
        "315, recorded 235 (1.34x), limit 255, partly counted locally"
        == over(spec, [counted, half, told]).headline
    )
    assert Held(check=spec, detail="15") == over(spec, [told])


def test_a_run_with_a_call_that_nobody_can_count_has_no_sum(event: MakeEvent) -> None:
    """The reason is as it was."""
    strange = Pair(baseline=call(event), replayed=call(event, tokens=(7, 8), **CLAUDE), live=True)
    found = over_run("run:tokens<=2x", [strange])
    assert "only 0 of 1 events have a known recorded number of tokens" == found.reason
    assert isinstance(over_run("run:tokens<=500", [strange]), Held)
    assert NO_FIGURES == NO_FIGURES.counted_locally
