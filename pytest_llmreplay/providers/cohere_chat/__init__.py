"""Cohere's chat, version 2.

https://docs.cohere.com/reference/chat
"""

from __future__ import annotations

from collections.abc import Sequence

from pytest_llmreplay.event import Json, Response
from pytest_llmreplay.providers.api import Assembled
from pytest_llmreplay.providers.wire_format import WireFormat

from .answer import read_answer
from .assemble import assemble, is_end
from .encode import encode_answer
from .request import CohereTranscript, read_request
from .stream import stream_of

__all__ = ["COHERE_CHAT", "CohereChat"]


class CohereChat(WireFormat):
    """The format `cohere_chat`."""

    name = "cohere_chat"
    path = stream_path = "/v2/chat"

    transcript = CohereTranscript()

    _read_request = staticmethod(read_request)
    _read_answer = staticmethod(read_answer)
    _encode_answer = staticmethod(encode_answer)
    _stream_of = staticmethod(stream_of)

    def assemble(self, chunks: Sequence[bytes]) -> Assembled:
        """The plain body that the events amount to."""
        return assemble(chunks)

    def is_end(self, chunk: bytes) -> bool:
        """`message-end`."""
        return is_end(chunk)

    def encode_error(self, status: int, error_type: str | None, message: str) -> Json:  # noqa: ARG002  # the format has none
        """`{"message": "…"}`; Cohere's own errors carry an id as well."""
        return {"message": message}

    def _error_in_stream(self, response: Response) -> Json:
        return response.error.message if response.error else ""


COHERE_CHAT = CohereChat()
