"""What is said about sessions that ran freely; the golden texts stand in `golden/`."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from pytest_llmreplay.report.free_session import FreeSessionView, TurnView, free_session_lines

LEFT = 'the session left the recording at turn 3: search_kb(query="refunds\x1b[31m")'
REFUND = FreeSessionView(
    name="session Refund agent",
    target="openai/gpt-5-mini",
    id="6f0f2a3e-5f0e-4f57-9d0b-6f8f5a3f1c11",
    turns=(
        TurnView(label="0001-plan", outcome="ok"),
        TurnView(label="0002-act", outcome="diverged", why="tool_calls, text"),
        TurnView(label="0003-answer", outcome="changed", further=('get_order(id="1\x1b[2J")',)),
        TurnView(label="0004-close", outcome="not_run", why=LEFT),
        TurnView(label="0005", outcome="not_run", why=LEFT),
    ),
)


@pytest.mark.parametrize("width", [80, 160])
def test_a_session_reads_as_its_golden_text(width: int, golden: Callable[[str, str], None]) -> None:
    """Turn by turn, the first that diverged marked, nothing raw from outside."""
    golden(f"free-session-{width}", "\n".join(free_session_lines([REFUND], width)))


def test_sessions_that_went_the_recorded_way_are_not_told() -> None:
    """Who has nothing to say is silent."""
    fine = FreeSessionView(
        name="a", target="same", id="1", turns=(TurnView(label="0001", outcome="changed"),)
    )
    assert [] == free_session_lines([fine], 80)


def test_a_session_with_another_number_of_calls_is_told() -> None:
    """Although every answer holds."""
    for turn in (
        TurnView(label="0001", outcome="ok", further=("look()",)),
        TurnView(label="0001", outcome="not_replayed", spared=True),
    ):
        view = FreeSessionView(name="a", target="same", id="1", turns=(turn,))
        assert free_session_lines([view], 80)


def test_each_turn_says_what_diverged() -> None:
    """Also where the turn before it diverged in the same."""
    turns = tuple(TurnView(label=f"{n:04d}", outcome="diverged", why="text") for n in (1, 2))
    view = FreeSessionView(name="a", target="same", id="1", turns=turns)
    first, second = free_session_lines([view], 80)[1:]
    assert ["diverged", "text", "←", "first"] == first.split()[3:]
    assert ["diverged", "text"] == second.split()[3:]


def test_many_sessions_and_turns_are_counted() -> None:
    """Ten of each are enough to see what happens; the rest is a number."""
    long = FreeSessionView(
        name="a",
        target="same",
        id="1",
        turns=tuple(TurnView(label=f"{n:04d}", outcome="diverged", why="text") for n in range(30)),
    )
    lines = free_session_lines([long] * 12, 80)
    assert "and 2 more sessions that went another way" == lines[-1]
    assert 10 == lines.count("  and 10 more turns")
