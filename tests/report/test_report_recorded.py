"""Tables, trees, whole events and differences of recordings; the golden texts are in `golden/`."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import pytest
from compared_events import MakeEvent

from pytest_llmreplay.compare.figures.call_figures import Figures, figures_of
from pytest_llmreplay.compare.outcome import Comparison
from pytest_llmreplay.event import (
    BlobPart,
    CompactionPart,
    Message,
    ReasoningPart,
    RefusalPart,
    ResponseError,
    ServerToolCallPart,
    ServerToolCallResponsePart,
    TextPart,
    Tool,
    ToolCallPart,
    ToolCallResponsePart,
    UnknownPart,
)
from pytest_llmreplay.report.calls.conversation import EventView, event_lines
from pytest_llmreplay.report.calls.replayed import ReplayedView, replayed_lines
from pytest_llmreplay.report.calls.side_by_side import Side, side_lines
from pytest_llmreplay.report.cassettes.event_diff import Change, DiffView, EventDiff, diff_lines
from pytest_llmreplay.report.cassettes.inventory import (
    Branch,
    Row,
    Sums,
    inventory_lines,
    tree_lines,
)
from pytest_llmreplay.report.text.layout import columns

Golden = Callable[[str, str], None]
WIDTHS = pytest.mark.parametrize("width", [80, 160])
HOSTILE = "\x1b[2J\u202e::error::##[group]"
ONE = Figures(input_tokens=1204, output_tokens=120, cost=0.0021, duration=1.204)
OTHER = Figures(input_tokens=812, output_tokens=75)


def held(golden: Golden, name: str, lines: Iterable[str], width: int) -> None:
    """Compare, after no line was found to be wider than the terminal, or to hold a command."""
    told = list(lines)
    assert all(columns(line) <= width for line in told)
    assert not any(sign in line for line in told for sign in ("\x1b", "\u202e", "##["))
    golden(f"{name}-{width}", "\n".join(told))


@WIDTHS
def test_a_table_of_cassettes(golden: Golden, width: int) -> None:
    """Figures stay whole; the ends of paths tell cassettes apart."""
    long = "cassettes/tests/integration/support/test_refund_agent/test_a_refund_within_30_days.yaml"
    rows = [
        Row(cells=(long, "12", "2026-11-20"), sums=Sums.of([ONE] * 12)),
        Row(cells=(f"cassettes/{HOSTILE}.yaml", "2", "2026-11-19"), sums=Sums.of([ONE, OTHER])),
        Row(cells=("2 cassettes", "14", ""), sums=Sums.of([*[ONE] * 13, OTHER])),
    ]
    heads = ("cassette", "events", "recorded")
    held(golden, "inventory", inventory_lines(heads, rows, width), width)


@WIDTHS
def test_a_tree_of_a_session(golden: Golden, width: int) -> None:
    """Every place with the sums of all below it; the beginnings of names tell events apart."""
    name = f"0003-argument-evaluation-with-a-long-name-{HOSTILE}"
    leaves = [
        Branch(name=label, model="gpt-5-mini", sums=Sums.of([one]), label=label)
        for label, one in (("0002-assistant-argument", ONE), (name, OTHER))
    ]
    turn = Branch(name="/turn-1", sums=Sums.of([ONE, OTHER]), branches=leaves)
    root = Branch(name="AI Debate (7f0c)", sums=Sums.of([ONE, OTHER]), branches=[turn])
    held(golden, "tree", tree_lines([root], width), width)


@WIDTHS
def test_a_whole_event(golden: Golden, event: MakeEvent, width: int) -> None:
    """What was asked, what was answered, what it took."""
    call = ToolCallPart(name="search", arguments={"query": HOSTILE})
    asked = {
        "system_instructions": (TextPart(content="Answer in one sentence.\n"),),
        "messages": (
            Message(role="user", parts=(TextPart(content="Where does the water go? " * 6),)),
            Message(role="assistant", parts=(call,)),
        ),
    }
    one = event(f"Down the drain. {HOSTILE}", request=asked, name="ask", labels={"team": "a"})
    view = EventView(
        node_id="cassettes/test_it.yaml::0002-ask",
        event=one,
        figures=figures_of(one),
        accepted=("openai/gpt-5-nano",),
    )
    held(golden, "event", event_lines(view, width), width)


def test_every_kind_of_part_is_named(event: MakeEvent) -> None:
    """Nothing that was said or shown is passed over in silence."""
    parts = (
        ReasoningPart(content="hm"),
        RefusalPart(content="no"),
        ToolCallResponsePart(response=(TextPart(content="42"),)),
        ServerToolCallPart(name="web_search", raw={}),
        ServerToolCallResponsePart(raw={}),
        BlobPart(modality="image", content=""),
        CompactionPart(content="so far"),
        UnknownPart(type="odd", raw={}),
    )
    asked = {"messages": (Message(role="user", parts=parts),), "tools": (Tool(kind="f", name="t"),)}
    error = {"error": ResponseError(status=500, type=None, message="broken")}
    one = event(request=asked, response=error, session=None, checks=("text",), model=None)
    told = "\n".join(event_lines(EventView(node_id="x::0002", event=one, figures=Figures()), 80))
    for said in ("(thinks) hm", "no", "(tool) 42", "(uses) web_search", "(image)", "(odd)"):
        assert said in told
    for said in ("(the answer of a hosted tool)", "(sums up) so far", "tools      t"):
        assert said in told
    assert "checks     text" in told
    assert "error: broken" in told


def test_a_terminal_that_is_too_narrow() -> None:
    """Figures stay whole; names keep some columns."""
    rows = [Row(cells=("a-very-long-name", "1", "2026-11-20"), sums=Sums.of([ONE]))]
    lines = inventory_lines(("cassette", "events", "recorded"), rows, 20)
    assert lines[1].startswith("\u2026ng-name")
    assert lines[1].endswith("$0.0021")


def test_many_places_are_counted(event: MakeEvent) -> None:
    """The first are shown, the others told by their number, here and there."""
    then, now = ("\n\n".join(f"{word} line {n}" for n in range(9)) for word in ("old", "new"))
    view = ReplayedView(
        id="a",
        new_id=None,
        target="recorded",
        original=event(then, tokens=(None, None)),
        replayed=event(now, tokens=(None, None)),
        live=True,
        comparison=Comparison(outcome="diverged"),
        problem=None,
        text_identical=False,
        tool_calls_identical=True,
    )
    assert "more places" in "\n".join(replayed_lines(view, 80))
    change = Change(place="answer", before=tuple(then.split("\n")), after=tuple(now.split("\n")))
    one = EventDiff(before="1", after="1", request=(), answer=(change,), figures=(ONE, ONE))
    told = DiffView(before="a", after="b", same=0, changed=[one], gone=[], new=[])
    assert "more places in it" in "\n".join(diff_lines(told, 80))


@WIDTHS
def test_a_difference_of_cassettes(golden: Golden, width: int) -> None:
    """Counts first; a request that changed as an earlier one did is told once."""
    asked = Change(
        place="body.messages[0].content", before=("You take no side.",), after=("You take one.",)
    )
    answered = Change(place="answer", before=("Yes.",), after=(f"No. {HOSTILE}",))
    changed = [
        EventDiff(
            before=label,
            after=label,
            request=(asked,),
            answer=(answered,) * index,
            figures=(ONE, OTHER),
        )
        for index, label in enumerate(("0001-ask", "0002-ask"))
    ]
    view = DiffView(
        before="cassettes/a.yaml",
        after=f"cassettes/{HOSTILE}.yaml",
        same=1200,
        changed=changed,
        gone=["0003-old"],
        new=["0004-new"],
    )
    held(golden, "diff", diff_lines(view, width), width)


@WIDTHS
def test_a_replayed_call(golden: Golden, event: MakeEvent, width: int) -> None:
    """The summary, both answers, figures, and where the words differ."""
    view = ReplayedView(
        id="req_1",
        new_id="req_2",
        target="gpt-5-nano",
        original=event("Yes, we do. Every day."),
        replayed=event(f"Yes, we do. On Mondays. {HOSTILE}", tokens=(100, 24), duration=0.75),
        live=True,
        comparison=Comparison(outcome="diverged"),
        problem=None,
        text_identical=False,
        tool_calls_identical=True,
        losses=("seed",),
    )
    held(golden, "replayed", replayed_lines(view, width), width)


@WIDTHS
def test_configurations_side_by_side(golden: Golden, width: int) -> None:
    """A row for each, problems below, and a dash where nothing was measured."""
    sides = [
        Side(name="openai/gpt-5-mini", said="same", latency=812.0, tokens=1204, cost=0.0021),
        Side(
            name="ollama/llama3 temperature=0.5",
            said="error",
            latency=None,
            tokens=None,
            cost=None,
            problem=f"no connection {HOSTILE}",
        ),
    ]
    total = Side(name="mean and sums", said="1 of 2", latency=812.0, tokens=1204, cost=0.0021)
    held(golden, "side-by-side", side_lines(sides, total, width), width)
