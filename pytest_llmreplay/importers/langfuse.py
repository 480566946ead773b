"""Observations of Langfuse: the generations of a project.

Read are the answers of `GET /api/public/observations` (also of `/v2`), the export of the table in
the browser, a trace with its `observations`, and the rows of the blob storage export, whose names
are in snake case. https://langfuse.com/docs/api-and-data-platform/features/blob-storage-export-fields
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from pytest_llmreplay.event import Json, Measured, Session, Usage
from pytest_llmreplay.importers.records.logs import LogSource
from pytest_llmreplay.importers.records.moments import at_of, moment_of, seconds_between
from pytest_llmreplay.providers.fields import as_int, as_object, as_text, first_int

from .neutral.ai_sdk import AROUND
from .neutral.answered import answered_of
from .neutral.asked import asked_of
from .neutral.call import Answered, Asked, LoggedCall, NoCall, Unimportable
from .neutral.decoding import from_text
from .neutral.facts import labels_of, spellings
from .neutral.failed import failed_with
from .neutral.offered import with_tools
from .neutral.parameters import parameters_of

__all__ = ["LANGFUSE"]

_READ = ("input", "input_tokens", "prompt_tokens", "promptTokens")
_WRITTEN = ("output", "output_tokens", "completion_tokens", "completionTokens")
_CACHED = ("input_cached_tokens", "cache_read_input_tokens", "input_cache_read")
_CACHE_WRITTEN = ("cache_creation_input_tokens", "input_cache_creation")
_THOUGHT = ("output_reasoning_tokens", "reasoning_tokens")


def _call_of(record: dict[str, Json]) -> LoggedCall:
    observation = spellings(record)
    kind = as_text(observation.get("type"))
    if kind is not None and kind != "GENERATION":
        raise NoCall("an observation that is no generation")
    if as_text(observation.get("name")) in AROUND:
        raise NoCall("an observation around calls, which have their own")
    start = moment_of(observation.get("startTime"))
    first_piece = moment_of(observation.get("completionStartTime"))
    return LoggedCall(
        id=as_text(observation.get("id")),
        provider=_provider(observation),
        model=as_text(observation.get("model")) or as_text(observation.get("providedModelName")),
        asked=_asked(observation),
        answered=_answered(observation),
        streamed=first_piece is not None,
        usage=_usage(observation),
        measured=_measured(observation, start, first_piece),
        session=_session(observation),
        prompt=as_text(observation.get("promptName")),
        labels=_labels(observation),
    )


def _asked(observation: Mapping[str, Json]) -> Asked:
    if not observation.keys() & {"input", "type"}:
        raise Unimportable("neither type nor input, of which every observation has one")
    if observation.get("input") in (None, ""):
        raise Unimportable("no input: the export left the group `io` out, or nothing was kept")
    listed = from_text(observation.get("modelParameters"))
    parameters = parameters_of(listed) if isinstance(listed, dict) else {}
    asked = asked_of(observation.get("input"), parameters)
    return with_tools(asked, _tools(observation.get("toolDefinitions")))


def _tools(value: Json) -> Json:
    """Langfuse lists by name the tools that it found; each is JSON in a text."""
    listed = from_text(value)
    if not isinstance(listed, dict):
        return None
    found = ((name, from_text(tool)) for name, tool in listed.items())
    return [
        {"type": "function", "function": {"name": name, **as_object(tool)}} for name, tool in found
    ]


def _answered(observation: Mapping[str, Json]) -> Answered:
    output = observation.get("output")
    if observation.get("level") == "ERROR" or output in (None, ""):
        message = as_text(observation.get("statusMessage"))
        if message is None:
            raise Unimportable("no output")
        return failed_with(message)
    return answered_of(output)


def _provider(observation: Mapping[str, Json]) -> str | None:
    """Langfuse itself does not tell it; LangChain and the conventions of OpenTelemetry do."""
    known = as_object(from_text(observation.get("metadata")))
    attributes = as_object(known.get("attributes"))
    names = ("ls_provider", "gen_ai.provider.name", "gen_ai.system", "provider")
    found = (
        as_text(holder.get(key))
        for name in names
        for holder, key in ((known, name), (known, f"attributes.{name}"), (attributes, name))
    )
    return next((text for text in found if text), None)


def _usage(observation: Mapping[str, Json]) -> Usage:
    """Inclusive totals.

    Langfuse's own integrations count cached and reasoning tokens apart from `input` and
    `output`, and `total` is the sum of all; others send the counts of their provider.
    """
    known = as_object(from_text(observation.get("usageDetails")) or observation.get("usage"))
    read, written = first_int(known, _READ), first_int(known, _WRITTEN)
    cached, stored = first_int(known, _CACHED), first_int(known, _CACHE_WRITTEN)
    thought = first_int(known, _THOUGHT)
    apart = as_int(known.get("total")) != (read or 0) + (written or 0)
    return Usage(
        input_tokens=_sum(read, cached, stored) if apart else read,
        output_tokens=_sum(written, thought) if apart else written,
        cache_read_input_tokens=cached,
        cache_write_input_tokens=stored,
        reasoning_output_tokens=thought,
    )


def _sum(count: int | None, *others: int | None) -> int | None:
    return None if count is None else count + sum(other or 0 for other in others)


def _measured(
    observation: Mapping[str, Json], start: datetime | None, first_piece: datetime | None
) -> Measured:
    return Measured(
        at=at_of(start),
        duration=seconds_between(start, moment_of(observation.get("endTime"))),
        time_to_first_chunk=seconds_between(start, first_piece),
    )


def _session(observation: Mapping[str, Json]) -> Session | None:
    """The session of the trace; a trace without one stands for itself."""
    name = as_text(observation.get("sessionId")) or as_text(observation.get("traceId"))
    return Session(id=name, name=as_text(observation.get("traceName"))) if name else None


def _labels(observation: Mapping[str, Json]) -> dict[str, str]:
    named = {
        "name": observation.get("name"),
        "environment": observation.get("environment"),
        "prompt_version": observation.get("promptVersion"),
        "tags": observation.get("tags"),
    }
    return labels_of(named)


LANGFUSE = LogSource(
    name="langfuse",
    help="Generations of Langfuse: observations of its API, of its browser, of its blob storage.",
    call_of=_call_of,
    holders=frozenset({"data", "observations"}),
)
