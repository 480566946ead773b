"""Spans of Opik: those of the type `llm`, as its API, its exports and its SDKs give them.

Opik takes the answer of an SDK apart: its words are the output, the rest is among the metadata.
https://www.comet.com/docs/opik/tracing/concepts
"""

from __future__ import annotations

from collections.abc import Mapping

from pytest_llmreplay.event import Json, Measured, Usage
from pytest_llmreplay.importers.records.logs import LogSource
from pytest_llmreplay.importers.records.moments import at_of, moment_of, seconds_between, seconds_of
from pytest_llmreplay.providers.fields import Fields

from .neutral.answered import answered_of
from .neutral.asked import asked_of
from .neutral.call import Answered, Asked, LoggedCall, NoCall, Unimportable
from .neutral.facts import labels_of, session_of
from .neutral.failed import failed_with
from .neutral.offered import with_tools
from .neutral.parameters import parameters_of

__all__ = ["OPIK"]

_OF_ANSWER = frozenset({"id", "model", "object", "status", "stop_reason", "usage"})
"""What of the metadata is a part of the answer."""


def _call_of(record: dict[str, Json]) -> LoggedCall:
    span, metadata = Fields(record), Fields(record.get("metadata")).rest
    if "type" not in record:
        raise Unimportable("no type, which says what a span of Opik is")
    if span.text("type") != "llm":
        raise NoCall("a span that is no call of a model")
    start = moment_of(record.get("start_time"))
    return LoggedCall(
        id=span.text("id"),
        provider=span.text("provider"),
        model=span.text("model"),
        asked=_asked(record.get("input"), metadata),
        answered=_answered(record, metadata),
        streamed=metadata.get("stream") is True,
        usage=_usage(record.get("usage")),
        measured=Measured(
            at=at_of(start),
            duration=seconds_between(start, moment_of(record.get("end_time"))),
            time_to_first_chunk=seconds_of(record.get("ttft")),
        ),
        session=session_of([record.get("trace_id")]),
        labels=labels_of({"name": record.get("name"), "tags": record.get("tags")}),
    )


def _asked(value: Json, metadata: Mapping[str, Json]) -> Asked:
    if value in (None, "", {}):
        raise Unimportable("no input")
    beside = parameters_of(metadata)
    for name in ("instructions", "system"):
        if metadata.get(name) and name not in Fields(value).rest:
            beside[name] = metadata[name]
    asked = asked_of(value, beside)
    return with_tools(asked, metadata.get("tools"), metadata.get("tool_choice"))


def _answered(record: Mapping[str, Json], metadata: Mapping[str, Json]) -> Answered:
    error = Fields(record.get("error_info"))
    if error.rest:
        kind = error.text("exception_type")
        return failed_with(error.text("message") or kind or "the call failed", type=kind)
    output = record.get("output")
    if output in (None, "", {}):
        raise Unimportable("no output")
    if not isinstance(output, dict):
        return answered_of(output)
    return answered_of({**{key: metadata[key] for key in _OF_ANSWER & metadata.keys()}, **output})


def _usage(usage: Json) -> Usage:
    counts = Fields(usage)
    return Usage(
        input_tokens=counts.integer("prompt_tokens"),
        output_tokens=counts.integer("completion_tokens"),
    )


OPIK = LogSource(
    name="opik",
    help="Spans of Opik: answers of its API, its exports, or bodies as its SDKs send them.",
    call_of=_call_of,
    holders=frozenset({"content", "spans"}),
)
