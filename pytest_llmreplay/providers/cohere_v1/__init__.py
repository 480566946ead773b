"""Cohere's first formats, `/v1/chat` and `/v1/generate`, whose streams are JSON lines.

https://docs.cohere.com/v1/reference/chat, https://docs.cohere.com/v1/reference/generate
"""

from __future__ import annotations

from collections.abc import Sequence

from pytest_llmreplay.event import Json, Response
from pytest_llmreplay.providers.api import Assembled
from pytest_llmreplay.providers.prompted.answer import encode_answer as encode_generated
from pytest_llmreplay.providers.prompted.answer import read_answer as read_generated
from pytest_llmreplay.providers.prompted.request import read_request as read_prompt
from pytest_llmreplay.providers.prompted.stream import assemble_answer as assemble_generated
from pytest_llmreplay.providers.prompted.stream import pieces_of as generated_pieces
from pytest_llmreplay.providers.streams.json_lines import looks_like_lines
from pytest_llmreplay.providers.streams.sse import looks_like_sse
from pytest_llmreplay.providers.wire_format import WireFormat

from .answer import encode_answer, read_answer
from .lines import is_last, lines_of, pieces_in
from .request import read_request
from .stream import assemble_answer, pieces_of

__all__ = ["COHERE_CHAT_V1", "COHERE_GENERATE"]


class _CohereV1(WireFormat):
    """What both formats have in common; they differ in their bodies."""

    def is_end(self, chunk: bytes) -> bool:
        """The event `stream-end`."""
        return is_last(chunk)

    def encode_error(self, status: int, error_type: str | None, message: str) -> Json:  # noqa: ARG002  # the format has none
        """`{"message": "…"}`; Cohere's own errors carry an id as well."""
        return {"message": message}

    def _error_in_stream(self, response: Response) -> Json:
        return response.error.message if response.error else ""

    def _is_stream(self, data: bytes) -> bool:
        return looks_like_lines(data) or looks_like_sse(data)


class CohereChatV1(_CohereV1):
    """The format `cohere_chat_v1`: what is said now stands beside what was said before."""

    name = "cohere_chat_v1"
    path = stream_path = "/v1/chat"

    _read_request = staticmethod(read_request)
    _read_answer = staticmethod(read_answer)
    _encode_answer = staticmethod(encode_answer)

    def assemble(self, chunks: Sequence[bytes]) -> Assembled:
        """The plain body that the events amount to."""
        return pieces_in(chunks).assembled(assemble_answer)

    def _events(
        self,
        body: dict[str, Json],
        *,
        pieces: int | None,
        usage: bool,  # noqa: ARG002  # told whether asked for or not
        whole: bool,
    ) -> list[bytes]:
        return lines_of(body, pieces_of, pieces=pieces, whole=whole)


class CohereGenerate(_CohereV1):
    """The format `cohere_generate`: a prompt that is continued."""

    name = "cohere_generate"
    path = stream_path = "/v1/generate"

    _read_request = staticmethod(read_prompt)
    _read_answer = staticmethod(read_generated)
    _encode_answer = staticmethod(encode_generated)

    def assemble(self, chunks: Sequence[bytes]) -> Assembled:
        """The plain body that the pieces of text amount to."""
        return pieces_in(chunks).assembled(assemble_generated)

    def _events(
        self,
        body: dict[str, Json],
        *,
        pieces: int | None,
        usage: bool,  # noqa: ARG002  # told whether asked for or not
        whole: bool,
    ) -> list[bytes]:
        return lines_of(body, generated_pieces, pieces=pieces, whole=whole)


COHERE_CHAT_V1 = CohereChatV1()
COHERE_GENERATE = CohereGenerate()
