"""What is known of a call that its cassette does not hold, ready to be told."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Changed", "MissView", "Nearest"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """A place of the request that is not as recorded."""

    path: str
    """`body.system`, `body.messages[2].content`."""
    recorded: tuple[str, ...]
    """Lines; none where the recorded request has nothing there."""
    now: tuple[str, ...]
    line: int | None = None
    """Of the recorded text, where only some of its lines are given."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Nearest:
    """The recorded event that is most like the call."""

    number: int
    events: int
    """How many the cassette holds."""
    name: str | None
    played: bool
    path: str | None = None
    """Path of its URL, where it is not the call's; behind its method, where that is not."""
    imported: bool = False
    """Whether another tool recorded it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MissView:
    """A call without a recording."""

    number: int
    """Place among the calls of the test, counted from 1."""
    method: str
    path: str
    """Of the URL."""
    model: str | None
    cassette: str
    """Path as people type it."""
    frame: str | None = None
    """The line of the user's code that asked: `src/agents/support.py:48  in answer`."""
    nearest: Nearest | None = None
    """None where the cassette holds nothing, or does not exist."""
    changed: tuple[Changed, ...] = ()
    more: int = 0
    """Places that differ beyond those."""
    equal: str = ""
    """The rest, in words: `model, 2 tools, 1 message`."""
    ignore: tuple[str, ...] = ()
    """JSON paths that would make the call match, were they ignored."""
    idle: tuple[str, ...] = ()
    """JSON paths that are ignored, and lead to nothing here."""
    record: str | None = None
    """Command that records what is missing."""
    missing: int = 1
    """How many calls of the test have no recording, as far as is known."""
    cost: float | None = None
    """USD that those calls cost when they were recorded; none where that is not known."""
    earlier: str | None = None
    """A cassette whose test is gone, by name, where it may be this test's under another name."""
    moves: tuple[str, ...] = ()
    """Commands that make it the test's cassette."""
    served: bool = False
    """Whether the shell serves the cassette, and no test has it."""
