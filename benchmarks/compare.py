"""What it takes to compare 10,000 decoded events by every check that asks nobody.

    python benchmarks/compare.py [--events 10000] [--rounds 3]

Three kinds of answers: words, JSON that a schema was asked for, and calls of a tool. Each kind
once with equal answers and once with answers that differ. Events are decoded before, and each pair
is compared once in a round; the figure is the seconds for all of them, which on a busy machine are
more than those of the processor.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from statistics import median
from time import perf_counter, process_time
from typing import Any

from made_calls import ANSWER_HEADERS, URL, answer_of, request_of

from pytest_llmreplay.compare.check import Check, Pair
from pytest_llmreplay.compare.judging import compare
from pytest_llmreplay.compare.specs.parsing import parse_checks
from pytest_llmreplay.event import Event, Exchange, HttpRequest, HttpResponse, JsonBody
from pytest_llmreplay.providers.registry import decoder_of

SPECS = (
    *("contract", "text", "text:normalized", "text>=0.9", "contains:committee", "regex:[Ff]ell"),
    *("tool_calls", "tool_calls:names", "json", "json:shape", "model", "tokens<=2x"),
    *("input_tokens<=2x", "output_tokens<=2x", "latency<=5x", "cost<=1.2x"),
)
SCHEMA = {
    "type": "object",
    "properties": {
        "order": {"type": "string"},
        "days": {"type": "integer"},
        "reasons": {"type": "array", "items": {"type": "string"}},
    },
    "required": ["order", "days"],
}

DAYS = 30
"""As recorded; another number makes another answer."""

Body = dict[str, Any]
Change = Callable[[Body, Body, int, int], None]
"""Puts a kind of answer into a request and its answer, for a number of days."""


def words(_asked: Body, answer: Body, _number: int, days: int) -> None:
    """Some 1,000 characters of prose, whose middle is rewritten where it differs."""
    if days != DAYS:
        message = answer["choices"][0]["message"]
        message["content"] = message["content"].replace("fell in most", "rose in some", 3)


def structured(asked: Body, answer: Body, number: int, days: int) -> None:
    """Valid JSON of some 800 characters."""
    form = {"name": "refund", "schema": SCHEMA, "strict": True}
    asked["response_format"] = {"type": "json_schema", "json_schema": form}
    answer["choices"][0]["message"]["content"] = json.dumps(arguments(number, days))


def calling(asked: Body, answer: Body, number: int, days: int) -> None:
    """Two calls of a tool."""
    asked["tools"] = [{"type": "function", "function": {"name": "refund", "parameters": SCHEMA}}]
    choice = answer["choices"][0]
    called = {"name": "refund", "arguments": json.dumps(arguments(number, days))}
    choice["message"] |= {
        "content": None,
        "tool_calls": [{"id": f"c{n}", "type": "function", "function": called} for n in (1, 2)],
    }
    choice["finish_reason"] = "tool_calls"


KINDS: tuple[Change, ...] = (words, structured, calling)


def arguments(number: int, days: int) -> Body:
    """What is asked of the tool."""
    reasons = ["the tent arrived torn at its seam"] * 20
    return {"order": f"FJ-{number}", "days": days, "reasons": reasons}


def made(number: int, kind: Change, *, other: bool) -> Event:
    """A decoded event."""
    asked, answer = request_of(number), answer_of(number)
    kind(asked, answer, number, DAYS + other)
    event = Event(
        number=number,
        provider="openai",
        model="gpt-5-mini",
        api="chat_completions",
        exchange=Exchange(
            request=HttpRequest(
                method="POST",
                url=URL,
                headers={"content-type": "application/json"},
                body=JsonBody(value=asked),
            ),
            response=HttpResponse(status=200, headers=ANSWER_HEADERS, body=JsonBody(value=answer)),
        ),
        decoder=decoder_of("chat_completions"),
    )
    assert event.request.model
    assert event.response.error is None
    return event


def pairs_of(kind: Change, events: int, *, other: bool) -> list[Pair]:
    """Recorded and replayed, two objects each, as they come from two places."""
    return [
        Pair(
            baseline=made(number, kind, other=False),
            replayed=made(number, kind, other=other),
            live=True,
        )
        for number in range(1, events + 1)
    ]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=3)
    args = parser.parse_args()
    checks = parse_checks(SPECS)
    print(f"{args.events} events, {len(checks)} checks, median of {args.rounds} (bar: 5 s)")
    for kind in KINDS:
        for other in (False, True):
            pairs = pairs_of(kind, args.events, other=other)
            compared(pairs[:1], checks)  # loads what the first comparison loads
            rounds = [compared(pairs, checks) for _ in range(args.rounds)]
            wall, cpu = (median(taken) for taken in zip(*rounds, strict=True))
            label = f"{kind.__name__}, {'differing' if other else 'equal'}"
            print(f"{label:24}{wall:8.2f} s, of the processor {cpu:.2f} s", flush=True)


def compared(pairs: list[Pair], checks: tuple[Check, ...]) -> tuple[float, float]:
    """The seconds that comparing all of them takes, by the clock and of the processor.

    As if for the first time: a pair keeps what its checks share.
    """
    began, worked = perf_counter(), process_time()
    for pair in pairs:
        compare(Pair(baseline=pair.baseline, replayed=pair.replayed, live=True), checks)
    return perf_counter() - began, process_time() - worked


if __name__ == "__main__":
    main()
