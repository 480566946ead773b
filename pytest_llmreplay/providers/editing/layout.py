"""Where API formats have what a person edits."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import groupby
from types import MappingProxyType

from pytest_llmreplay.event import Json, Tool
from pytest_llmreplay.providers.fields import as_object
from pytest_llmreplay.providers.invoke.kinds import kind_asked
from pytest_llmreplay.providers.tools.schemas import EMPTY_PARAMETERS

__all__ = ["LAYOUTS", "Layout", "layout_of"]

_TYPES = {"user": "user_input", "assistant": "model_output"}
_CONTENT = frozenset({"text", "image", "audio", "video", "document"})


def step(role: str, text: str) -> dict[str, Json]:
    """A step of words alone."""
    return {"type": _TYPES[role], "content": [{"type": "text", "text": text}]}


def steps_of(value: Json) -> list[Json]:
    """The steps of an input; words and content without steps are what the user says."""
    if isinstance(value, str):
        return [step("user", value)] if value else []
    items = value if isinstance(value, list) else [] if value is None else [value]
    steps: list[Json] = []
    for bare, run in groupby(items, _is_content):
        found = list(run)
        steps += [{"type": _TYPES["user"], "content": found}] if bare else found
    return steps


def _is_content(item: Json) -> bool:
    return isinstance(item, dict) and item.get("type") in _CONTENT


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """The keys of one format."""

    turns: str | None
    """List of the conversation; none where there is a prompt instead."""
    content: str = "content"
    """Key of a turn's words."""
    plain: bool = True
    """Whether a plain text may stand for a list of blocks."""
    typed: bool = True
    """Whether a block of text says its type."""
    model_role: str = "assistant"
    """Role of the model."""
    system: tuple[str, ...] = ()
    """Key of the system prompt beside the turns, in each spelling; none: it is the first turn."""
    system_in: str | None = None
    """Key of its words inside of that, where it is a turn of its own."""
    tools_in: str | None = None
    """Key of the object that holds the tools, where they do not stand in the body itself."""
    turn: Callable[[str, str], dict[str, Json]] | None = None
    """Writes a turn of words, by its role, where that is no object of a role and words."""
    turns_of: Callable[[Json], list[Json]] | None = None
    """Makes turns of what may stand in their place."""
    tool: Callable[[Tool], Json] | None = None
    """Writes a function that is offered; none where none can be."""

    def said(self, role: str, text: str) -> dict[str, Json]:
        """A turn of words alone."""
        if self.turn is not None:
            return self.turn(role, text)
        named = self.model_role if role == "assistant" else role
        return {"role": named, self.content: self.words(text)}

    def words(self, text: str) -> Json:
        """A text as the format has it."""
        return text if self.plain else [self.block(text)]

    def block(self, text: str) -> Json:
        """A block of text."""
        return {"type": "text", "text": text} if self.typed else {"text": text}


def _function(tool: Tool) -> dict[str, Json]:
    function: dict[str, Json] = {"name": tool.name}
    if tool.description is not None:
        function["description"] = tool.description
    return function


def _schema(tool: Tool) -> Json:
    return tool.parameters or dict(EMPTY_PARAMETERS)


def _nested(tool: Tool) -> Json:
    return {"type": "function", "function": {**_function(tool), "parameters": _schema(tool)}}


def _flat(tool: Tool) -> Json:
    strict: dict[str, Json] = {"strict": tool.strict or False}  # left out, it would be true here
    return {"type": "function", **_function(tool), "parameters": _schema(tool), **strict}


def _of_messages(tool: Tool) -> Json:
    return {**_function(tool), "input_schema": _schema(tool)}


def _of_gemini(tool: Tool) -> Json:
    return {**_function(tool), "parametersJsonSchema": _schema(tool)}


def _of_interactions(tool: Tool) -> Json:
    return {"type": "function", **_function(tool), "parameters": _schema(tool)}


def _of_converse(tool: Tool) -> Json:
    return {"toolSpec": {**_function(tool), "inputSchema": {"json": _schema(tool)}}}


_CHAT = Layout(turns="messages", tool=_nested)

LAYOUTS: Mapping[str, Layout] = MappingProxyType(
    {
        "chat_completions": _CHAT,
        "cohere_chat": _CHAT,
        "ollama_chat": _CHAT,
        "cohere_chat_v1": Layout(turns=None, system=("preamble",)),
        "ollama_generate": Layout(turns=None, system=("system",)),
        "responses": Layout(turns="input", system=("instructions",), tool=_flat),
        "messages": Layout(turns="messages", system=("system",), tool=_of_messages),
        "generate_content": Layout(
            turns="contents",
            content="parts",
            plain=False,
            typed=False,
            model_role="model",
            system=("systemInstruction", "system_instruction"),
            system_in="parts",
            tool=_of_gemini,
        ),
        "interactions": Layout(
            turns="input",
            system=("system_instruction",),
            turn=step,
            turns_of=steps_of,
            tool=_of_interactions,
        ),
        "converse": Layout(
            turns="messages",
            plain=False,
            typed=False,
            system=("system",),
            tools_in="toolConfig",
            tool=_of_converse,
        ),
    }
)
"""By API format; a format that is missing has nothing to edit."""


def layout_of(api: str, body: Json) -> Layout | None:
    """Where a body has what a person edits; none where it has nothing."""
    kind = kind_asked(as_object(body)) if api == "invoke" else api
    return None if kind is None else LAYOUTS.get(kind)
