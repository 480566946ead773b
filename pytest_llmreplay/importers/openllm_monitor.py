"""The logs of OpenLLM-Monitor: a prompt, a system message and a completion, all of them texts.

The documents of its collection as mongoexport writes them, or as its `GET /api/logs` answers.
https://github.com/prajeesh-chavan/OpenLLM-Monitor (backend/models/Log.js)
"""

from __future__ import annotations

from pytest_llmreplay.event import Json, Measured, Response, Usage
from pytest_llmreplay.importers.records.logs import LogSource
from pytest_llmreplay.importers.records.moments import at_of, moment_of, seconds_of
from pytest_llmreplay.providers.fields import as_int, as_object, as_text

from .neutral.answered import words_of
from .neutral.call import LoggedCall, Shaped, Unimportable
from .neutral.decoding import CHAT
from .neutral.facts import labels_of
from .neutral.failed import failed_with
from .neutral.parameters import parameters_of

__all__ = ["OPENLLM_MONITOR"]

_CUT = "... [TRUNCATED]"
_HIDDEN = "[REDACTED]"
_STATUSES = {"error": 500, "timeout": 504, "rate_limited": 429}
_DEFAULTS = {"top_p": 1, "frequency_penalty": 0, "presence_penalty": 0}
"""What its schema writes for parameters that nobody set; they mean the same as none."""

_LABELS = {
    "requestId": "request_id",
    "isReplay": "is_replay",
    "originalLogId": "original_log_id",
}
"""What tells of which request a log is, and of which other log it is a replay."""
_COUNTS = frozenset({"$numberInt", "$numberLong", "$numberDouble", "$numberDecimal"})


def _call_of(record: dict[str, Json]) -> LoggedCall:
    log = _plain(record)
    assert isinstance(log, dict)
    return LoggedCall(
        id=as_text(log.get("_id")) or as_text(log.get("requestId")),
        provider=as_text(log.get("provider")),
        model=as_text(log.get("model")),
        asked=_asked(log),
        answered=_answered(log),
        streamed=log.get("isStreaming") is True,
        usage=_usage(log.get("tokenUsage")),
        measured=Measured(
            at=at_of(moment_of(log.get("createdAt"))), duration=seconds_of(log.get("latency"))
        ),
        labels=labels_of({label: log.get(name) or None for name, label in _LABELS.items()}),
    )


def _asked(log: dict[str, Json]) -> Shaped:
    prompt, system = as_text(log.get("prompt")), as_text(log.get("systemMessage"))
    if prompt is None:
        raise Unimportable("no prompt")
    for words in (prompt, system or ""):
        _refuse_lost(words)
    leading: list[Json] = [{"role": "system", "content": system}] if system else []
    messages: list[Json] = [*leading, {"role": "user", "content": prompt}]
    return Shaped(api=CHAT, body={"messages": messages, **_parameters(log.get("parameters"))})


def _parameters(parameters: Json) -> dict[str, Json]:
    known = parameters_of(parameters) if isinstance(parameters, dict) else {}
    return {key: value for key, value in known.items() if _DEFAULTS.get(key, ...) != value}


def _answered(log: dict[str, Json]) -> Response:
    status = as_text(log.get("status")) or "success"
    if status != "success":
        known = as_object(log.get("error"))
        message = as_text(known.get("message")) or status
        return failed_with(message, status=_STATUSES.get(status), type=as_text(known.get("code")))
    words = as_text(log.get("completion"))
    if words is None:
        raise Unimportable("no completion")
    _refuse_lost(words)
    return words_of(words)


def _refuse_lost(words: str) -> None:
    """Refuse a text of which the log kept a part only."""
    if words.endswith(_CUT):
        raise Unimportable("the log cut its text at a length, so it is not what was said")
    if words == _HIDDEN:
        raise Unimportable("its text is redacted: there is nothing to replay")


def _usage(counts: Json) -> Usage:
    """Counts; zeros are what the schema writes for unknown ones."""
    known = as_object(counts)
    return Usage(
        input_tokens=as_int(known.get("promptTokens")) or None,
        output_tokens=as_int(known.get("completionTokens")) or None,
    )


OPENLLM_MONITOR = LogSource(
    name="openllm-monitor",
    help="Logs of OpenLLM-Monitor: mongoexport of its collection, or GET /api/logs.",
    call_of=_call_of,
    holders=frozenset({"data", "logs"}),
)


def _plain(value: Json) -> Json:
    """MongoDB's Extended JSON in plain JSON: ids and dates as they are told, counts as numbers.

    https://www.mongodb.com/docs/manual/reference/mongodb-extended-json/
    """
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if not isinstance(value, dict):
        return value
    if len(value) != 1:
        return {key: _plain(inner) for key, inner in value.items()}
    ((key, inner),) = value.items()
    if key in {"$oid", "$date"}:
        return _plain(inner)
    return _number(inner) if key in _COUNTS else {key: _plain(inner)}


def _number(text: Json) -> Json:
    try:
        number = float(str(text))
    except ValueError:
        return None
    return int(number) if number.is_integer() else number
