"""The importer of OpenTelemetry's spans."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from functools import partial

from pytest_llmreplay.event import Json
from pytest_llmreplay.importers.reading.files import InputFile
from pytest_llmreplay.importers.records.listed import Record, records
from pytest_llmreplay.importers.records.logs import found_call
from pytest_llmreplay.importers.source import Found, PassedOver, Place, Rejected

from .call import WORDLESS, call_of
from .halves import Half, Halves, together
from .message_events import DETAILS, SAYING
from .otlp import Span, spans_of

__all__ = ["OTEL", "told_in"]

_HOLDERS = frozenset({"data"})
"""Where the API of Phoenix has its spans."""
_LONGEST_PATH = 32
_ANTHROPIC = "com.anthropic.sdk.python"
"""The scope of spans that Anthropic's own SDK writes; other instrumentations write theirs beside
them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Otel:
    """Spans in OTLP's JSON."""

    name: str = "otel"
    help: str = "OpenTelemetry GenAI spans: OTLP in JSON, one document or one on each line."
    personal: bool = True
    endings: tuple[str, ...] = (".json", ".jsonl")

    def read(self, files: Sequence[InputFile]) -> Iterator[Found]:
        """Every span of every file; those whose words stand in a log come last."""
        yield from told_in(record for file in files for record in records(file, _HOLDERS))


def told_in(documents: Iterable[Record | Rejected]) -> Iterator[Found]:
    """The calls in documents of OTLP, the whole ones first."""
    with closing(Halves()) as halves:
        for document in documents:
            if isinstance(document, Rejected):
                yield document
            else:
                yield from _documented(*document, halves)
        for halved, told in halves.joined():
            yield _joined(halved, told=told)


def _documented(place: Place, document: Mapping[str, Json], halves: Halves) -> Iterator[Found]:
    """The calls in a document that are whole; halves are kept."""
    spans = [*spans_of(document)]
    if not spans:
        yield Rejected(
            place=place,
            reason="no spans: expected resourceSpans or resourceLogs, as OTLP writes them",
        )
    by_id = {span.id: span for span in spans if span.id}
    for number, span in enumerate(spans, 1):
        where = place.inner(f"span {number}")
        half = Half(place=where, span=span, around=_around(span, by_id))
        if (found := _whole(half, halves)) is not None:
            yield found


def _whole(half: Half, halves: Halves) -> Found | None:
    """What a span tells alone; none where it is but a half of a call."""
    waits = half.span.key is not None
    if waits and half.span.logged and half.span.name in SAYING:
        halves.keep(half)
        return None
    found = _found(half)
    if waits and isinstance(found, Rejected) and found.reason == WORDLESS:
        halves.keep(half)
        return None
    if waits and not isinstance(found, Rejected):
        halves.note_whole(half.span)
    return found


def _found(half: Half) -> Found:
    return found_call(half.place, partial(call_of, half.span, half.around))


def _joined(halves: Sequence[Half], *, told: bool) -> Found:
    """What the halves of one call tell together.

    Args:
        halves: Those of the same ids.
        told: Whether a span of these ids needs no log.
    """
    logs = [half.span for half in halves if half.span.logged]
    span = next((half for half in halves if not half.span.logged), None)
    if span is None:
        return _without_span(halves, told=told)
    if not logs and span.span.scope == _ANTHROPIC:
        return PassedOver(place=span.place, reason="a span of Anthropic's SDK, which has no words")
    return _found(replace(span, span=together(span.span, logs)))


def _without_span(logs: Sequence[Half], *, told: bool) -> Found:
    """What the records of a log tell that found no span without words."""
    if told:
        return PassedOver(place=logs[0].place, reason="a log of a span that needs none")
    whole = next((half for half in logs if half.span.name == DETAILS), None)
    if whole is not None:
        return _found(whole)
    reason = "messages of a call whose span stands in none of the files: import both together"
    return Rejected(place=logs[0].place, reason=reason)


def _around(span: Span, by_id: Mapping[str, Span]) -> list[str]:
    """Names of the spans around one, the outermost first, as far as its document tells."""
    names: list[str] = []
    outer = by_id.get(span.parent or "")
    while outer is not None and len(names) < _LONGEST_PATH:
        names.insert(0, outer.name)
        outer = by_id.get(outer.parent or "")
    return names


OTEL = Otel()
