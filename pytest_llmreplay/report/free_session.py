"""What is said about sessions that ran freely: what diverged first, and how it spread."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pytest_llmreplay.compare.outcome import Outcome
from pytest_llmreplay.report.text.layout import columns, wrapped
from pytest_llmreplay.report.text.sanitise import finished, safe_line

__all__ = ["FreeSessionView", "TurnView", "free_session_lines"]

_MOST_SESSIONS = 10
_MOST_TURNS = 20
_APART = frozenset(("diverged", "error"))
_OTHER_WAY = _APART | {"not_run"}


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnView:
    """What came of one event of a session."""

    label: str
    """Number and prompt name."""
    outcome: Outcome
    why: str = ""
    """The checks that do not hold, or why there is no answer."""
    further: tuple[str, ...] = ()
    """What the target called beyond the recording, and was answered."""
    spared: bool = False
    """Whether the target had no need of it."""

    @property
    def is_other_way(self) -> bool:
        """Whether something else came of it than in the recording."""
        return self.outcome in _OTHER_WAY or self.spared or bool(self.further)


@dataclass(frozen=True, slots=True, kw_only=True)
class FreeSessionView:
    """A session on its way through a target."""

    name: str
    target: str
    id: str
    """Of the session as it was run through."""
    turns: tuple[TurnView, ...]

    @property
    def first(self) -> int | None:
        """Place of the turn that diverged first."""
        return next((at for at, one in enumerate(self.turns) if one.outcome in _APART), None)

    @property
    def is_told(self) -> bool:
        """Whether any turn went another way than the recording."""
        return any(turn.is_other_way for turn in self.turns)


def free_session_lines(sessions: Sequence[FreeSessionView], width: int) -> list[str]:
    """The sessions that went another way, turn by turn."""
    notable = [session for session in sessions if session.is_told]
    lines = [line for session in notable[:_MOST_SESSIONS] for line in _session(session, width)]
    if len(notable) > _MOST_SESSIONS:
        lines.append(f"and {len(notable) - _MOST_SESSIONS:,} more sessions that went another way")
    return finished(lines)


def _session(session: FreeSessionView, width: int) -> Iterator[str]:
    yield from wrapped(
        safe_line(f"{session.name} → {session.target}, run through as {session.id}"),
        width,
        indent="  ",
    )
    shown = session.turns[:_MOST_TURNS]
    labels = max(len(safe_line(turn.label)) for turn in shown)
    why = ""
    for place, turn in enumerate(shown):
        mark = "  ← first" if place == session.first else ""
        word = turn.outcome.replace("_", " ")
        line = f"  turn {place + 1:<2}  {safe_line(turn.label):{labels}}  {word}"
        # What ended a session is said of all turns behind it; once is enough.
        said = turn.outcome == "not_run" and turn.why == why
        yield from _turn(line, "" if said else safe_line(turn.why), mark, width)
        why = turn.why
        if turn.further:
            went = f"went on with {', '.join(map(safe_line, turn.further))}"
            yield from wrapped(f"    {went}", width, indent="    ")
    if len(session.turns) > _MOST_TURNS:
        yield f"  and {len(session.turns) - _MOST_TURNS:,} more turns"


def _turn(line: str, why: str, mark: str, width: int) -> list[str]:
    """One line where that has room."""
    together = f"{line:26}  {why}".rstrip() + mark
    if columns(together) <= width:
        return [together]
    return [line + mark, *wrapped(f"    {why}", width, indent="    ")]
