"""An answer in words: the list that stands beside a recorded stream, and plays without it.

- reasoning: …
- text: …
- tool_call: get_order
  arguments: {order_id: FJ-204113}
- finish_reason: tool_call

The list is derived from the stream and compared with it whenever the event is read, so what a
reviewer approves is what an application gets. A call's `id` may be added by hand; where it is
missing, any id agrees.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import cast

from pytest_llmreplay.cassette.yaml_text.fields import Fields, WrongField
from pytest_llmreplay.event import (
    BlobPart,
    Choice,
    FilePart,
    FinishReason,
    Json,
    Message,
    Part,
    ReasoningPart,
    RefusalPart,
    Response,
    ResponseError,
    ServerToolCallPart,
    ServerToolCallResponsePart,
    TextPart,
    ToolCallPart,
    UnknownPart,
    UriPart,
)

__all__ = [
    "Item",
    "answer_of",
    "check_answer",
    "lists_ending",
    "lists_error",
    "response_of_answer",
]

Item = dict[str, Json]

_WORDS = (("reasoning", ReasoningPart), ("text", TextPart), ("refusal", RefusalPart))
_KINDS = ("reasoning", "text", "refusal", "tool_call", "other", "finish_reason", "error", "choice")
_KEYS: dict[str, frozenset[str]] = {
    **{kind: frozenset([kind]) for kind in _KINDS},
    "tool_call": frozenset(["tool_call", "arguments", "id"]),
    "other": frozenset(["other", "content"]),
    "error": frozenset(["error", "type"]),
}
_REASONS: tuple[FinishReason, ...] = (
    "stop",
    "length",
    "content_filter",
    "tool_call",
    "compaction",
    "error",
)


def answer_of(response: Response) -> list[Item]:
    """The items that tell an answer."""
    return [_without_id(item) for item in _items_of(response)]


def check_answer(answer: Json, response: Response, *, number: int, held: str = "stream") -> None:
    """Raise WrongField where the list tells another answer than what event `number` holds.

    Args:
        answer: The value under `answer`.
        response: The answer as it came.
        number: Of the event.
        held: The key that holds the answer as it came.
    """
    found = [fields.value for _, fields in _items(answer)]
    expected = list(_items_of(response))
    for place, item in enumerate(found):
        real = expected[place] if place < len(expected) else None
        if real is None or not _agree(item, real):
            raise WrongField(("answer", place), _disagreement(number, held, item, real))
    if len(found) < len(expected):
        raise WrongField(("answer",), _disagreement(number, held, None, expected[len(found)]))


def lists_error(answer: Json) -> bool:
    """Whether the list tells an error; a cheap look at what may not be a list at all."""
    return _lists("error", answer)


def lists_ending(answer: Json) -> bool:
    """Whether the list tells how the answer ended; a cheap look likewise."""
    return _lists("finish_reason", answer)


def _lists(kind: str, answer: Json) -> bool:
    return isinstance(answer, list) and any(isinstance(i, dict) and kind in i for i in answer)


def response_of_answer(answer: Json, *, model: str | None) -> Response:
    """The answer that the list tells, for an event that holds no stream."""
    choices: list[Choice] = []
    parts: list[Part] = []
    reason: FinishReason | None = None
    error: ResponseError | None = None
    for kind, fields in _items(answer):
        if kind == "choice":
            choices.append(_choice(parts, reason))
            parts, reason = [], None
        elif kind == "finish_reason":
            reason = fields.choice(kind, _REASONS, "stop")
        elif kind == "error":
            error_type = fields.text_or_none("type")
            error = ResponseError(status=None, type=error_type, message=fields.text(kind))
        else:
            parts.append(_part_of(kind, fields))
    if parts or reason or choices or error is None:
        choices.append(_choice(parts, reason))
    return Response(model=model, choices=tuple(choices), error=error)


def _choice(parts: list[Part], reason: FinishReason | None) -> Choice:
    calls = any(isinstance(part, ToolCallPart) for part in parts)
    usual: FinishReason = "tool_call" if calls else "stop"
    message = Message(role="assistant", parts=tuple(parts))
    return Choice(message=message, finish_reason=reason or usual)


def _items_of(response: Response) -> Iterator[Item]:
    for place, choice in enumerate(response.choices):
        if place:
            yield {"choice": place}
        yield from [_item_of(part) for part in choice.message.parts]
        if choice.finish_reason is not None:
            yield {"finish_reason": choice.finish_reason}
    if response.error is not None:
        kind: Item = {} if response.error.type is None else {"type": response.error.type}
        yield {"error": response.error.message, **kind}


def _item_of(part: Part) -> Item:
    for kind, words in _WORDS:
        if isinstance(part, words):
            return {kind: part.content}
    if isinstance(part, ToolCallPart):
        return {"tool_call": part.name, "arguments": part.arguments, "id": part.id}
    return _other_item(part)


def _other_item(part: Part) -> Item:
    """A part that only the stream can play; told as far as a reviewer should see it."""
    if isinstance(part, ServerToolCallPart | UnknownPart):
        kind = part.type if isinstance(part, UnknownPart) else part.name
        return {"other": kind, "content": part.raw}
    if isinstance(part, UriPart | FilePart):
        place = part.uri if isinstance(part, UriPart) else part.file_id
        return {"other": part.modality, "content": place}
    if isinstance(part, BlobPart):
        return {"other": part.modality}
    raw = part.raw if isinstance(part, ServerToolCallResponsePart) else None
    wire = raw.get("type") if isinstance(raw, dict) else None
    return {"other": wire or type(part).__name__.removesuffix("Part").lower()}


def _part_of(kind: str, fields: Fields) -> Part:
    if kind == "tool_call":
        return ToolCallPart(
            name=fields.text(kind),
            arguments=fields.value.get("arguments", {}),
            id=fields.text_or_none("id"),
        )
    for word, words in _WORDS:
        if kind == word:
            return cast("Part", words(content=fields.text(kind)))
    raise WrongField(fields.path, "this part can be played from the stream only; restore `stream`")


def _items(told: Json) -> Iterator[tuple[str, Fields]]:
    """Each item with its kind."""
    if not isinstance(told, list):
        raise WrongField(("answer",), "expected a list")
    for place, item in enumerate(told):
        path = ("answer", place)
        kinds = [kind for kind in _KINDS if isinstance(item, dict) and kind in item]
        if len(kinds) != 1:
            raise WrongField(path, f"an item tells one of {', '.join(_KINDS)}")
        yield kinds[0], Fields(item, path, _KEYS[kinds[0]])


def _agree(item: Item, real: Item) -> bool:
    real = real if "id" in item else _without_id(real)
    if item == real and all(isinstance(value, str) for value in item.values()):
        return True  # nearly always; of other values true would be equal to 1
    return json.dumps(item, sort_keys=True) == json.dumps(real, sort_keys=True)


def _without_id(item: Item) -> Item:
    return {key: value for key, value in item.items() if key != "id"}


def _disagreement(number: int, held: str, item: Item | None, real: Item | None) -> str:
    here = "nothing more" if item is None else _shown(item)
    there = "nothing more" if real is None else _shown(real)
    return (
        f"`answer` of event {number} tells {here}, but its `{held}` holds {there}; delete "
        f"`{held}` to play the edited answer, or delete `answer` to play the recorded one"
    )


def _shown(item: Item) -> str:
    text = repr(item)
    return text if len(text) <= 120 else f"{text[:117]}..."  # noqa: PLR2004  one line of a message
