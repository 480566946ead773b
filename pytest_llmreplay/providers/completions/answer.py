"""The plain answer of completions, read and written."""

from __future__ import annotations

from pytest_llmreplay.event import (
    Choice,
    FinishReason,
    Json,
    Message,
    Part,
    RefusalPart,
    Response,
    TextPart,
)
from pytest_llmreplay.providers.answers.envelope import made_id
from pytest_llmreplay.providers.chat_completions.answer import finish_class, read_choices
from pytest_llmreplay.providers.chat_completions.encode import encode_choices
from pytest_llmreplay.providers.fields import Fields

__all__ = ["encode_answer", "read_answer"]

_WORDS: dict[FinishReason, str] = {"length": "length", "content_filter": "content_filter"}


def read_answer(body: dict[str, Json]) -> Response | None:
    """The neutral answer; `None` when the body has no choices."""
    return read_choices(body, _read_choice)


def encode_answer(response: Response) -> dict[str, Json]:
    """The body of a plain answer.

    An answer that was decoded from this format is written as it was; any other gets the keys that
    clients rely on.
    """
    return encode_choices(response, _defaults, _encode_choice)


def _read_choice(value: Json) -> tuple[Choice, Json]:
    """A choice, and what is left of it; one that is no object is left whole."""
    fields = Fields(value)
    text = fields.any_text("text")
    parts: tuple[Part, ...] = () if text is None else (TextPart(content=text),)
    word = fields.any_text("finish_reason")
    choice = Choice(
        message=Message(role="assistant", parts=parts),
        finish_reason=finish_class(word, parts),
        finish_raw=word,
    )
    return choice, fields.rest if isinstance(value, dict) else value


def _defaults(response: Response) -> dict[str, Json]:
    return {
        "id": made_id("cmpl-", response),
        "object": "text_completion",
        "created": 0,
        "model": "",
    }


def _encode_choice(response: Response, index: int, rests: list[Json] | None) -> Json:
    choice = response.choices[index]
    texts = [
        part.content for part in choice.message.parts if isinstance(part, TextPart | RefusalPart)
    ]
    word = _finish_word(choice)
    if rests is None or index >= len(rests):
        return {"text": "".join(texts), "index": index, "logprobs": None, "finish_reason": word}
    rest = rests[index]
    if not isinstance(rest, dict):
        return rest
    body: dict[str, Json] = {"text": "".join(texts)} if texts else {}
    body |= rest
    return body if word is None else body | {"finish_reason": word}


def _finish_word(choice: Choice) -> str | None:
    """The finish reason in the words of this format, which knows no calls and no refusals."""
    word, finish = choice.finish_raw, choice.finish_reason
    if word is not None and finish_class(word, choice.message.parts) == finish:
        return word
    return None if finish is None else _WORDS.get(finish, "stop")
