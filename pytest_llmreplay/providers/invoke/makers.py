"""The shapes of bodies that Bedrock passes on to the makers of models, and back."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from pytest_llmreplay.event import Json
from pytest_llmreplay.providers.chat_completions.answer import read_answer as read_chat_answer
from pytest_llmreplay.providers.chat_completions.request import read_request as read_chat
from pytest_llmreplay.providers.chat_completions.transcript import ChatTranscript
from pytest_llmreplay.providers.cohere_v1.answer import encode_answer as encode_command
from pytest_llmreplay.providers.cohere_v1.answer import read_answer as read_command_answer
from pytest_llmreplay.providers.cohere_v1.request import read_request as read_command
from pytest_llmreplay.providers.cohere_v1.stream import assemble_answer as assemble_command
from pytest_llmreplay.providers.cohere_v1.stream import pieces_of as command_pieces
from pytest_llmreplay.providers.conversations.transcript import Transcript
from pytest_llmreplay.providers.converse.answer import read_answer as read_nova_answer
from pytest_llmreplay.providers.converse.encode import encode_answer as encode_nova
from pytest_llmreplay.providers.converse.transcript import ConverseTranscript
from pytest_llmreplay.providers.fields import as_object, as_objects
from pytest_llmreplay.providers.prompted.answer import encode_answer as encode_prompted
from pytest_llmreplay.providers.prompted.answer import read_answer as read_prompted
from pytest_llmreplay.providers.prompted.request import read_request as read_prompt
from pytest_llmreplay.providers.prompted.shapes import COMMAND, Shape, shape_asked, shape_of
from pytest_llmreplay.providers.prompted.stream import assemble_answer as assemble_prompted
from pytest_llmreplay.providers.prompted.stream import pieces_of as prompted_pieces
from pytest_llmreplay.providers.wire_format import EncodeAnswer, PiecesOf, ReadAnswer, ReadRequest

from .chat import assemble_chat, chat_pieces, encode_chat
from .kinds import kind_asked
from .nova import assemble_nova, nova_pieces, read_nova

__all__ = ["CHAT", "Maker", "maker_answering", "maker_asked", "maker_streaming"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Maker:
    """How one maker's models, or those of several, are asked and answer."""

    read_request: ReadRequest
    read_answer: ReadAnswer
    encode_answer: EncodeAnswer
    assemble: Callable[[Sequence[Json]], dict[str, Json]]
    """The plain body that the pieces of a stream amount to."""
    pieces_of: PiecesOf
    transcript: Transcript | None = None
    """How a request tells a conversation."""


NOVA = Maker(
    read_request=read_nova,
    read_answer=read_nova_answer,
    encode_answer=encode_nova,
    assemble=assemble_nova,
    pieces_of=nova_pieces,
    transcript=ConverseTranscript(),
)
CHAT = Maker(
    read_request=read_chat,
    read_answer=read_chat_answer,
    encode_answer=encode_chat,
    assemble=assemble_chat,
    pieces_of=chat_pieces,
    transcript=ChatTranscript(),
)
"""AI21's, Mistral's, OpenAI's, Qwen's, DeepSeek's and others' models for conversations."""
COMMAND_R = Maker(
    read_request=read_command,
    read_answer=read_command_answer,
    encode_answer=encode_command,
    assemble=assemble_command,
    pieces_of=command_pieces,
)


def _prompted(shape: Shape) -> Maker:
    return Maker(
        read_request=read_prompt,
        read_answer=read_prompted,
        encode_answer=partial(encode_prompted, shape=shape),
        assemble=assemble_prompted,
        pieces_of=prompted_pieces,
    )


PROMPTED = _prompted(COMMAND)
_MAKERS = {"converse": NOVA, "chat_completions": CHAT, "cohere_chat_v1": COMMAND_R}


def maker_asked(body: Mapping[str, Json], model: str = "") -> Maker | None:
    """Who is asked like this; none where a body asks for no words.

    Args:
        body: Of the request.
        model: That is asked, where its name alone tells how an answer looks.
    """
    kind = kind_asked(body)
    if kind is None:
        return None
    return _MAKERS.get(kind) or _prompted(shape_asked(body, model))


def maker_answering(body: Mapping[str, Json]) -> Maker | None:
    """Whose plain answer a body is, or is what decoding left of; none where it is no answer."""
    if isinstance(body.get("output"), dict):
        return NOVA
    if isinstance(body.get("text"), str):
        return COMMAND_R
    if shape_of(body) is not None:
        return PROMPTED
    return CHAT if isinstance(body.get("choices"), list) else None


def maker_streaming(pieces: Sequence[Json]) -> Maker:
    """Whose answer comes in these pieces."""
    for piece in as_objects(list(pieces)):
        if "messageStart" in piece or "contentBlockDelta" in piece:
            return NOVA
        if "event_type" in piece and "generations" not in as_object(piece.get("response")):
            return COMMAND_R
        if any("text" not in choice for choice in as_objects(piece.get("choices"))):
            return CHAT
    return PROMPTED
