"""Writing the plain answer of chat completions."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from pytest_llmreplay.event import Choice, FinishReason, Json, Response, UnknownPart
from pytest_llmreplay.providers.answers.envelope import made_id, with_counts
from pytest_llmreplay.providers.fields import as_object

from .answer import STOP_REASON, WHOLE_CHOICE, finish_class
from .encode_message import encode_message
from .usage import write_usage

__all__ = ["encode_answer", "encode_choices"]

EncodeChoice: TypeAlias = Callable[[Response, int, list[Json] | None], Json]
"""Of an answer, the place of a choice in it, and what decoding left of all; none where it was
not decoded from the format."""

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
    return encode_choices(response, _defaults, _encode_choice)


def encode_choices(
    response: Response, defaults: Callable[[Response], dict[str, Json]], encode: EncodeChoice
) -> dict[str, Json]:
    """The body of a plain answer in a format that knows choices.

    Args:
        response: The answer.
        defaults: What clients rely on in an answer that was not decoded from the format.
        encode: Writes a choice.
    """
    extra = dict(response.extra)
    kept = extra.pop("choices", None)
    rests = kept if isinstance(kept, list) else None
    body = defaults(response) if rests is None else {}
    named = {"id": response.id, "model": response.model}
    body |= {key: value for key, value in named.items() if value is not None}
    body |= extra
    body["choices"] = [encode(response, index, rests) for index in range(len(response.choices))]
    return body | with_counts(response.usage, write_usage(response.usage))


def _defaults(response: Response) -> dict[str, Json]:
    return {
        "id": made_id("chatcmpl-", response),
        "object": "chat.completion",
        "created": 0,
        "model": "",
    }


def _rest_of(rests: list[Json] | None, index: int) -> dict[str, Json]:
    """What decoding left of a choice."""
    return dict(as_object(rests[index] if rests is not None and index < len(rests) else {}))


def _encode_choice(response: Response, index: int, rests: list[Json] | None) -> Json:
    choice, decoded, rest = response.choices[index], rests is not None, _rest_of(rests, index)
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
        body[STOP_REASON if rest.get(STOP_REASON) == "" else "finish_reason"] = word
    return body | {key: value for key, value in rest.items() if key not in body}


def _finish_word(choice: Choice, *, decoded: bool) -> str | None:
    """The finish reason in the words of this format."""
    word, finish = choice.finish_raw, choice.finish_reason
    same = word is not None and finish_class(word, choice.message.parts) == finish
    if same and (decoded or word in _OWN_WORDS):
        return word
    return None if finish is None else _WORDS[finish]
