"""Writing the items of a conversation that was held in another format."""

from __future__ import annotations

from pytest_llmreplay.event import (
    BlobPart,
    FilePart,
    Json,
    Part,
    ReasoningPart,
    RefusalPart,
    TextPart,
    ToolCallPart,
    ToolCallResponsePart,
    UriPart,
)
from pytest_llmreplay.providers.api import Dialect
from pytest_llmreplay.providers.conversations.turns import Turn
from pytest_llmreplay.providers.conversion.losses import Losses, item_code
from pytest_llmreplay.providers.conversion.reasoning import reasoning_code
from pytest_llmreplay.providers.fields import as_list
from pytest_llmreplay.providers.tools.arguments import arguments_text
from pytest_llmreplay.providers.tools.custom_tools import CUSTOM

from .convert_media import write_media, write_text
from .items import MESSAGE

__all__ = ["Conversation"]

_NOT_SAID = frozenset({"type", "index", "id", "status", MESSAGE, "function"})
"""Keys beside a part that its place and kind in this format say."""


class Conversation:
    """The items so far.

    Args:
        dialect: Who is going to read them.
        losses: Learns what could not be taken over.
    """

    def __init__(self, dialect: Dialect, losses: Losses) -> None:
        self.items: list[Json] = []
        self._dialect, self._losses = dialect, losses
        self._custom: set[str | None] = set()

    def add(self, turn: Turn) -> None:
        """One item per thing said; media and words of one turn stay together."""
        if turn.name:
            self._losses.add("message.name")
        if turn.role == "assistant":
            for part in turn.parts:
                self._add_of_model(part)
            return
        parts: list[Part] = []
        for part in turn.parts:
            if isinstance(part, ToolCallResponsePart):
                self._add_message(turn, parts)
                parts = []
                self._add_result(part)
            else:
                parts.append(part)
        self._add_message(turn, parts)

    def _add_message(self, turn: Turn, parts: list[Part]) -> None:
        content: list[Json] = [
            item for part in parts if (item := self._content_item(part)) is not None
        ]
        if not content:
            return
        self.items.append({"role": turn.role, "content": _as_words(content) or content})

    def _content_item(self, part: Part) -> Json:
        """A part of what the application said."""
        match part:
            case TextPart():
                return write_text(part, self._losses)
            case BlobPart() | UriPart() | FilePart():
                return write_media(part, self._dialect, self._losses)
            case RefusalPart():
                return {"type": "input_text", "text": part.content}
            case _:
                self._lose(part)
                return None

    def _add_result(self, part: ToolCallResponsePart) -> None:
        content: list[Json] = [
            item for inner in part.response if (item := self._content_item(inner)) is not None
        ]
        output: Json = _as_words(content) if content else ""
        output = content if output is None else output
        if part.is_error:
            self._losses.add("tool_result.is_error")
            output = _as_error(output)
        self._losses.keys(part.extra, "tool_result.", known=_NOT_SAID | {"role"})
        kind = "custom_tool_call" if part.id in self._custom else "function_call"
        self.items.append({"type": f"{kind}_output", "call_id": part.id, "output": output})

    def _add_of_model(self, part: Part) -> None:
        match part:
            case TextPart():
                self._add_words(part)
            case RefusalPart():
                # A refusal stands in messages that the API made itself, with ids of theirs.
                self._losses.add("~refusal")
                self.items.append(_answered(part.content))
            case ToolCallPart():
                self._add_call(part)
            case ToolCallResponsePart():
                self._add_result(part)
            case _:
                self._lose(part)

    def _add_words(self, part: TextPart) -> None:
        if part.annotations:
            self._losses.add("text.annotations")
        self._losses.keys(part.extra, known=_NOT_SAID)
        if part.content:
            self.items.append(_answered(part.content))

    def _add_call(self, part: ToolCallPart) -> None:
        custom = part.extra.get("type") == CUSTOM
        if custom:
            self._custom.add(part.id)
        kind, key = ("custom_tool_call", "input") if custom else ("function_call", "arguments")
        self._losses.keys(part.extra, "tool_call.", known=_NOT_SAID | {key, CUSTOM})
        self.items.append(
            {
                "type": kind,
                "call_id": part.id,
                "name": part.name,
                key: arguments_text(part),
            }
        )

    def _lose(self, part: Part) -> None:
        """Tell of a part that only its own provider understands."""
        match part:
            case ReasoningPart():
                self._losses.add(*reasoning_code(part))
            case BlobPart() | UriPart() | FilePart():
                self._losses.add(f"{part.modality}.in_assistant")
            case ToolCallPart():
                self._losses.add("tool_call.in_user")
            case _:
                self._losses.add(item_code(part))


def _answered(words: str) -> Json:
    """What the model said; llama.cpp reads it only where the type stands beside the role."""
    return {"type": MESSAGE, "role": "assistant", "content": words}


def _as_words(content: list[Json]) -> str | None:
    """The words that a list of one plain text stands for."""
    only = content[0] if len(content) == 1 else None
    if not isinstance(only, dict) or only.keys() != {"type", "text"}:
        return None
    return str(only["text"])


def _as_error(output: Json) -> Json:
    """An answer that says in words that it is an error; the format has no sign for it."""
    if isinstance(output, str):
        return f"Error: {output}"
    return [{"type": "input_text", "text": "Error:"}, *as_list(output)]
