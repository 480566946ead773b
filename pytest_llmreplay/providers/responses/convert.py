"""Writing a responses request from one of another format."""

from __future__ import annotations

from pytest_llmreplay.event import Json, Part, Request, TextPart
from pytest_llmreplay.providers.api import Dialect, EncodedRequest
from pytest_llmreplay.providers.conversations.turns import conversation_of, linked
from pytest_llmreplay.providers.conversion.losses import Losses
from pytest_llmreplay.providers.tools.web_search import parted

from .convert_messages import Conversation
from .convert_parameters import write_output, write_parameters, write_reasoning
from .convert_tools import write_tools

__all__ = ["encode_request"]

_ID = r"[\s\S]{1,64}"
"""Ids of calls that the format takes."""
_SEARCHING = frozenset({"openai", "azure"})
"""Whose servers search the web."""


def encode_request(request: Request, dialect: Dialect) -> EncodedRequest:
    """The body that asks the same, and what could not be taken over.

    Nothing is to be kept at the provider, so `store` is always false.
    """
    losses = Losses()
    searching = dialect.provider in _SEARCHING
    search, request = parted(request) if searching else (None, request)
    body: dict[str, Json] = {"model": dialect.model}
    body |= _conversation(request, dialect, losses)
    body |= write_tools(request, search, losses)
    body |= write_parameters(request, losses)
    body |= write_reasoning(request.reasoning, dialect.model, losses)
    body |= write_output(request.output, request.verbosity, losses)
    body["store"] = False
    if dialect.stream:
        body["stream"] = True
    return EncodedRequest(body=body, losses=losses.codes)


def _conversation(request: Request, dialect: Dialect, losses: Losses) -> dict[str, Json]:
    """Instructions, if they are one text and not all there is, and the items."""
    leading, turns = conversation_of(request, losses)
    instructions = request.system_instructions
    body: dict[str, Json] = {}
    if len(instructions) == 1 and isinstance(instructions[0], TextPart) and request.messages:
        body["instructions"] = instructions[0].content
        losses.keys(instructions[0].extra)
        leading = leading[1:]
    conversation = Conversation(dialect, losses)
    for turn in [*leading, *linked(turns, _ID, "call_", losses)]:
        conversation.add(turn)
    if turns and turns[-1].role == "assistant" and _speaks(turns[-1].parts):
        losses.add("~prefill")
    return body | {"input": conversation.items}


def _speaks(parts: tuple[Part, ...]) -> bool:
    """Whether a last turn of the model is the beginning of its answer."""
    return bool(parts) and isinstance(parts[-1], TextPart)
