"""Cassettes, events and sessions in tables, with what their calls took."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from pytest_llmreplay.compare.figures.call_figures import Figures
from pytest_llmreplay.compare.figures.numbers import DASH, money, seconds, tokens
from pytest_llmreplay.event import Json
from pytest_llmreplay.report.text.layout import Column, grid
from pytest_llmreplay.report.text.sanitise import finished

__all__ = ["Branch", "Row", "Sums", "inventory_lines", "tree_lines"]

_KINDS = ("input_tokens", "output_tokens", "duration", "cost")
_COUNTS = frozenset({"input_tokens", "output_tokens"})
_SHOWN = {"input_tokens": tokens, "output_tokens": tokens, "duration": seconds, "cost": money}
_FIGURES = (
    Column(head="input"),
    Column(head="output"),
    Column(head="time"),
    Column(head="cost"),
)
_HEADS = ("event", "model", "session")
_INDENT = "  "
_NONE: tuple[float, int] = (0, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sums:
    """What some calls took together; a figure that some of them lack is marked with a plus."""

    events: int = 0
    known: Mapping[str, tuple[float, int]] = field(default_factory=dict)
    """Figure → its sum, and how many calls have it."""

    @classmethod
    def of(cls, figures: Iterable[Figures]) -> Sums:
        """The sums of the figures of events."""
        all_of_them = list(figures)
        known: dict[str, tuple[float, int]] = {}
        for kind in _KINDS:
            found = [value for one in all_of_them if (value := one.of(kind)) is not None]
            if found:
                known[kind] = sum(found), len(found)
        return cls(events=len(all_of_them), known=known)

    @classmethod
    def together(cls, parts: Iterable[Sums]) -> Sums:
        """The sums of several groups of events, added up."""
        events, known = 0, dict.fromkeys(_KINDS, _NONE)
        for part in parts:
            events += part.events
            for kind, (value, count) in part.known.items():
                known[kind] = known[kind][0] + value, known[kind][1] + count
        return cls(events=events, known={kind: one for kind, one in known.items() if one[1]})

    def cells(self) -> Iterator[str]:
        """Input, output, time and cost, as a table shows them."""
        for kind in _KINDS:
            if kind not in self.known:
                yield DASH
                continue
            value, count = self.known[kind]
            yield _SHOWN[kind](value) + ("+" if count < self.events else "")

    def as_json(self) -> dict[str, Json]:
        """The sums as JSON, in USD and seconds; a sum that lacks a call is told beside it."""
        sums: dict[str, Json] = {"events": self.events}
        for kind in _KINDS:
            value, count = self.known.get(kind, (None, 0))
            sums[kind] = value if value is None or kind not in _COUNTS else int(value)
            if 0 < count < self.events:
                sums[f"{kind}_of_events"] = count
        return sums


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A line of a table: names, then what the calls behind it took."""

    cells: tuple[str, ...]
    sums: Sums
    total: bool = False
    """Whether it sums up all others, whose number it tells."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Branch:
    """A place in the tree of a session."""

    name: str
    sums: Sums
    """Of everything below it."""
    branches: Sequence[Branch] = ()
    """Deeper places and events, in the order of their first call."""
    label: str | None = None
    """Node id of the event that it is."""
    model: str = ""
    """Of the event that it is."""


def inventory_lines(heads: Sequence[str], rows: Sequence[Row], width: int) -> list[str]:
    """A table; a column of names in which nothing stands is left out.

    Args:
        heads: Names of the columns before the figures; that of counts is `events`.
        rows: The lines.
        width: Columns of the terminal.
    """
    filled = [place for place in range(len(heads)) if any(row.cells[place] for row in rows)]
    columns = [
        Column(head=heads[place], words=heads[place] != "events", keeps_head=heads[place] in _HEADS)
        for place in (filled if rows else range(len(heads)))
    ]
    cells = [(*(row.cells[place] for place in filled), *row.sums.cells()) for row in rows]
    return finished(grid([*columns, *_FIGURES], cells, width))


def tree_lines(roots: Sequence[Branch], width: int) -> list[str]:
    """A tree, each place with the sums of all below it."""
    heads = [
        Column(head="", words=True, keeps_head=True),
        Column(head="model", words=True, keeps_head=True),
        Column(head="events"),
        *_FIGURES,
    ]
    rows = [row for root in roots for row in _rows(root, 0)]
    return finished(grid(heads, rows, width))


def _rows(branch: Branch, depth: int) -> Iterator[tuple[str, ...]]:
    count = "" if branch.label is not None else f"{branch.sums.events:,}"
    yield _INDENT * depth + branch.name, branch.model, count, *branch.sums.cells()
    for inner in branch.branches:
        yield from _rows(inner, depth + 1)
