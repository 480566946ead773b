"""Writing a request of another format as messages."""

from __future__ import annotations

from collections.abc import Sequence

from pytest_llmreplay.event import Json, Request, TextPart
from pytest_llmreplay.providers.api import Dialect, EncodedRequest
from pytest_llmreplay.providers.conversations.turns import Turn, conversation_of, linked, merged
from pytest_llmreplay.providers.conversion.losses import Losses
from pytest_llmreplay.providers.conversion.state import note_state
from pytest_llmreplay.providers.tools.custom_tools import as_functions
from pytest_llmreplay.providers.tools.web_search import SEARCH, parted

from .cache_marks import mark_in
from .claude import same_model, takes_system_turns
from .encode import CALL_ID
from .request_parameters import (
    write_limit,
    write_output_config,
    write_rest,
    write_sampling,
)
from .request_parts import write_assistant, write_user
from .request_thinking import write_thinking
from .request_tools import forces_a_tool, write_tools

__all__ = ["encode_request"]

_SYSTEM = frozenset({"system", "developer"})
_SEARCHING = frozenset({"anthropic", "azure", "vertex"})
"""Whose servers search the web."""


def encode_request(request: Request, dialect: Dialect) -> EncodedRequest:
    """The body that asks the same, and what became of what it cannot hold."""
    losses = Losses()
    request = as_functions(request, losses)
    search, request = parted(request) if _searches(request, dialect) else (None, request)
    system, messages = _conversation(request, dialect, losses)
    body: dict[str, Json] = {"model": dialect.model}
    body |= write_limit(request, dialect, losses)
    body |= ({"system": system} if system else {}) | {"messages": messages}
    body |= write_tools(request, search, losses)
    body |= write_sampling(request, dialect, losses)
    thinking, effort = write_thinking(
        request.reasoning, dialect.model, body["max_tokens"], losses, forced=forces_a_tool(body)
    )
    if thinking and thinking["thinking"] != {"type": "disabled"}:
        _drop_sampling(body, losses)
    body |= thinking | write_output_config(request.output, effort, losses)
    body |= write_rest(request, losses) | ({"stream": True} if dialect.stream else {})
    note_state(request.extra, losses)
    return EncodedRequest(body=body, losses=losses.codes)


def _searches(request: Request, dialect: Dialect) -> bool:
    """Whether a search can be offered; its name is given, and may be that of a function."""
    functions = (tool.name for tool in request.tools if tool.kind == "function")
    return dialect.provider in _SEARCHING and SEARCH not in functions


def _drop_sampling(body: dict[str, Json], losses: Losses) -> None:
    """A model that thinks takes neither a temperature nor a cut by rank.

    https://platform.claude.com/docs/en/build-with-claude/extended-thinking
    """
    for key in ("temperature", "top_k"):
        if body.pop(key, None) is not None:
            losses.add(key)


def _conversation(
    request: Request, dialect: Dialect, losses: Losses
) -> tuple[list[Json], list[Json]]:
    """Instructions, and turns of two sides that alternate."""
    leading, turns = conversation_of(request, losses)
    raised, turns = _raised(turns, dialect, losses)
    system = [block for turn in [*leading, *raised] for block in _instructions(turn, losses)]
    if any(turn.name for turn in [*leading, *raised, *turns]):
        losses.add("message.name")
    signed = same_model(request.model, dialect.model)
    messages = _sides(linked(turns, CALL_ID, "toolu_", losses), losses, signed=signed)
    if not messages or messages[0][0] != "user":
        losses.add("+user_turn")
        messages = [("user", [{"type": "text", "text": "."}]), *messages]
    if messages[-1][0] == "assistant":
        losses.add("~prefill")
    return system, [{"role": role, "content": _content(blocks)} for role, blocks in messages]


def _raised(
    turns: Sequence[Turn], dialect: Dialect, losses: Losses
) -> tuple[list[Turn], list[Turn]]:
    """Instructions from the middle that have to stand before everything, and the other turns."""
    raised: list[Turn] = []
    kept: list[Turn] = []
    for turn in turns:
        after_user = bool(kept) and kept[-1].role == "user"
        if turn.role not in _SYSTEM or (after_user and _takes_system(dialect)):
            kept.append(turn)
        else:
            losses.add(*(["system.position"] if _says_something(turn) else []))
            raised.append(turn)
    return raised, merged(kept, lambda before, _: before.role not in _SYSTEM)


def _says_something(turn: Turn) -> bool:
    return any(isinstance(part, TextPart) for part in turn.parts)


def _takes_system(dialect: Dialect) -> bool:
    return dialect.provider == "anthropic" and takes_system_turns(dialect.model)


def _instructions(turn: Turn, losses: Losses) -> list[Json]:
    """Blocks of text; instructions hold nothing else."""
    texts = [part for part in turn.parts if isinstance(part, TextPart) or mark_in(part)]
    others = [part for part in turn.parts if part not in texts]
    if write_user(others, losses):
        losses.add("system.parts")
    return write_user(texts, losses)


def _sides(turns: Sequence[Turn], losses: Losses, *, signed: bool) -> list[tuple[str, list[Json]]]:
    """Blocks by side, without the turns of which nothing is left."""
    sides: list[tuple[str, list[Json]]] = []
    for turn in turns:
        role = "system" if turn.role in _SYSTEM else turn.role
        blocks = _blocks(turn, losses, signed=signed)
        if blocks and sides and sides[-1][0] == role:
            sides[-1][1].extend(blocks)
        elif blocks:
            sides.append((role, blocks))
    return sides


def _blocks(turn: Turn, losses: Losses, *, signed: bool) -> list[Json]:
    if turn.role in _SYSTEM:
        return _instructions(turn, losses)
    if turn.role == "assistant":
        return write_assistant(turn.parts, losses, signed=signed)
    return write_user(turn.parts, losses)


def _content(blocks: list[Json]) -> Json:
    match blocks:
        case [{"type": "text", "text": str(text), **marks}] if not marks:
            return text
        case _:
            return blocks
