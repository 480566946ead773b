"""Responses: OpenAI's format for agents, also spoken by Azure, DeepSeek and model servers.

https://platform.openai.com/docs/api-reference/responses
"""

from __future__ import annotations

from collections.abc import Sequence

from pytest_llmreplay.event import Request
from pytest_llmreplay.providers.api import Assembled, Dialect, EncodedRequest
from pytest_llmreplay.providers.openai_format import OpenAiFormat

from .answer import read_answer
from .assemble import assemble, is_end
from .convert import encode_request
from .encode import encode_answer
from .request import read_request
from .stream import stream_of
from .transcript import ResponsesTranscript

__all__ = ["RESPONSES", "Responses"]


class Responses(OpenAiFormat):
    """The format `responses`."""

    name = "responses"
    path = stream_path = "/responses"

    transcript = ResponsesTranscript()

    _read_request = staticmethod(read_request)
    _read_answer = staticmethod(read_answer)
    _encode_answer = staticmethod(encode_answer)
    _stream_of = staticmethod(stream_of)

    def assemble(self, chunks: Sequence[bytes]) -> Assembled:
        """The response that the events amount to."""
        return assemble(chunks)

    def is_end(self, chunk: bytes) -> bool:
        """`response.completed`, `response.incomplete` or `response.failed`."""
        return is_end(chunk)

    def encode_request(self, request: Request, dialect: Dialect) -> EncodedRequest:
        """The body that asks the same as a request of another format."""
        return encode_request(request, dialect)


RESPONSES = Responses()
