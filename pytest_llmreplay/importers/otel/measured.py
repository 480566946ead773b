"""What a span tells beside its words: counts, times, and whether the answer came in pieces."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from pytest_llmreplay.event import Json, Measured, Usage
from pytest_llmreplay.importers.neutral.decoding import from_text
from pytest_llmreplay.importers.records.moments import at_of, moment_of, seconds_between
from pytest_llmreplay.providers.fields import as_object, as_text, first_int

from .otlp import Span

__all__ = ["invoked_on", "measured_on", "streamed_on", "usage_on"]

_STREAMED = ("gen_ai.request.stream", "gen_ai.is_streaming", "llm.is_streaming")
_FIRST_PIECE = "First Token Stream Event"
_LONGEST = 1e6
"""Seconds; no call takes longer."""
_READ = (
    *("gen_ai.usage.input_tokens", "gen_ai.usage.prompt_tokens"),
    *("llm.usage.prompt_tokens", "llm.token_count.prompt"),
)
_WRITTEN = (
    *("gen_ai.usage.output_tokens", "gen_ai.usage.completion_tokens"),
    *("llm.usage.completion_tokens", "llm.token_count.completion"),
)
_CACHED = (
    *("gen_ai.usage.cache_read.input_tokens", "gen_ai.usage.cache_read_input_tokens"),
    "llm.token_count.prompt_details.cache_read",
)
_STORED = (
    *("gen_ai.usage.cache_write.input_tokens", "gen_ai.usage.cache_creation.input_tokens"),
    "gen_ai.usage.cache_creation_input_tokens",
)
_THOUGHT = (
    *("gen_ai.usage.reasoning.output_tokens", "gen_ai.usage.reasoning_tokens"),
    "gen_ai.usage.details.reasoning_tokens",
    "llm.token_count.completion_details.reasoning",
)


def streamed_on(span: Span, attributes: Mapping[str, Json]) -> bool:
    """Whether the answer came in pieces."""
    marked = any(attributes.get(name) is True for name in _STREAMED) or _is_end_of_stream(
        attributes
    )
    parameters = invoked_on(attributes).get("stream") is True
    return marked or parameters or _is_named_so(span, attributes) or _first_piece(span) is not None


def _is_named_so(span: Span, attributes: Mapping[str, Json]) -> bool:
    """Whether the operation says it, as `ConverseStream`, or `GenerateContentStream`."""
    beside = (as_text(attributes.get(name)) or "" for name in ("rpc.method", "code.function.name"))
    names = (span.name, *beside)
    return any(" " not in name and name.lower().endswith("stream") for name in names)


def _is_end_of_stream(attributes: Mapping[str, Json]) -> bool:
    """Whether Logfire wrote this record when a stream had ended, with its duration."""
    return attributes.get("logfire.span_type") == "log" and isinstance(
        attributes.get("duration"), float
    )


def _first_piece(span: Span) -> float | None:
    """When the first piece came, as OpenInference tells it."""
    return next((event.at for event in span.events if event.name == _FIRST_PIECE), None)


def usage_on(attributes: Mapping[str, Json]) -> Usage:
    """What was counted."""
    return Usage(
        input_tokens=first_int(attributes, _READ),
        output_tokens=first_int(attributes, _WRITTEN),
        cache_read_input_tokens=first_int(attributes, _CACHED),
        cache_write_input_tokens=first_int(attributes, _STORED),
        reasoning_output_tokens=first_int(attributes, _THOUGHT),
    )


def measured_on(span: Span, attributes: Mapping[str, Json]) -> Measured:
    """When it was asked, how long it took, and who answered."""
    start, end = moment_of(span.start), moment_of(span.end)
    if start is not None and _is_end_of_stream(attributes):
        start -= timedelta(seconds=_number(attributes.get("duration")) or 0)
    first = seconds_between(start, moment_of(_first_piece(span)))
    return Measured(
        at=at_of(start),
        model=_answering(attributes),
        duration=seconds_between(start, end),
        time_to_first_chunk=_number(attributes.get("gen_ai.response.time_to_first_chunk")) or first,
    )


def _answering(attributes: Mapping[str, Json]) -> str | None:
    """The model that answered; OpenInference tells it where it knows, else the one asked for."""
    names = ("gen_ai.response.model", "llm.response.model_name")
    named = next(filter(None, (as_text(attributes.get(name)) for name in names)), None)
    asked, either = invoked_on(attributes).get("model"), as_text(attributes.get("llm.model_name"))
    return named or (either if asked not in (None, either) else None)


def _number(value: Json) -> float | None:
    return value if isinstance(value, float) and 0 <= value < _LONGEST else None


def invoked_on(attributes: Mapping[str, Json]) -> dict[str, Json]:
    """The parameters as OpenInference tells them; the model among them is that of the request."""
    return dict(as_object(from_text(attributes.get("llm.invocation_parameters"))))
