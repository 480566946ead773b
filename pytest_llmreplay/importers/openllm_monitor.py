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
from .neutral.extended_json import plain
from .neutral.failed import failed_with
from .neutral.parameters import parameters_of

__all__ = ["OPENLLM_MONITOR"]

_CUT = "... [TRUNCATED]"
_HIDDEN = "[REDACTED]"
_STATUSES = {"error": 500, "timeout": 504, "rate_limited": 429}
_DEFAULTS = {"top_p": 1, "frequency_penalty": 0, "presence_penalty": 0}
"""What its schema writes for parameters that nobody set; they mean the same as none."""


def _call_of(record: dict[str, Json]) -> LoggedCall:
    told = plain(record)
    assert isinstance(told, dict)
    return LoggedCall(
        id=as_text(told.get("_id")) or as_text(told.get("requestId")),
        provider=as_text(told.get("provider")),
        model=as_text(told.get("model")),
        asked=_asked(told),
        answered=_answered(told),
        streamed=told.get("isStreaming") is True,
        usage=_usage(told.get("tokenUsage")),
        measured=Measured(
            at=at_of(moment_of(told.get("createdAt"))), duration=seconds_of(told.get("latency"))
        ),
    )


def _asked(told: dict[str, Json]) -> Shaped:
    prompt, system = as_text(told.get("prompt")), as_text(told.get("systemMessage"))
    if prompt is None:
        raise Unimportable("no prompt")
    for words in (prompt, system or ""):
        _refuse_lost(words)
    leading: list[Json] = [{"role": "system", "content": system}] if system else []
    messages: list[Json] = [*leading, {"role": "user", "content": prompt}]
    return Shaped(api=CHAT, body={"messages": messages, **_parameters(told.get("parameters"))})


def _parameters(told: Json) -> dict[str, Json]:
    known = parameters_of(told) if isinstance(told, dict) else {}
    return {key: value for key, value in known.items() if _DEFAULTS.get(key, ...) != value}


def _answered(told: dict[str, Json]) -> Response:
    status = as_text(told.get("status")) or "success"
    if status != "success":
        known = as_object(told.get("error"))
        message = as_text(known.get("message")) or status
        return failed_with(message, status=_STATUSES.get(status), type=as_text(known.get("code")))
    words = as_text(told.get("completion"))
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


def _usage(told: Json) -> Usage:
    """Counts; zeros are what the schema writes for unknown ones."""
    known = as_object(told)
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
