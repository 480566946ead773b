"""Tables, trees, whole events and differences of recordings; the golden texts are in `golden/`."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import pytest
from compared_events import MakeEvent

from pytest_llmreplay.compare.call_figures import Figures, figures_of
from pytest_llmreplay.compare.outcome import Comparison
from pytest_llmreplay.event import Message, TextPart, ToolCallPart
from pytest_llmreplay.report.conversation import EventView, event_lines
from pytest_llmreplay.report.event_diff import Change, DiffView, EventDiff, diff_lines
from pytest_llmreplay.report.inventory import Branch, Row, Sums, inventory_lines, tree_lines
from pytest_llmreplay.report.layout import columns
from pytest_llmreplay.report.replayed import ReplayedView, replayed_lines
from pytest_llmreplay.report.side_by_side import Side, side_lines

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
