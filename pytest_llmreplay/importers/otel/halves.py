"""Calls in halves: a span that tells no words, and the records of a log that tell them.

The two stand in different files, in any order, so they wait until all is read; on disk beyond a
few megabytes.
"""

from __future__ import annotations

import json
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from tempfile import SpooledTemporaryFile, gettempdir
from typing import Final

from pytest_llmreplay.cassette.json_dump import ascii_json
from pytest_llmreplay.cassette.own_directory import written
from pytest_llmreplay.event import Json
from pytest_llmreplay.importers.source import Place

from .otlp import Span, SpanEvent

__all__ = ["Half", "Halves", "together"]

_IN_MEMORY: Final = 4 * 1024**2
_BITS: Final = 2**64 - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Half:
    """A span, or a record of a log that belongs to one."""

    place: Place
    span: Span
    around: Sequence[str] = ()
    """Names of the spans around it, the outermost first."""


@dataclass(slots=True)
class Halves:
    """What waits for its other half."""

    _file: SpooledTemporaryFile[bytes] = field(
        default_factory=lambda: SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115  # closed by `close`
    )
    _offsets: dict[str, list[int]] = field(default_factory=dict)
    _whole: array[int] = field(default_factory=lambda: array("Q"))
    """Keys of the spans that need no other half, eight bytes each."""

    def close(self) -> None:
        """Forget all of them."""
        self._file.close()

    def note_whole(self, span: Span) -> None:
        """Remember a span that needs no other half."""
        self._whole.append(hash(span.key) & _BITS)

    def keep(self, half: Half) -> None:
        """Let a half wait for the others of its key.

        Raises:
            CassetteError: The disk is full.
        """
        assert half.span.key is not None
        self._offsets.setdefault(half.span.key, []).append(self._file.tell())
        where: list[Json] = [str(half.place.path), half.place.at]
        told: list[Json] = [*where, asdict(half.span), [*half.around]]
        with written(Path(gettempdir())):
            self._file.write(ascii_json(told).encode() + b"\n")

    def joined(self) -> Iterator[tuple[list[Half], bool]]:
        """The halves of each key, and whether a span of that key needs none."""
        whole = set(self._whole)
        for key, offsets in self._offsets.items():
            yield [self._at(offset) for offset in offsets], hash(key) & _BITS in whole

    def _at(self, offset: int) -> Half:
        self._file.seek(offset)
        path, at, told, around = json.loads(self._file.readline())
        span = Span(**{**told, "events": tuple(SpanEvent(**event) for event in told["events"])})
        return Half(place=Place(Path(path), at), span=span, around=around)


def together(span: Span, logs: Sequence[Span]) -> Span:
    """The span with its logs as events, which is what they once were."""
    events = (SpanEvent(name=log.name, attributes=log.attributes, at=log.start) for log in logs)
    return replace(span, events=(*span.events, *events))
