"""Stretches of a text that something takes the place of."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

__all__ = ["Span", "replaced", "replaced_in_pieces", "without_overlaps"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A stretch of a text, and what to write in its place."""

    start: int
    end: int
    kind: str
    """What was found, in words: `api key`, `email`."""
    replacement: str


def without_overlaps(spans: Iterable[Span]) -> list[Span]:
    """The spans in order; those that overlap become one."""
    merged: list[Span] = []
    for span in sorted(spans, key=lambda span: (span.start, -span.end)):
        if merged and span.start < merged[-1].end:
            merged[-1] = _until(merged[-1], max(span.end, merged[-1].end))
        else:
            merged.append(span)
    return merged


def _until(span: Span, end: int) -> Span:
    return Span(start=span.start, end=end, kind=span.kind, replacement=span.replacement)


def replaced(text: str, spans: Sequence[Span]) -> str:
    """The text with every span replaced; the spans are in order and do not overlap."""
    return "".join(replaced_in_pieces([text], spans)) if spans else text


def replaced_in_pieces(pieces: Sequence[str], spans: Sequence[Span]) -> list[str]:
    """Pieces of one text with the spans of the whole text replaced.

    A span over several pieces is written where it begins and cut out of the others.
    """
    changed: list[str] = []
    first, offset = 0, 0
    for piece in pieces:
        end = offset + len(piece)
        while first < len(spans) and spans[first].end <= offset:
            first += 1
        changed.append(_piece(piece, offset, spans, first))
        offset = end
    return changed


def _piece(piece: str, offset: int, spans: Sequence[Span], first: int) -> str:
    parts: list[str] = []
    at = 0
    for index in range(first, len(spans)):
        span = spans[index]
        if span.start >= offset + len(piece):
            break
        if span.start >= offset:
            parts += [piece[at : span.start - offset], span.replacement]
        at = min(span.end - offset, len(piece))
    return "".join([*parts, piece[at:]])
