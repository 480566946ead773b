"""What a whole replay says; the golden texts stand in `golden/`."""

from __future__ import annotations

import random
import re
import time
from collections import Counter
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from compared_events import MakeEvent

from pytest_llmreplay.compare.check import Held, Pair
from pytest_llmreplay.compare.figures.call_figures import Figures, percentile
from pytest_llmreplay.compare.figures.numbers import change, money, seconds
from pytest_llmreplay.compare.judging import compare
from pytest_llmreplay.compare.outcome import Comparison, Judged
from pytest_llmreplay.compare.specs.parsing import parse_checks
from pytest_llmreplay.event import Event, Measured, Tool
from pytest_llmreplay.replay.money.estimate import Estimate
from pytest_llmreplay.report.header import PlanView, TargetPlan, header_lines
from pytest_llmreplay.report.junit import properties
from pytest_llmreplay.report.summary.force import CheckSource
from pytest_llmreplay.report.summary.result import EventResult, compared
from pytest_llmreplay.report.summary.summary import RunView, summary_lines
from pytest_llmreplay.report.summary.table import Cell, Row, blocks
from pytest_llmreplay.report.summary.tally import Tally

Golden = Callable[[str, str], None]

TODAY = date(2026, 11, 20)
REFUND = {
    "tools": (
        Tool(
            kind="function",
            name="refund_order",
            parameters={"properties": {"reason": {"enum": ["damaged", "late", "unwanted"]}}},
        ),
    )
}
CHECKS = (
    CheckSource(spec="exact", source="default"),
    CheckSource(spec="tokens<=1.3x", source="cassette header", events=12),
)


def node(number: int, target: str) -> str:
    """A node id."""
    place = f"cassettes/tests/agents/test_refund/test_{number // 4}.yaml"
    return f"{place}::{number % 4 + 1:04d}-support-agent[{target}]"


def unanswered(number: int, target: str, at: str) -> EventResult | None:
    """Some events have no answer."""
    given: dict[str, Any] = {"node_id": node(number, target), "target": target, "recorded_at": at}
    if number % 20 == 0:
        reason = "embeddings" if number % 40 else "a recorded error"
        return EventResult(outcome="not_replayed", reason=reason, session="s", **given)
    if number % 33 == 5:
        lost = "no whole answer within 600 s (0 bytes came)"
        return EventResult(
            outcome="error", reason=lost, live=True, retries=2, throttled=1, session="s", **given
        )
    return None


def tally(event: MakeEvent, target: str, seed: int, *specs: str) -> Tally:
    """120 events, most of them as recorded."""
    dice, result = random.Random(seed), Tally(target)
    for number in range(120):
        at = f"2026-{3 + number % 9:02d}-{1 + number % 19:02d}T10:00:00.000Z"
        one = unanswered(number, target, at)
        result.add(one or answered(event, dice, specs, number=number, target=target, at=at))
    return result


def answered(
    event: MakeEvent,
    dice: random.Random,
    specs: tuple[str, ...],
    *,
    number: int,
    target: str,
    at: str,
) -> EventResult:
    """An event that was answered."""
    took, wrote = dice.uniform(0.3, 2), dice.randint(50, 300)

    def one(text: str, reason: str, times: float, **more: Any) -> Event:
        measured = Measured(at=at, duration=took * times, time_to_first_chunk=took * times / 4)
        tokens, calls = (900, int(wrote * times)), [("refund_order", {"reason": reason})]
        price = wrote * times * 2e-5
        return event(
            text, calls=calls, tokens=tokens, cost=price, measured=measured, request=REFUND, **more
        )

    pair = Pair(
        baseline=one("x", "damaged", 1),
        replayed=one(
            dice.choice("xxxyz"),
            dice.choice(["damaged"] * 12 + ["unwanted"]),
            dice.uniform(0.5, 1.6),
            refusal="I cannot." if dice.random() < 0.03 else None,
        ),
        live=True,
    )
    comparison = compare(pair, parse_checks(specs))
    return compared(
        pair, comparison, node_id=node(number, target), target=target, session=str(number // 4)
    )


def run(*tallies: Tally, **fields: Any) -> RunView:
    """A run at its end."""
    given: dict[str, Any] = {
        "tallies": tallies,
        "today": TODAY,
        "checks": CHECKS,
        "seconds": 372.4,
        "prices": "genai-prices 0.2.3",
        "again": "pytest --llm-replay --llm-model gpt-5-mini --lf",
    }
    return RunView(**(given | fields))


@pytest.mark.parametrize("width", [80, 160])
def test_one_target_reads_as_its_golden_text(event: MakeEvent, golden: Golden, width: int) -> None:
    """Recorded, replayed and the change have a column each."""
    one = tally(event, "gpt-5-mini", 1, "exact", "warn:text", "refusal")
    golden(f"summary-one-{width}", "\n".join(summary_lines(run(one), width)))


@pytest.mark.parametrize("width", [80, 160])
def test_two_targets_stand_side_by_side(event: MakeEvent, golden: Golden, width: int) -> None:
    """Also on a narrow terminal."""
    both = [
        tally(event, "gpt-5-mini", 1, "exact", "warn:text", "refusal"),
        tally(event, "claude-haiku-5", 2, "exact", "warn:text", "refusal"),
    ]
    golden(f"summary-two-{width}", "\n".join(summary_lines(run(*both), width)))


@pytest.mark.parametrize("width", [80, 160])
def test_three_targets_stack_where_they_must(event: MakeEvent, golden: Golden, width: int) -> None:
    """And wording alone is called that."""
    three = [
        tally(event, "gpt-5-mini", 1, "exact"),
        tally(event, "claude-haiku-5", 2, "exact"),
        tally(event, "gpt-5-mini-terse", 3, "exact"),
    ]
    dropped = (CheckSource(spec="tool_calls", source="event", events=3),)
    view = run(*three, dropped=dropped)
    golden(f"summary-three-{width}", "\n".join(summary_lines(view, width)))
    contract = (CheckSource(spec="contract", source="command line", events=3),)
    assert "wording alone" not in "\n".join(summary_lines(run(*three, checks=contract), width))


def test_a_self_check_sends_nothing(event: MakeEvent, golden: Golden) -> None:
    """Offline there is no money and no time, and nobody made them up."""
    offline = Tally("recorded")
    for number in range(3):
        pair = Pair(baseline=event(), replayed=event(), live=False)
        comparison = compare(pair, parse_checks(["exact"]))
        offline.add(compared(pair, comparison, node_id=node(number, "recorded"), target="recorded"))
    view = run(offline, checks=CHECKS[:1], seconds=0.4, again=None)
    golden("summary-recorded-80", "\n".join(summary_lines(view, 80)))


def test_a_recording_is_priced_where_its_answer_is(event: MakeEvent) -> None:
    """Costs are compared, or none is told."""
    priced, local = event(cost=0.01), event(provider="ollama")
    for replayed, cost in ((priced, 0.01), (local, None)):
        pair = Pair(baseline=priced, replayed=replayed, live=True)
        result = compared(pair, compare(pair, parse_checks(["text"])), node_id="n", target="t")
        assert cost == result.recorded.cost


def test_unpriced_and_unreported_calls_are_counted(event: MakeEvent) -> None:
    """A sum never passes for the whole."""
    local = Tally("local/tiny")
    pair = Pair(baseline=event(), replayed=event(provider="ollama", tokens=(None, None)), live=True)
    comparison = compare(pair, parse_checks(["exact"]))
    local.add(compared(pair, comparison, node_id="n", target="local/tiny"))
    lines = summary_lines(run(local, again=None), 80)
    assert [
        "1 call \u00b7 6 min 12 s",
        "1 call unpriced \u00b7 1 answer without usage",
    ] == lines[-2:]
    paid = Pair(baseline=event(), replayed=event(cost=0.01), live=True)
    local.add(compared(paid, comparison, node_id="n", target="local/tiny"))
    assert "1 call unpriced, not in the sum" in summary_lines(run(local, again=None), 80)[-1]


def test_tokens_that_were_counted_on_this_machine_are_told() -> None:
    """As nobody reported them, only a check has seen them."""
    counted = Tally("t")
    for local in (True, True, False):
        held = Held(check="tokens<=2x", counted_locally=local)
        comparison = Comparison(
            outcome="ok", judged=(Judged(finding=held, gated=True, asked=False),)
        )
        counted.add(
            EventResult(node_id="n", target="t", outcome="ok", comparison=comparison, live=True)
        )
    assert "tokens of 2 answers counted locally" == summary_lines(run(counted, again=None), 80)[-1]


def test_a_stream_that_was_left_is_in_no_row_of_what_its_end_tells(event: MakeEvent) -> None:
    """Its beginning, held against whole answers, would make any target look dear."""
    rows = Tally("m")
    took: dict[str, Any] = {"tokens": (900, 3), "cost": 0.001, "duration": 0.1, "first": 0.1}
    left = event("one", finish=None, response={"truncated": True}, **took)
    whole = event("one two", tokens=(900, 300), cost=0.01, duration=9.0, first=0.1)
    pair = Pair(baseline=left, replayed=whole, live=True)
    comparison = compare(pair, parse_checks(["answered"]))
    rows.add(compared(pair, comparison, node_id="n", target="m"))
    known = {name for name, figures in rows.figures.items() if figures.recorded}
    assert {"input_tokens", "time_to_first_chunk"} == known
    assert pytest.approx(0.01) == rows.spent


def test_a_simulated_model_costs_nothing(event: MakeEvent) -> None:
    """Also where its answer reports the cost that the recorded one had."""
    free = Tally("simulated/steady")
    for cost in (0.01, None):
        pair = Pair(baseline=event(cost=cost), replayed=event(cost=cost), live=True)
        comparison = compare(pair, parse_checks(["exact"]))
        free.add(compared(pair, comparison, node_id="n", target="simulated/steady"))
    assert "2 calls \u00b7 6 min 12 s" == summary_lines(run(free, again=None), 80)[-1]


def planned(name: str, host: str, **estimate: Any) -> TargetPlan:
    """A target of a header."""
    return TargetPlan(host=host, estimate=Estimate(target=name, **estimate))


@pytest.mark.parametrize("width", [80, 160])
def test_the_header_says_what_is_about_to_be_sent(golden: Golden, width: int) -> None:
    """Target, host, calls, estimated cost, and how old the requests are."""
    plan = PlanView(
        targets=(
            planned("gpt-5-mini", "api.openai.com", calls=400, cost=0.712, priced=400),
            planned(
                "claude-haiku-5",
                "api.anthropic.com",
                calls=394,
                cost=1.02,
                priced=391,
                left_out=Counter(embeddings=6),
                unpriced=Counter({"anthropic/x": 3}),
            ),
            planned("local", "127.0.0.1:8080", calls=1, unpriced=Counter({"openai/x": 1})),
        ),
        first="2026-03-02",
        last="2026-11-19",
        today=TODAY,
    )
    golden(f"header-{width}", "\n".join(header_lines(plan, width)))


@pytest.mark.parametrize(
    ("first", "last", "said"),
    [
        ("", "", "requests as recorded"),
        ("2026-11-20", "2026-11-20", "requests as recorded 2026-11-20, today"),
        ("2026-11-19", "2026-11-19", "requests as recorded 2026-11-19, 1 day ago"),
        ("2026-11-18", "2026-11-18", "requests as recorded 2026-11-18, 2 days ago"),
        ("soon", "later", "requests as recorded soon \u2026 later"),
    ],
)
def test_the_age_of_the_recordings_is_said_where_it_is_known(
    first: str, last: str, said: str
) -> None:
    """Whatever a cassette has for a date."""
    assert [said] == header_lines(PlanView(targets=(), first=first, last=last, today=TODAY), 80)


def test_figures_are_written_as_people_write_them() -> None:
    """Seconds, money and change, small and large."""
    assert ("12.3 s", "6 min 12 s") == (seconds(12.34), seconds(372.4))
    assert ("$0.00", "$1,204.50", "$0.0021") == (money(0), money(1204.5), money(0.0021))
    assert ("\u00b10 %", "\u2013", "\u221263 %") == (change(0, 0), change(0, 5), change(194, 71))


def test_many_causes_are_cut_and_counted() -> None:
    """Five are shown, for targets that leave no room for columns too."""
    tallies = [Tally(f"a-rather-long-name-of-target-{n}") for n in range(4)]
    for one in tallies:
        for number in range(7):
            one.add(
                EventResult(node_id="n", target=one.target, outcome="error", reason=f"e{number}")
            )
    lines = summary_lines(run(*tallies), 80)
    assert " 20 of 28 failures have these 5 causes" in lines
    assert any(line.endswith("all targets") for line in lines)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("HTTP 500: boom (attempt 3)", "HTTP 500: boom (attempt 5)"),
        ("broke after status 200 and 146 bytes", "broke after status 200 and 9 bytes"),
        ("HTTP 429: wait 1.4s", "HTTP 429: wait 6m0s"),
        ("HTTP 403: (req_011CSHoEeqs5C35K2U)", "HTTP 403: (req_022CTHoEeqs5C35K2V)"),
        (
            "HTTP 404: id 3f2b8c1e-0a1b-4c2d-9e8f-001122334455",
            "HTTP 404: id aaaaaaaa-0a1b-4c2d-9e8f-001122334455",
        ),
    ],
)
def test_what_each_call_says_with_numbers_of_its_own_is_one_cause(first: str, second: str) -> None:
    """Attempts, bytes, seconds to wait, ids of requests; it is told in the words of the first."""
    lines = summary_lines(run(failed(first, second)), 80)
    assert f" error: {first}" in [line.rstrip("2").rstrip() for line in lines]


def test_another_status_or_model_is_another_cause() -> None:
    """A number that says what happened tells causes apart."""
    models = ["gpt-5", "gpt-4.1-mini-20250414", "gpt-4.1", "gpt-4.5"]
    problems = ["HTTP 503: gpt-5", *(f"HTTP 500: {model}" for model in models)]
    assert 5 == len(failed(*problems).causes)


@pytest.mark.parametrize("piece", ["1", "1,", "1.", "1s", "a1", "1-", "-0a"])
def test_a_problem_of_many_digits_holds_up_no_summary(piece: str) -> None:
    """Whatever a server says in them."""
    began = time.process_time()
    failed(f"HTTP 500: {piece * 5_000}_x")
    assert time.process_time() - began < 1


def failed(*problems: str) -> Tally:
    """A target that answered nothing."""
    counted = Tally("t")
    for problem in problems:
        counted.add(EventResult(node_id="n", target="t", outcome="error", reason=problem))
    return counted


def test_an_event_that_could_not_be_measured_has_a_cause(event: MakeEvent) -> None:
    """As a divergence has."""
    counted = Tally("t")
    pair = Pair(baseline=event(), replayed=event(tokens=(None, None)), live=True)
    comparison = compare(pair, parse_checks(["tokens<=2x"]))
    counted.add(compared(pair, comparison, node_id="n", target="t"))
    assert ["tokens<=2x: not measured, the answer reports no usage"] == [*counted.causes]


def test_the_cause_is_the_check_for_which_the_event_fails(event: MakeEvent) -> None:
    """Not one that would only have reported, nor a set's, which fail nothing."""
    counted = Tally("t")
    pair = Pair(baseline=event(), replayed=event(tokens=(None, None)), live=True)
    comparison = compare(pair, parse_checks(["warn:cost<=2x", "exact", "judge>=0.8"]))
    counted.add(compared(pair, comparison, node_id="n", target="t"))
    assert ["judge>=0.8"] == [cause.partition(":")[0] for cause in counted.causes]


def test_no_checks_are_no_section() -> None:
    """Nothing is said about nothing."""
    lines = summary_lines(run(Tally("t"), checks=(), again=None), 80)
    assert "checks in force" not in lines


def test_percentiles_are_values_that_were_measured() -> None:
    """Nearest rank, whatever the count."""
    assert (2, 4, 4) == tuple(percentile([4, 1, 3, 2], share) for share in (0.5, 0.95, 1.0))
    assert 7 == percentile([7], 0.5)


def test_figures_of_any_length_stand_apart() -> None:
    """A server may report billions of tokens."""
    told = Cell(recorded="832", replayed="31,000,000,000", change="+3,725,961,438 %")
    _, line = blocks(["tiny"], [Row(label="output tokens", cells=(told,))], 80)
    assert ["output tokens", "832", "31,000,000,000", "+3,725,961,438 %"] == re.split(r"  +", line)


def test_reasons_are_counted_wherever_they_stand() -> None:
    """A comparison without an answer keeps its reason as its error."""
    counted = Tally("t")
    none = Comparison(outcome="not_run", error="no money left")
    counted.add(EventResult(node_id="n", target="t", outcome="not_run", comparison=none))
    assert {"not_run": {"no money left": 1}} == counted.reasons


def test_properties_are_builtins_that_every_report_takes(event: MakeEvent) -> None:
    """Short, and named as OpenTelemetry names them."""
    pair = Pair(
        baseline=event("a"), replayed=event("b\x1b", cost=0.000123, first=0.1234567), live=True
    )
    result = compared(pair, compare(pair, parse_checks(["exact"])), node_id="n", target="t\x1b")
    assert [
        ("outcome", "diverged"),
        ("target", r"t\x1b"),
        ("gen_ai.response.model", "gpt-5-mini"),
        ("gen_ai.usage.input_tokens", 100),
        ("gen_ai.usage.output_tokens", 20),
        ("gen_ai.client.inference.duration", 0.5),
        ("gen_ai.response.time_to_first_chunk", 0.123457),
        ("cost", 0.000123),
        ("severity", "wording"),
        ("checks_failed", "text"),
    ] == properties(result)
    assert {str, int, float} >= {type(value) for _, value in properties(result)}


def test_an_unanswered_event_has_its_reason_for_a_property() -> None:
    """And no figures."""
    result = EventResult(
        node_id="n", target="t", outcome="not_run", reason="x" * 500, replayed=Figures()
    )
    assert [("outcome", "not_run"), ("target", "t"), ("reason", "x" * 200)] == properties(result)


def test_figures_that_no_sum_can_hold_are_not_compared() -> None:
    """A cassette may claim any number of tokens; the others are still added up."""
    tally = Tally("a")
    for claimed in (10**400, 5, float("inf")):
        figures = Figures(input_tokens=claimed, duration=1.0)  # type: ignore[arg-type]  # as read
        tally.add(
            EventResult(
                node_id="n", target="a", outcome="ok", recorded=figures, replayed=figures, live=True
            )
        )
    lines = summary_lines(RunView(tallies=(tally,), today=TODAY), 80)
    assert [["input", "tokens", "5", "5", "±0", "%"]] == [
        line.split() for line in lines if line.startswith("input")
    ]
