"""A row of LeanLLM's table `llm_events`, and the call that it tells."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from pytest_llmreplay.event import Failure, Json, Measured, Session, Usage
from pytest_llmreplay.importers.neutral.answered import answered_of
from pytest_llmreplay.importers.neutral.asked import asked_of
from pytest_llmreplay.importers.neutral.call import Answered, Asked, LoggedCall, Unimportable
from pytest_llmreplay.importers.neutral.decoding import from_text
from pytest_llmreplay.importers.neutral.facts import labels_of
from pytest_llmreplay.importers.neutral.failed import failed_with
from pytest_llmreplay.importers.neutral.offered import with_tools
from pytest_llmreplay.importers.records.moments import at_of, moment_of, seconds_of
from pytest_llmreplay.providers.fields import as_int, as_list, as_object, as_text

__all__ = ["COLUMNS", "TABLE", "Row", "call_of"]

TABLE = "llm_events"
COLUMNS = (
    *("event_id", "timestamp", "model", "provider", "input_tokens", "output_tokens"),
    *("total_tokens", "cost", "latency_ms", "labels", "prompt", "response", "metadata"),
    *("schema_version", "correlation_id", "parent_request_id", "parameters", "tools"),
    *("tool_calls", "time_to_first_token_ms", "total_stream_time_ms", "error_kind"),
    *("error_message", "normalized_input", "normalized_output"),
)
"""In the order in which LeanLLM makes the table."""

Row = Mapping[str, Json]

_STATUSES = {"rate_limit": 429}
_KEPT_NOTHING = (
    "no {}: LeanLLM kept metadata only; capture_content with redaction_mode full keeps what can "
    "be replayed"
)


def call_of(row: Row) -> LoggedCall:
    """The call; numbers may be texts, as a dump has them.

    Raises:
        Unimportable: Prompt or answer were not kept.
    """
    metadata, parameters = _object(row.get("metadata")), _object(row.get("parameters"))
    correlation = as_text(row.get("correlation_id"))
    return LoggedCall(
        id=as_text(row.get("event_id")),
        provider=as_text(row.get("provider")),
        model=as_text(row.get("model")),
        asked=_asked(row, parameters),
        answered=_answered(row, metadata),
        streamed=metadata.get("stream") is True or parameters.get("stream") is True,
        usage=_usage(row),
        measured=Measured(
            at=at_of(moment_of(row.get("timestamp"))),
            duration=seconds_of(_count(row.get("latency_ms"))),
            time_to_first_chunk=seconds_of(_count(row.get("time_to_first_token_ms"))),
        ),
        session=Session(id=correlation) if correlation else None,
        labels=labels_of({"parent": row.get("parent_request_id"), **_object(row.get("labels"))}),
    )


def _asked(row: Row, parameters: Mapping[str, Json]) -> Asked:
    prompt = as_text(row.get("prompt"))
    if prompt is None:
        raise Unimportable(_KEPT_NOTHING.format("prompt"))
    messages = from_text(prompt)
    if not isinstance(messages, list):
        raise Unimportable("the prompt is no list of messages; redaction may have broken it")
    kept = {key: value for key, value in parameters.items() if value is not None}
    return with_tools(asked_of(messages, kept), [*map(_tool, _list(row.get("tools")))])


def _tool(value: Json) -> Json:
    """A tool; a function of OpenAI's older parameter `functions` has no type."""
    bare = isinstance(value, dict) and "type" not in value and "parameters" in value
    return {"type": "function", "function": value} if bare else value


def _answered(row: Row, metadata: Mapping[str, Json]) -> Answered:
    kind = as_text(row.get("error_kind"))
    if kind is not None:
        return _failed(kind, as_text(row.get("error_message")) or kind)
    words, calls = as_text(row.get("response")), _calls(_list(row.get("tool_calls")))
    if words is None and not calls:
        raise Unimportable(_KEPT_NOTHING.format("response"))
    message: dict[str, Json] = {
        "role": "assistant",
        "content": words,
        "finish_reason": metadata.get("finish_reason"),
    }
    return answered_of({**message, "tool_calls": calls} if calls else message)


def _failed(kind: str, message: str) -> Answered:
    if kind == "timeout":
        return Failure(kind="timeout", message=message)
    return failed_with(message, status=_STATUSES.get(kind), type=kind)


def _calls(values: Iterable[Json]) -> list[Json]:
    """The calls; those of a stream come as the pieces that the stream had."""
    whole: dict[object, dict[str, Json]] = {}
    for place, piece in enumerate(values):
        if not isinstance(piece, dict):
            continue
        index = piece.get("index")
        key = place if index is None else ("index", index)
        _add(whole.setdefault(key, {"type": "function", "function": {"arguments": ""}}), piece)
    return [*whole.values()]


def _add(call: dict[str, Json], piece: dict[str, Json]) -> None:
    function, more = _object(call["function"]), _object(piece.get("function"))
    call["id"] = call.get("id") or piece.get("id")
    call["function"] = {
        "name": as_text(function.get("name")) or as_text(more.get("name")) or "",
        "arguments": f"{function['arguments']}{as_text(more.get('arguments')) or ''}",
    }


def _usage(row: Row) -> Usage:
    """Counts; LeanLLM writes zero for what it does not know."""
    return Usage(
        input_tokens=_count(row.get("input_tokens")) or None,
        output_tokens=_count(row.get("output_tokens")) or None,
    )


def _count(value: Json) -> int | None:
    if isinstance(value, str):
        return int(value) if value.isdigit() else None
    return as_int(value)


def _object(value: Json) -> dict[str, Json]:
    return as_object(from_text(value))


def _list(value: Json) -> list[Json]:
    return as_list(from_text(value))
