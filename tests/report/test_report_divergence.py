"""What is said about an event that failed; the golden texts stand in `golden/`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from compared_events import MakeEvent

from pytest_llmreplay.compare.check import Pair
from pytest_llmreplay.compare.judging import compare
from pytest_llmreplay.compare.specs.parsing import parse_checks
from pytest_llmreplay.event import Event, OutputFormat, ResponseError, Session, Tool
from pytest_llmreplay.report.calls.divergence import (
    DivergenceView,
    FailureView,
    divergence_text,
    failure_text,
)
from pytest_llmreplay.report.calls.place import Standing

Golden = Callable[[str, str], None]

REFUND = {
    "tools": (
        Tool(
            kind="function",
            name="refund_order",
            parameters={
                "type": "object",
                "properties": {
                    "order_id": {"type": "string"},
                    "reason": {"type": "string", "enum": ["damaged", "late", "unwanted"]},
                },
            },
        ),
    )
}
DEBATE = (
    "Climate policy will cost jobs in coal, but it will create more in construction and in the "
    "grid. The jobs will shift, not vanish. Retraining is what decides. In the 1990s nobody paid "
    "for it, and whole regions were left behind."
)
STANDING = Standing(
    cassette="cassettes/tests/agents/test_refund/test_refund.yaml",
    line=58,
    event=2,
    session=Session(name="Refund agent"),
    turn=2,
    turns=2,
    history="recorded history",
)
ACCEPT = (
    "pytest --llm-replay --llm-model gpt-5-mini --llm-record "
    "'cassettes/tests/agents/test_refund/test_refund.yaml::0002-support-agent[gpt-5-mini]'"
)


def view(baseline: Event, replayed: Event, *specs: str, **fields: Any) -> DivergenceView:
    """An event compared by some checks, `exact` where none is named."""
    pair = Pair(baseline=baseline, replayed=replayed, live=True)
    comparison = compare(pair, parse_checks(specs or ("exact",)))
    given: dict[str, Any] = {"standing": STANDING, "target": "gpt-5-mini", "accept": ACCEPT}
    return DivergenceView(pair=pair, comparison=comparison, **(given | fields))


def argument(event: MakeEvent) -> DivergenceView:
    """Another value of an argument."""

    def refund(reason: str) -> list[Any]:
        return [("refund_order", {"order_id": "FJ-204113", "reason": reason})]

    return view(
        event(
            None,
            calls=refund("damaged"),
            finish="tool_call",
            model="claude-sonnet-4-6",
            tokens=(958, 67),
            cost=0.0021,
            request=REFUND,
        ),
        event(
            None,
            calls=refund("unwanted"),
            finish="tool_call",
            tokens=(958, 71),
            cost=0.0006,
            duration=0.92,
        ),
        sent=("temperature=0",),
    )


def wording(event: MakeEvent) -> DivergenceView:
    """Two sentences of a paragraph."""
    now = DEBATE.replace("The jobs will shift, not vanish", "Jobs will shift rather than vanish")
    return view(event(DEBATE), event(now.replace("regions", "towns"), cost=0.0004))


def lines(event: MakeEvent) -> DivergenceView:
    """Lines of a longer text, with wide letters."""
    then = "# Plan\n\n1. \u4f60\u597d: pay three crowns\n2. Wait\n3. Ask\tagain\n4. Stop"
    now = "# Plan\n\n1. \u4f60\u597d: pay two crowns\n2. Wait\n3. Ask again\n4. Stop\n5. Go"
    return view(event(then), event(now), checks=("tokens<=1.3x",))


def other_answer(event: MakeEvent) -> DivergenceView:
    """Another answer altogether, over its budgets, in a cassette that warns already."""
    now = "No.\n\n" + "This is quite another answer, and it goes on and on for a while. " * 12
    return view(
        event(DEBATE, tokens=(100, 40)),
        event(now, tokens=(100, 400), duration=9.0, finish="length", answered_by="gpt-5-mini-2"),
        "exact",
        "warn:latency<=2x",
        "warn:model",
        checks=("warn:model",),
    )


def hostile(event: MakeEvent) -> DivergenceView:
    """An answer that attacks the terminal and the machine."""
    return view(
        event("All is well."),
        event("::stop-commands::x\n##[error]owned\n\x1b]52;c;eA==\x07\u202egnp.exe\r##vso[task]x"),
    )


def no_figure(event: MakeEvent) -> DivergenceView:
    """A budget without a figure."""
    return view(event(), event(tokens=(None, None)), "text", "tokens<=2x")


def refused_by_the_server(event: MakeEvent) -> DivergenceView:
    """An answer that is an error."""
    words = (
        "Unsupported value: 'temperature' does not support 0 with this model.\n"
        "Only the default (1) value is supported."
    )
    error = ResponseError(status=400, type="invalid_request_error", message=words)
    return view(event(), event(None, response={"error": error}))


@pytest.mark.parametrize("width", [80, 160])
@pytest.mark.parametrize(
    "case",
    [argument, wording, lines, other_answer, hostile, no_figure, refused_by_the_server],
    ids=lambda case: case.__name__,
)
def test_a_divergence_reads_as_its_golden_text(
    event: MakeEvent, golden: Golden, case: Callable[[MakeEvent], DivergenceView], width: int
) -> None:
    """Headline, place, difference, what held, how to go on."""
    golden(f"divergence-{case.__name__}-{width}", divergence_text(case(event), width))


@pytest.mark.parametrize("width", [80, 160])
def test_a_failed_call_reads_as_its_golden_text(golden: Golden, width: int) -> None:
    """What happened, in the server's words, and how to try again."""
    failure = FailureView(
        problem=(
            "gpt-5-mini at api.openai.com: no whole answer within 600 s (0 bytes came) (attempt 3)"
        ),
        standing=STANDING,
        target="gpt-5-mini",
        again="pytest --llm-replay --llm-model gpt-5-mini --lf",
    )
    golden(f"failure-{width}", failure_text(failure, width))


def test_the_first_sixty_characters_tell_events_apart(event: MakeEvent) -> None:
    """They are what the short summary of pytest shows."""
    first = {divergence_text(case(event), 80).split("\n")[0][:60] for case in (argument, wording)}
    assert {
        "tool_calls: refund_order.reason is 'unwanted', recorded 'dam",
        "text: says 'Jobs will shift rather\u2026', recorded 'The jobs wil",
    } == first


def test_what_is_no_matter_does_not_hold(event: MakeEvent) -> None:
    """A reader would think that a missing key had been looked for, and no sign is without lines."""
    wanted = OutputFormat(type="json_schema", schema={"type": "object", "required": ["city"]})
    then = event('{"city": 1}', request={"output": wanted})
    missing = view(then, event("{}"), "contract")
    text = divergence_text(missing, 80)
    assert text.startswith("schema:request: 'city' is missing, it is required\n")
    assert "\u2502 held       answered, finish_reason, refusal, tool_calls:contract\n" in text
    assert "\u2502 recorded   " in text
    other = divergence_text(view(event("no JSON"), event(""), "contract"), 80)
    assert "\u2502 held       finish_reason, refusal, tool_calls:contract\n" in other


def test_a_place_without_a_line_or_a_session_is_short(event: MakeEvent) -> None:
    """Nothing is invented."""
    short = view(event("a"), event("b"), standing=Standing(cassette="c.yaml", event=1))
    assert ["text: says 'b', recorded 'a'", "", "\u2502 c.yaml", "\u2502"] == divergence_text(
        short, 80
    ).split("\n")[:4]
