"""Writing a responses request from one of another format."""

from __future__ import annotations

from pytest_llmreplay.event import Json, Message, Part, Request, TextPart
from pytest_llmreplay.providers.api import Dialect, EncodedRequest
from pytest_llmreplay.providers.losses import Losses

from .call_ids import CallIds
from .convert_messages import Conversation
from .convert_parameters import write_output, write_parameters, write_reasoning
from .convert_tools import write_tools

__all__ = ["encode_request"]


def encode_request(request: Request, dialect: Dialect) -> EncodedRequest:
    """The body that asks the same, and what could not be taken over.

    Nothing is to be kept at the provider, so `store` is always false.
    """
    losses = Losses()
    body: dict[str, Json] = {"model": dialect.model}
    body |= _conversation(request, dialect, losses)
    body |= write_tools(request, losses)
    body |= write_parameters(request, losses)
    body |= write_reasoning(request.reasoning, dialect.model, losses)
    body |= write_output(request.output, request.verbosity, losses)
    body["store"] = False
    if dialect.stream:
        body["stream"] = True
    return EncodedRequest(body=body, losses=losses.codes)


def _conversation(request: Request, dialect: Dialect, losses: Losses) -> dict[str, Json]:
    """Instructions, if they are one text and not all there is, and the items."""
    told = request.system_instructions
    messages = request.messages
    body: dict[str, Json] = {}
    if len(told) == 1 and isinstance(told[0], TextPart) and messages:
        body["instructions"] = told[0].content
        losses.keys(told[0].extra)
    elif told:
        messages = (Message(role="system", parts=told), *messages)
    conversation = Conversation(CallIds(messages, losses), dialect, losses)
    for message in messages:
        conversation.add(message)
    if messages and messages[-1].role == "assistant" and _speaks(messages[-1].parts):
        losses.add("~prefill")
    return body | {"input": conversation.items}


def _speaks(parts: tuple[Part, ...]) -> bool:
    """Whether a last turn of the model is the beginning of its answer."""
    return bool(parts) and isinstance(parts[-1], TextPart)
