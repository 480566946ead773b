"""Writing the plain answer of chat completions."""

from __future__ import annotations

from pytest_llmreplay.event import Choice, FinishReason, Json, Response, UnknownPart
from pytest_llmreplay.providers.writing import made_id

from .answer import WHOLE_CHOICE, finish_class
from .encode_message import encode_message
from .usage import write_usage

__all__ = ["encode_answer"]

_WORDS: dict[FinishReason, str] = {
    "stop": "stop",
    "length": "length",
    "content_filter": "content_filter",
    "tool_call": "tool_calls",
    "compaction": "stop",
    "error": "error",
}
_OWN_WORDS = frozenset({*_WORDS.values(), "function_call"})


def encode_answer(response: Response) -> dict[str, Json]:
    """The body of a plain answer.

    An answer that was decoded from this format is written as it was; any other gets the keys that
    clients rely on.
    """
    extra = dict(response.extra)
    rests = extra.pop("choices", None)
    decoded = isinstance(rests, list)
    body: dict[str, Json] = {} if decoded else _defaults(response)
    named = {"id": response.id, "model": response.model}
    body |= {key: value for key, value in named.items() if value is not None}
    body |= extra
    body["choices"] = [
        _encode_choice(response, index, rest=_rest_of(rests, index), decoded=decoded)
        for index in range(len(response.choices))
    ]
    usage = write_usage(response.usage)
    if usage or response.usage.raw == {}:
        body["usage"] = usage
    return body


def _defaults(response: Response) -> dict[str, Json]:
    return {
        "id": made_id("chatcmpl-", response),
        "object": "chat.completion",
        "created": 0,
        "model": "",
    }


def _rest_of(rests: Json, index: int) -> dict[str, Json]:
    """What decoding left of a choice."""
    rest = rests[index] if isinstance(rests, list) and index < len(rests) else {}
    return dict(rest) if isinstance(rest, dict) else {}


def _encode_choice(response: Response, index: int, *, rest: dict[str, Json], decoded: bool) -> Json:
    choice = response.choices[index]
    for part in choice.message.parts:
        if isinstance(part, UnknownPart) and part.type == WHOLE_CHOICE:
            return part.raw
    body: dict[str, Json] = {} if decoded else {"index": index}
    if "message" not in rest:
        body["message"] = encode_message(
            choice.message, decoded=decoded, id_prefix=made_id("call_", response, f"{index}")
        )
    elif rest["message"] is None:
        del rest["message"]
    if not decoded:
        body["logprobs"] = None
    word = _finish_word(choice, decoded=decoded)
    if word is not None or not decoded:
        body["finish_reason"] = word
    return body | {key: value for key, value in rest.items() if key not in body}


def _finish_word(choice: Choice, *, decoded: bool) -> str | None:
    """The finish reason in the words of this format."""
    word, finish = choice.finish_raw, choice.finish_reason
    same = word is not None and finish_class(word, choice.message.parts) == finish
    if same and (decoded or word in _OWN_WORDS):
        return word
    return None if finish is None else _WORDS[finish]
