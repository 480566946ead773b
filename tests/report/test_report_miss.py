"""What is said about a call without a recording; the golden texts stand in `golden/`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from pytest_llmreplay.report.cassettes.miss_text import miss_text
from pytest_llmreplay.report.cassettes.miss_view import Changed, MissView, Nearest

Golden = Callable[[str, str], None]

SYSTEM = (
    "You are the support agent of Fjord Outdoor.",
    "Answer in the language of the customer, in at most three sentences.",
    "Look the order up before you say anything about it.",
)
NEAREST = Nearest(number=1, events=2, name="support-agent", played=False)


def miss(**fields: Any) -> MissView:
    """A call of the refund agent."""
    given: dict[str, Any] = {
        "number": 1,
        "method": "POST",
        "path": "/v1/messages",
        "model": "claude-sonnet-4-6",
        "frame": "src/agents/support.py:48  in answer",
        "cassette": "cassettes/tests/agents/test_refund/test_refund_within_30_days.yaml",
        "record": "pytest tests/agents/test_refund.py -k test_refund_within_30_days --llm-record",
    }
    return MissView(**(given | fields))


PROMPT = miss(
    nearest=NEAREST,
    changed=(
        Changed(
            path="body.system",
            recorded=SYSTEM,
            now=tuple(line.replace("three", "two") for line in SYSTEM),
        ),
    ),
    equal="model, 2 tools, 1 message",
    ignore=("system",),
    missing=2,
    cost=0.0104,
)
NO_CASSETTE = miss()
PLAYED = miss(
    number=3,
    nearest=Nearest(number=1, events=2, name=None, played=True),
    equal="model, 2 tools, 1 message",
)
ELSEWHERE = miss(
    nearest=Nearest(number=1, events=1, name=None, played=False, path="/v1/chat/completions"),
    equal="model, 1 message",
)
MANY = miss(
    nearest=NEAREST,
    changed=(
        Changed(path="body.model", recorded=("claude-sonnet-4-6",), now=("claude-opus-5",)),
        Changed(path="body.temperature", recorded=(), now=("0.2",)),
        Changed(path="body.messages[2]", recorded=("tool_result: {}",), now=()),
        Changed(path="body.stop", recorded=("1",), now=("2",)),
    ),
    more=4,
    equal="2 tools",
    idle=("metadata.request_id", "mesages[*].content"),
)


@pytest.mark.parametrize("width", [80, 160])
@pytest.mark.parametrize(
    ("name", "view"),
    [
        ("prompt", PROMPT),
        ("no-cassette", NO_CASSETTE),
        ("played", PLAYED),
        ("elsewhere", ELSEWHERE),
        ("many", MANY),
    ],
)
def test_a_miss_reads_as_its_golden_text(
    golden: Golden, name: str, view: MissView, width: int
) -> None:
    """Which call, from where, what is nearest, what differs, what to do."""
    golden(f"miss-{name}-{width}", miss_text(view, width))


@pytest.mark.parametrize(
    ("changed", "headline"),
    [
        (Changed(path="body.a", recorded=("x",), now=("y",), line=7), "body.a differs in line 7"),
        (Changed(path="body.a", recorded=("x",), now=()), "body.a is missing"),
        (Changed(path="body.a", recorded=(), now=("y",)), "body.a is new"),
        (Changed(path="body.a", recorded=("x",), now=("x", "y")), "body.a differs in line 2"),
    ],
)
def test_the_headline_says_what_differs(changed: Changed, headline: str) -> None:
    """It is what the short summary of pytest shows."""
    view = miss(nearest=NEAREST, changed=(changed,))
    said = f"no recording for LLM call 1: {headline}"
    assert f"{said} (offline run)" == miss_text(view, 120).split("\n")[0]
    assert said == miss_text(view, len(said)).split("\n")[0]
