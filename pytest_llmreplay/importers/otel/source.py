"""The importer of OpenTelemetry's spans."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from pytest_llmreplay.event import Json
from pytest_llmreplay.importers.logs import found_call
from pytest_llmreplay.importers.reading import InputFile
from pytest_llmreplay.importers.records import records
from pytest_llmreplay.importers.source import Found, Place, Rejected

from .call import call_of
from .otlp import Span, spans_of

__all__ = ["OTEL", "documented"]

_LONGEST_PATH = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Otel:
    """Spans in OTLP's JSON."""

    name: str = "otel"
    help: str = "OpenTelemetry GenAI spans: OTLP in JSON, one document or one on each line."
    personal: bool = True
    endings: tuple[str, ...] = (".json", ".jsonl")

    def read(self, files: Sequence[InputFile]) -> Iterator[Found]:
        """Every span of every file."""
        for file in files:
            for record in records(file):
                if isinstance(record, Rejected):
                    yield record
                else:
                    yield from documented(*record)


def documented(place: Place, document: Mapping[str, Json]) -> Iterator[Found]:
    """The calls in a document."""
    spans = [*spans_of(document)]
    if not spans:
        yield Rejected(
            place=place,
            reason="no spans: expected resourceSpans or resourceLogs, as OTLP writes them",
        )
    by_id = {span.id: span for span in spans if span.id}
    for number, span in enumerate(spans, 1):
        where = f"span {number}" if place.at is None else f"{_at(place)}, span {number}"
        call = partial(call_of, span, _around(span, by_id))
        yield found_call(Place(place.path, where), call)


def _at(place: Place) -> str:
    return f"line {place.at}" if isinstance(place.at, int) else str(place.at)


def _around(span: Span, by_id: Mapping[str, Span]) -> list[str]:
    """Names of the spans around one, the outermost first, as far as its document tells."""
    names: list[str] = []
    outer = by_id.get(span.parent or "")
    while outer is not None and len(names) < _LONGEST_PATH:
        names.insert(0, outer.name)
        outer = by_id.get(outer.parent or "")
    return names


OTEL = Otel()
