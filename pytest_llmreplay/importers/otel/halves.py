"""Calls in halves: a span that tells no words, and the records of a log that tell them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from pytest_llmreplay.importers.records.waiting import Waiting
from pytest_llmreplay.importers.source import Place

from .otlp import Span, SpanEvent

__all__ = ["Half", "Halves", "together"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Half:
    """A span, or a record of a log that belongs to one."""

    place: Place
    span: Span
    around: Sequence[str] = ()
    """Names of the spans around it, the outermost first."""


@dataclass(slots=True)
class Halves:
    """What waits for its other half, by the ids of its span."""

    _waiting: Waiting = field(default_factory=Waiting)

    def close(self) -> None:
        """Forget all of them."""
        self._waiting.close()

    def note_whole(self, span: Span) -> None:
        """Remember a span that needs no other half."""
        self._waiting.note_whole(span.key)

    def keep(self, half: Half) -> None:
        """Let a half wait for the others of its key.

        Raises:
            CassetteError: The disk is full.
        """
        assert half.span.key is not None
        where = [str(half.place.path), half.place.at]
        self._waiting.keep(half.span.key, [*where, asdict(half.span), [*half.around]])

    def joined(self) -> Iterator[tuple[list[Half], bool]]:
        """The halves of each key, and whether a span of that key needs none."""
        for halves, whole in self._waiting.joined():
            yield [_half(*half) for half in halves], whole


def _half(path: str, at: int | str | None, document: dict[str, Any], around: list[str]) -> Half:
    events = tuple(SpanEvent(**event) for event in document["events"])
    return Half(
        place=Place(Path(path), at), span=Span(**{**document, "events": events}), around=around
    )


def together(span: Span, logs: Sequence[Span]) -> Span:
    """The span with its logs as events, which is what they once were."""
    events = (SpanEvent(name=log.name, attributes=log.attributes, at=log.start) for log in logs)
    return replace(span, events=(*span.events, *events))
