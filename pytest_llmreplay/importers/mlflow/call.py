"""A span of MLflow, with the arguments and the answer of the SDK that it traced.

Versions before 3 write other names for the same. https://mlflow.org/docs/latest/genai/tracing/
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from pytest_llmreplay.event import Json, Measured, Session, Usage
from pytest_llmreplay.importers.neutral.answered import answered_of
from pytest_llmreplay.importers.neutral.asked import asked_of
from pytest_llmreplay.importers.neutral.bodies import without_arguments_of_sdk
from pytest_llmreplay.importers.neutral.call import (
    Answered,
    Asked,
    LoggedCall,
    NoCall,
    Unimportable,
)
from pytest_llmreplay.importers.neutral.decoding import CHAT, from_text
from pytest_llmreplay.importers.neutral.facts import labels_of, session_of
from pytest_llmreplay.importers.neutral.failed import failed_with
from pytest_llmreplay.importers.neutral.offered import with_tools
from pytest_llmreplay.importers.neutral.parameters import parameters_of
from pytest_llmreplay.importers.records.moments import at_of, moment_of, seconds_between
from pytest_llmreplay.providers.fields import Fields, as_objects, as_text
from pytest_llmreplay.providers.registry import FORMATS

__all__ = ["asks_a_model", "call_of", "id_of", "parent_of"]

_CALLS: Final = frozenset({"CHAT_MODEL", "LLM"})
_CHUNK: Final = "mlflow.chunk.item."
"""How the names of events begin that are the pieces of a stream."""
_FAILED: Final = frozenset({"ERROR", "STATUS_CODE_ERROR"})
_LATEST: Final = 2**64
"""Moments are counts of 64 bits."""
_NANOSECONDS: Final = 1e9
_OBJECT: Final = re.compile(r"<.* object at 0x[0-9a-f]+>")
"""What stands for a stream of which nothing was kept."""


def call_of(trace: Mapping[str, Json], span: Mapping[str, Json], *, is_around: bool) -> LoggedCall:
    """What a span tells of the call that it was.

    Args:
        trace: What holds it.
        span: The span.
        is_around: Whether one within it is a call.

    Raises:
        NoCall: It is none of a model, or is told by another span.
        Unimportable: It does not tell what was said.
    """
    if not asks_a_model(span):
        raise NoCall("a span that is no call of a model")
    if is_around:
        raise NoCall("a span around calls, which have their own")
    attributes = _attributes(span)
    asked = attributes.get("mlflow.spanInputs")
    named = Fields(asked)
    start, first = _moment(span, "start"), _first_piece(span)
    return LoggedCall(
        id=f"{_trace_id(trace, attributes)}/{id_of(span)}",
        provider=as_text(attributes.get("mlflow.message.format")),
        model=named.text("model") or named.text("modelId") or _model(attributes),
        asked=_asked(asked, attributes),
        answered=_answered(span, attributes),
        streamed=first is not None,
        usage=_usage(attributes),
        measured=Measured(
            at=at_of(moment_of(start)),
            duration=seconds_between(moment_of(start), moment_of(_moment(span, "end"))),
            time_to_first_chunk=seconds_between(moment_of(start), moment_of(first)),
        ),
        session=_session(trace, attributes),
        labels=labels_of({"span": span.get("name"), **_tags(trace)}),
    )


def asks_a_model(span: Mapping[str, Json]) -> bool:
    """Whether a span asks a model, as MLflow says."""
    return as_text(_attributes(span).get("mlflow.spanType")) in _CALLS


def _attributes(span: Mapping[str, Json]) -> dict[str, Json]:
    """Attributes, of which each is JSON in a text."""
    return {key: _read(value) for key, value in Fields(span.get("attributes")).rest.items()}


def _read(value: Json) -> Json:
    """The JSON in a text, be it a word or `null`; else the value itself."""
    wrapped = from_text(f"[{value}]") if isinstance(value, str) else None
    return wrapped[0] if isinstance(wrapped, list) and len(wrapped) == 1 else value


def id_of(span: Mapping[str, Json]) -> str | None:
    """The id of a span."""
    return as_text(span.get("span_id")) or Fields(span.get("context")).text("span_id")


def parent_of(span: Mapping[str, Json]) -> str | None:
    """The id of the span around it."""
    return as_text(span.get("parent_span_id")) or as_text(span.get("parent_id"))


def _trace_id(trace: Mapping[str, Json], attributes: Mapping[str, Json]) -> str | None:
    return as_text(attributes.get("mlflow.traceRequestId")) or as_text(trace.get("trace_id"))


def _model(attributes: Mapping[str, Json]) -> str | None:
    """The model by other names than that of an argument; MLflow's own is the one that answered."""
    invoked = Fields(attributes.get("invocation_params"))
    names = (invoked.text("model"), invoked.text("model_name"))
    found = (*names, as_text(attributes.get("model")), as_text(attributes.get("mlflow.llm.model")))
    return next(filter(None, found), None)


def _asked(asked: Json, attributes: Mapping[str, Json]) -> Asked:
    if not asked:
        raise Unimportable("no mlflow.spanInputs")
    if isinstance(asked, dict):
        given = {key: value for key, value in asked.items() if value is not None}
        return asked_of(without_arguments_of_sdk(given), {})
    invoked = Fields(attributes.get("invocation_params")).rest  # beside LangChain's messages
    return with_tools(asked_of(asked, parameters_of(invoked)), invoked.get("tools"))


def _answered(span: Mapping[str, Json], attributes: Mapping[str, Json]) -> Answered:
    status = Fields(span.get("status"))
    code = status.text("code") or as_text(span.get("status_code"))
    if code in _FAILED:
        return _failure(span, status.text("message") or as_text(span.get("status_message")))
    answer = _assembled(span) or attributes.get("mlflow.spanOutputs")
    if not answer or _OBJECT.fullmatch(str(answer)):
        raise Unimportable("no mlflow.spanOutputs: nothing of the answer was kept")
    return answered_of(answer)


def _assembled(span: Mapping[str, Json]) -> Json:
    """The answer of the pieces of OpenAI's chat; MLflow puts them together without calls of tools.

    Of many pieces a span keeps the last ones only.
    """
    pieces = [Fields(event.get("attributes")).text("mlflow.chunk.value") for event in _pieces(span)]
    whole = [event.get("name") for event in _pieces(span)] == [
        f"{_CHUNK}{number}" for number in range(len(pieces))
    ]
    if not whole or not all('"chat.completion.chunk"' in (piece or "") for piece in pieces):
        return None
    chunks = [f"data: {piece}\n\n".encode(errors="surrogatepass") for piece in pieces]
    return FORMATS[CHAT].assemble(chunks).body if chunks else None


def _failure(span: Mapping[str, Json], message: str | None) -> Answered:
    details = (Fields(event.get("attributes")).rest for event in _events(span))
    raised = next((one for one in details if one.get("exception.message")), {})
    words = as_text(raised.get("exception.message")) or message or "the call failed"
    return failed_with(words, type=as_text(raised.get("exception.type")))


def _events(span: Mapping[str, Json]) -> list[dict[str, Json]]:
    return as_objects(span.get("events"))


def _pieces(span: Mapping[str, Json]) -> list[dict[str, Json]]:
    return [event for event in _events(span) if str(event.get("name")).startswith(_CHUNK)]


def _first_piece(span: Mapping[str, Json]) -> float | None:
    times = (piece.get("time_unix_nano") or piece.get("timestamp") for piece in _pieces(span))
    return next(map(_seconds, times), None)


def _moment(span: Mapping[str, Json], end: str) -> float | None:
    return _seconds(span.get(f"{end}_time_unix_nano") or span.get(f"{end}_time"))


def _seconds(nanoseconds: Json) -> float | None:
    """Since 1970, of a count of nanoseconds."""
    if not isinstance(nanoseconds, int) or abs(nanoseconds) >= _LATEST:
        return None
    return nanoseconds / _NANOSECONDS


def _usage(attributes: Mapping[str, Json]) -> Usage:
    counts = Fields(attributes.get("mlflow.chat.tokenUsage"))
    return Usage(
        input_tokens=counts.integer("input_tokens"),
        output_tokens=counts.integer("output_tokens"),
        cache_read_input_tokens=counts.integer("cache_read_input_tokens"),
    )


def _session(trace: Mapping[str, Json], attributes: Mapping[str, Json]) -> Session | None:
    """The session of the trace; a trace without one stands for itself."""
    kept = Fields(
        Fields(trace.get("info")).rest.get("trace_metadata") or trace.get("trace_metadata")
    )
    return session_of([kept.text("mlflow.trace.session"), _trace_id(trace, attributes)])


def _tags(trace: Mapping[str, Json]) -> dict[str, Json]:
    """The user's own tags."""
    tags = Fields(Fields(trace.get("info")).rest.get("tags") or trace.get("tags")).rest
    return {key: value for key, value in tags.items() if not key.startswith("mlflow.")}
