"""Writing the items of an answer."""

from __future__ import annotations

from collections.abc import Iterable

from pytest_llmreplay.event import (
    BlobPart,
    CompactionPart,
    Json,
    Part,
    ReasoningPart,
    RefusalPart,
    ServerToolCallPart,
    ServerToolCallResponsePart,
    TextPart,
    ToolCallPart,
    UnknownPart,
)
from pytest_llmreplay.providers.answers.citations import citations_of
from pytest_llmreplay.providers.fields import as_list
from pytest_llmreplay.providers.tools.arguments import arguments_text
from pytest_llmreplay.providers.tools.custom_tools import CUSTOM

from .items import IMAGE, MESSAGE, OPENAI, REASONING

__all__ = ["encode_output"]

_RAW = (UnknownPart, ServerToolCallPart, ServerToolCallResponsePart)


def encode_output(parts: Iterable[Part], *, decoded: bool, made: str) -> list[Json]:
    """The items that some parts are.

    Args:
        parts: What was said.
        decoded: Whether it came from a body of this format, so that nothing is to be filled in.
        made: Tells made ids from those of other answers.
    """
    output = _Output(decoded=decoded, made=made)
    for part in parts:
        output.add(part)
    return output.items


class _Output:
    """The items so far."""

    def __init__(self, *, decoded: bool, made: str) -> None:
        self.items: list[Json] = []
        self._decoded, self._made = decoded, made
        self._content: list[Json] | None = None
        self._thoughts: dict[str, Json] | None = None

    def add(self, part: Part) -> None:
        if isinstance(part, TextPart | RefusalPart) or MESSAGE in part.extra:
            self._add_content(part)
        elif isinstance(part, ReasoningPart):
            self._add_thought(part)
        elif isinstance(part, _RAW):
            self._open_raw(part)
        elif (item := self._item(part)) is not None:
            self._open(item)

    def _open_raw(
        self, part: UnknownPart | ServerToolCallPart | ServerToolCallResponsePart
    ) -> None:
        """What only this format knows is written as it came."""
        if self._decoded:
            self._open(part.raw)

    def _open(self, item: Json) -> None:
        self.items.append(item)
        self._content = self._thoughts = None

    def _id(self, prefix: str) -> str:
        return f"{prefix}{self._made}{len(self.items)}"

    def _add_content(self, part: Part) -> None:
        rest = part.extra.get(MESSAGE)
        written = self._content_item(part)
        if isinstance(rest, dict):
            message: dict[str, Json] = {"type": MESSAGE, "role": "assistant", **rest}
            if message["role"] is None:
                del message["role"]
        elif self._content is None:
            message = {"id": self._id("msg_"), "type": MESSAGE, "status": "completed"}
            message["role"] = "assistant"
        else:
            self._content.append(written)
            return
        content: list[Json] = [written]
        if message.get("content") == "" and isinstance(part, TextPart):
            self._open(message | {"content": part.content})
            return
        self._open(message | {"content": content})
        self._content = content

    def _content_item(self, part: Part) -> Json:
        extra = {key: value for key, value in part.extra.items() if key != MESSAGE}
        if isinstance(part, RefusalPart):
            kept = extra if self._decoded else {}
            return {"type": "refusal", "refusal": part.content, **kept}
        if not isinstance(part, TextPart):
            return part.raw if isinstance(part, UnknownPart) else None
        body: dict[str, Json] = {"type": "output_text", "text": part.content}
        if self._decoded:
            return (
                body | ({"annotations": list(part.annotations)} if part.annotations else {}) | extra
            )
        notes: list[Json] = [citation.flat for citation in citations_of(part)]
        return {"type": "output_text", "annotations": notes, "text": part.content, "logprobs": []}

    def _add_thought(self, part: ReasoningPart) -> None:
        rest = part.extra.get(REASONING)
        own = part.format == OPENAI
        if not own and not part.content:
            return
        if isinstance(rest, dict):
            self._open_thoughts({"type": REASONING, **rest}, part)
        elif self._thoughts is None:
            self._open_thoughts({"id": self._id("rs_"), "type": REASONING, "summary": []}, part)
        if own and _is_silent(part):
            return
        key = "summary" if part.summary or not own else "content"
        extra = {name: value for name, value in part.extra.items() if name != REASONING}
        kind = "summary_text" if key == "summary" else "reasoning_text"
        entry = {"type": kind, "text": part.content, **(extra if own else {})}
        assert self._thoughts is not None  # opened above
        self._thoughts[key] = [*as_list(self._thoughts.get(key)), entry]

    def _open_thoughts(self, item: dict[str, Json], part: ReasoningPart) -> None:
        named = {"id": part.id, "encrypted_content": part.encrypted}
        if part.format == OPENAI:
            item |= {key: value for key, value in named.items() if value is not None}
        self._open(item)
        self._thoughts = item

    def _item(self, part: Part) -> Json:
        """An item that is one part; none where the format has no such thing."""
        match part:
            case ToolCallPart():
                return self._call(part)
            case BlobPart(modality="image"):
                return self._image(part)
            case CompactionPart() if part.encrypted is not None and self._decoded:
                encrypted = part.encrypted
                return {"type": "compaction", "encrypted_content": encrypted, **part.extra}
            case _:
                return None

    def _image(self, part: BlobPart) -> Json:
        filled = {"id": self._id("ig_"), "type": IMAGE, "status": "completed"}
        rest = dict(part.extra) if self._decoded else filled
        return {**rest, "result": part.content}

    def _call(self, part: ToolCallPart) -> Json:
        extra = dict(part.extra)
        custom = extra.pop("type", None) == CUSTOM
        kind, key = ("custom_tool_call", "input") if custom else ("function_call", "arguments")
        left = extra.pop(key, ...)
        if not self._decoded:
            extra = {"id": self._id("ctc_" if custom else "fc_"), "status": "completed"}
        item: dict[str, Json] = {"type": kind, "name": part.name}
        if part.id is not None:
            item["call_id"] = part.id
        elif not self._decoded:
            item["call_id"] = self._id("call_")
        item[key] = _given(part, left)
        return item | extra


def _is_silent(part: ReasoningPart) -> bool:
    """Whether all that an item told of its thoughts is encrypted."""
    rest = part.extra.get(REASONING)
    return part.summary and not part.content and isinstance(rest, dict) and "summary" in rest


def _given(part: ToolCallPart, left: Json | object) -> Json:
    """The arguments, as text unless decoding left a note that they were none."""
    if left is None and part.arguments == {}:
        return None
    return part.arguments if left == {} else arguments_text(part)
