"""No payload survives in anything that this stage hands out.

The two readers below do what the machines of GitHub and Azure do with every line that a job
prints: https://github.com/actions/runner/blob/main/src/Runner.Common/ActionCommand.cs
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from datetime import date

import pytest
from compared_events import MakeEvent
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from pytest_llmreplay.compare.check import Pair
from pytest_llmreplay.compare.judging import compare
from pytest_llmreplay.compare.specs.parsing import parse_checks
from pytest_llmreplay.event import ResponseError, Session
from pytest_llmreplay.replay.money.estimate import Estimate
from pytest_llmreplay.report.calls.divergence import (
    DivergenceView,
    FailureView,
    divergence_text,
    failure_text,
)
from pytest_llmreplay.report.calls.place import Standing
from pytest_llmreplay.report.cassettes.miss_text import miss_text
from pytest_llmreplay.report.cassettes.miss_view import Changed, MissView, Nearest
from pytest_llmreplay.report.header import PlanView, TargetPlan, header_lines
from pytest_llmreplay.report.junit import properties
from pytest_llmreplay.report.summary.force import CheckSource
from pytest_llmreplay.report.summary.result import EventResult, compared
from pytest_llmreplay.report.summary.summary import RunView, summary_lines
from pytest_llmreplay.report.summary.tally import Tally
from pytest_llmreplay.report.text.sanitise import for_encoding

Sink = Callable[[MakeEvent, str], Iterator[str]]

BLANKS = "\t\n\x0b\x0c\r \x85\xa0\u1680\u2000\u2002\u2003\u2009\u200a\u2028\u2029\u202f\u205f\u3000"
"""What .NET trims from the start of a line."""


def commands(line: str) -> Iterator[str]:
    """What the runners would carry out."""
    old = re.search(r"##\[[^\]]*\]", line)
    if old:
        yield old[0]
    new = re.match(r"::[^:]*.*?::", line.lstrip(BLANKS))
    if new:
        yield new[0]
    azure = re.search(r"##vso\[", line)
    if azure:
        yield azure[0]


PAYLOADS = [
    "::stop-commands::x",
    " \u3000::error file=a::b",
    "##[add-mask]x",
    "###[group]",
    "##vso[task.setvariable variable=x]y",
    "\x1b]8;;http://evil\x07x",
    "\x1b[2J\x9b31m",
    "a\r::set-output name=x::y",
    "\u202e\u2066\u200b\ufeff",
    "\n\n::debug::x\n##[endgroup]",
    "\ud83d\udca9\ud800",
    "#\u200d#[error]",
    "\x00\x7f\x85\u2028::x::",
]
HOSTILE = st.one_of(
    st.sampled_from(PAYLOADS),
    st.text(max_size=40),
    st.lists(st.sampled_from([*PAYLOADS, "#", ":", "[", " ", "word"]), max_size=5).map("".join),
)


def standing(text: str) -> Standing:
    """A place whose every name is hostile."""
    session = Session(id=text, name=text, path=text)
    return Standing(cassette=text, line=1, event=1, session=session, turn=1, turns=2, history=text)


def a_divergence(event: MakeEvent, text: str) -> Iterator[str]:
    """Every field of an event and of its view."""
    then = event(f"{text} then", calls=[(text, {text: [text]})], model=text)
    now = event(f"now {text}", calls=[(text, {text: {text: 1}})], answered_by=text, refusal=text)
    pair = Pair(baseline=then, replayed=now, live=True, unmeasured=text)
    checks = parse_checks(["text", "tool_calls", "refusal", "latency<=2x", "warn:model"])
    view = DivergenceView(
        pair=pair,
        comparison=compare(pair, checks),
        standing=standing(text),
        target=text,
        baseline=text,
        sent=(text, text),
        checks=(text,),
        accept=text,
        see=text,
    )
    yield from divergence_text(view, 80).split("\n")


def an_error(event: MakeEvent, text: str) -> Iterator[str]:
    """The words of a server."""
    error = ResponseError(status=400, type=text, message=text)
    pair = Pair(baseline=event(), replayed=event(response={"error": error}), live=True)
    view = DivergenceView(
        pair=pair, comparison=compare(pair, ()), standing=standing(text), target=text
    )
    yield from divergence_text(view, 80).split("\n")
    failure = FailureView(problem=text, standing=standing(text), target=text, again=text)
    yield from failure_text(failure, 40).split("\n")


def a_miss(_event: MakeEvent, text: str) -> Iterator[str]:
    """A request and its nearest event."""
    miss = MissView(
        number=1,
        method=text,
        path=text,
        model=text,
        cassette=text,
        frame=text,
        nearest=Nearest(number=1, events=1, name=text, played=False, path=text),
        changed=(
            Changed(path=text, recorded=(text, "x"), now=(text, "y")),
            Changed(path=text, recorded=(text,), now=(f"{text}{text}",)),
            Changed(path=text, recorded=(), now=(text,)),
            Changed(path=text, recorded=(), now=(text,)),
        ),
        equal=text,
        ignore=(text,),
        record=text,
        earlier=text,
        moves=(text,),
    )
    yield from miss_text(miss, 80).split("\n")


def a_summary(event: MakeEvent, text: str) -> Iterator[str]:
    """Targets, causes, reasons, checks, commands."""
    tally = Tally(text)
    pair = Pair(
        baseline=event("a", calls=[(text, {})]),
        replayed=event("b", calls=[(text, {"x": 1})]),
        live=True,
    )
    comparison = compare(pair, parse_checks(["tool_calls"]))
    tally.add(compared(pair, comparison, node_id=text, target=text, session=text))
    tally.add(EventResult(node_id=text, target=text, outcome="error", reason=text))
    tally.add(
        EventResult(node_id=text, target=text, outcome="not_run", reason=text, recorded_at=text)
    )
    sources = (CheckSource(spec=text, source=text, events=1),)
    for tallies, width in (((tally,), 80), ((tally, tally), 80), ((tally,) * 3, 160)):
        view = RunView(
            tallies=tallies,
            today=date(2026, 11, 20),
            checks=sources,
            dropped=sources,
            prices=text,
            again=text,
        )
        yield from summary_lines(view, width)


def a_header(_event: MakeEvent, text: str) -> Iterator[str]:
    """Targets and hosts."""
    target = TargetPlan(host=text, estimate=Estimate(target=text, calls=1, cost=0.1, priced=1))
    plan = PlanView(targets=(target, target), first=text, last=text, today=date(2026, 11, 20))
    yield from header_lines(plan, 80)


def the_properties(event: MakeEvent, text: str) -> Iterator[str]:
    """Values of JUnit XML."""
    pair = Pair(baseline=event(text), replayed=event("x", answered_by=text), live=True)
    comparison = compare(pair, parse_checks(["text"]))
    result = compared(pair, comparison, node_id=text, target=text)
    failed = EventResult(node_id=text, target=text, outcome="error", reason=text)
    for _name, value in (*properties(result), *properties(failed)):
        yield str(value)


SINKS: list[Sink] = [a_divergence, an_error, a_miss, a_summary, a_header, the_properties]


@pytest.mark.parametrize("sink", SINKS, ids=lambda sink: sink.__name__)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(text=HOSTILE)
@example(text="##[error]")
@example(text="::error::x")
def test_no_payload_survives(event: MakeEvent, sink: Sink, text: str) -> None:
    """Lines are printable, hold no command, and fit every output."""
    for line in sink(event, text):
        assert "\n" not in line
        assert [] == [*commands(line)]
        assert {unicodedata.category(c) for c in line if not c.isprintable()} <= {"Zs"}
        for encoding in ("ascii", "cp1252", "utf-8"):
            shown = for_encoding(line, encoding)
            shown.encode(encoding)
            assert [] == [*commands(shown)]


def test_the_readers_read() -> None:
    """The payloads would have worked."""
    lines = [line for payload in PAYLOADS for line in re.split("[\r\n]", payload)]
    assert 8 <= len([command for line in lines for command in commands(line)])
