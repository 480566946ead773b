"""Spans of Braintrust: those of the type `llm`, as its API, its queries and its SDKs give them.

The fields: https://www.braintrust.dev/docs/guides/traces/customize
"""

from __future__ import annotations

from collections.abc import Mapping

from pytest_llmreplay.event import Json, Measured, Session, Usage
from pytest_llmreplay.importers.records.logs import LogSource
from pytest_llmreplay.importers.records.moments import at_of, moment_of, seconds_between
from pytest_llmreplay.providers.fields import Fields, as_int

from .neutral.answered import answered_of
from .neutral.asked import asked_of
from .neutral.call import Answered, Asked, LoggedCall, NoCall, Unimportable
from .neutral.facts import SESSIONS, labels_of, session_of
from .neutral.failed import failed_with
from .neutral.offered import with_tools
from .neutral.parameters import parameters_of

__all__ = ["BRAINTRUST"]


def _call_of(record: dict[str, Json]) -> LoggedCall:
    span, metadata = Fields(record), Fields(record.get("metadata"))
    attributes, metrics = Fields(record.get("span_attributes")), Fields(record.get("metrics"))
    if not attributes.rest:
        raise Unimportable("no span_attributes, which say what a span is: select them too")
    if attributes.text("type") != "llm":
        raise NoCall("a span that is no call of a model")
    streamed = metadata.rest.get("stream") is True
    start = moment_of(metrics.rest.get("start"))
    return LoggedCall(
        id=span.text("id"),
        provider=metadata.text("provider"),
        model=metadata.text("model"),
        asked=_asked(record.get("input"), metadata.rest),
        answered=_answered(record),
        streamed=streamed,
        usage=_usage(metrics.rest),
        measured=Measured(
            at=at_of(start),
            duration=seconds_between(start, moment_of(metrics.rest.get("end"))),
            time_to_first_chunk=metrics.number("time_to_first_token") if streamed else None,
        ),
        session=_session(record, metadata.rest),
        labels=labels_of({"name": attributes.rest.get("name"), "tags": record.get("tags")}),
    )


def _asked(value: Json, metadata: Mapping[str, Json]) -> Asked:
    if value in (None, "", []):
        raise Unimportable("no input")
    parameters = parameters_of(metadata)
    if metadata.get("object") == "response":  # all but the model, as the SDK's wrapper tells it
        instructions = metadata.get("instructions")
        parameters |= {"instructions": instructions} if instructions else {}
        value = {"input": value}
    asked = asked_of(_system_first(value), parameters)
    return with_tools(asked, metadata.get("tools"), metadata.get("tool_choice"))


def _system_first(value: Json) -> Json:
    """The messages; Anthropic's system prompt is told as one behind the others."""
    match value:
        case [*messages, {"role": "system"} as last] if messages:
            return [last, *messages]
        case _:
            return value


def _answered(record: Mapping[str, Json]) -> Answered:
    if error := record.get("error"):
        return failed_with(error if isinstance(error, str) else f"{error}")
    match record.get("output"):
        case [{"message": _}, *_] as choices:
            return answered_of({"choices": choices})
        case None | "" | []:
            raise Unimportable("no output")
        case output:
            return answered_of(output)


def _usage(metrics: Mapping[str, Json]) -> Usage:
    return Usage(
        input_tokens=as_int(metrics.get("prompt_tokens")),
        output_tokens=as_int(metrics.get("completion_tokens")),
        cache_read_input_tokens=as_int(metrics.get("prompt_cached_tokens")),
        cache_write_input_tokens=as_int(metrics.get("prompt_cache_creation_tokens")),
        reasoning_output_tokens=as_int(metrics.get("completion_reasoning_tokens")),
    )


def _session(record: Mapping[str, Json], metadata: Mapping[str, Json]) -> Session | None:
    return session_of([*(metadata.get(key) for key in SESSIONS), record.get("root_span_id")])


BRAINTRUST = LogSource(
    name="braintrust",
    help="Spans of Braintrust: answers of its API and its queries, or rows as its SDKs send them.",
    call_of=_call_of,
    holders=frozenset({"data", "events", "rows"}),
)
