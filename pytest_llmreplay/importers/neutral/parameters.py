"""Parameters of a request in the spellings of logs."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping

from pytest_llmreplay.event import Json

__all__ = ["parameters_of"]

_NUMBERS = frozenset(
    {
        *("temperature", "top_p", "frequency_penalty", "presence_penalty"),
        *("max_tokens", "max_completion_tokens", "max_output_tokens", "top_k", "seed", "n"),
        "top_logprobs",
    }
)
_OTHERS = frozenset(
    {
        *("stop", "stop_sequences", "response_format", "parallel_tool_calls", "reasoning_effort"),
        *("reasoning", "thinking", "user", "logprobs", "logit_bias", "verbosity", "text"),
        *("service_tier", "prediction", "modalities", "output_config"),
    }
)
_SPELLINGS = {
    "maxTokens": "max_tokens",
    "maxOutputTokens": "max_tokens",
    "maxCompletionTokens": "max_completion_tokens",
    "topP": "top_p",
    "topK": "top_k",
    "frequencyPenalty": "frequency_penalty",
    "presencePenalty": "presence_penalty",
    "stopSequences": "stop",
    "responseFormat": "response_format",
    "reasoningEffort": "reasoning_effort",
    "toolChoice": "tool_choice",
    "serviceTier": "service_tier",
}
_KNOWN = _NUMBERS | _OTHERS


def parameters_of(values: Mapping[str, Json]) -> dict[str, Json]:
    """What a request can hold of what a log tells, under the names of the wire.

    Logs mix parameters with names of models, defaults and notes of their own; only what is known
    by its name is taken. Numbers may be written as text, and `null`, an empty text and infinity
    mean that nothing was asked for.
    """
    named = ((_SPELLINGS.get(key, key), value) for key, value in values.items())
    read = ((key, _value(key, value)) for key, value in named if key in _KNOWN)
    return {key: value for key, value in read if value not in (None, "", [])}


def _value(key: str, value: Json) -> Json:
    if key in _NUMBERS:
        return _number(value)
    if isinstance(value, str) and value[:1] in {"{", "["}:
        return _parsed(value)
    return value


def _number(value: Json) -> Json:
    if isinstance(value, str):
        value = _parsed(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return value if isinstance(value, int) or math.isfinite(value) else None


def _parsed(text: str) -> Json:
    try:
        value: Json = json.loads(text)
    except (ValueError, RecursionError):
        return text
    return value
