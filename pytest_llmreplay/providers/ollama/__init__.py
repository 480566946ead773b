"""Ollama's own formats, `/api/chat` and `/api/generate`, whose streams are JSON lines.

https://github.com/ollama/ollama/blob/main/docs/api.md
"""

from __future__ import annotations

from collections.abc import Sequence

from pytest_llmreplay.event import Json
from pytest_llmreplay.providers.api import Assembled
from pytest_llmreplay.providers.streams.json_lines import looks_like_lines
from pytest_llmreplay.providers.wire_format import WireFormat

from .answer import read_chat, read_generated
from .encode import encode_chat, encode_generated
from .request import OllamaTranscript, read_request
from .stream import assemble, chat_lines, generated_lines, is_end

__all__ = ["OLLAMA_CHAT", "OLLAMA_GENERATE"]


class _Ollama(WireFormat):
    """What both formats have in common; they differ in where the words stand."""

    _read_request = staticmethod(read_request)

    def streams(self, url: str, body: Json) -> bool:  # noqa: ARG002  # other formats need it
        """Unless the body says no."""
        return not isinstance(body, dict) or body.get("stream") is not False

    def assemble(self, chunks: Sequence[bytes]) -> Assembled:
        """The plain body that the lines amount to."""
        return assemble(chunks)

    def is_end(self, chunk: bytes) -> bool:
        """`"done": true`."""
        return is_end(chunk)

    def encode_error(self, status: int, error_type: str | None, message: str) -> Json:  # noqa: ARG002  # the format has none
        """`{"error": "…"}`."""
        return {"error": message}

    def _is_stream(self, data: bytes) -> bool:
        return looks_like_lines(data)


class OllamaChat(_Ollama):
    """The format `ollama_chat`."""

    name = "ollama_chat"
    path = stream_path = "/api/chat"

    transcript = OllamaTranscript()

    _read_answer = staticmethod(read_chat)
    _encode_answer = staticmethod(encode_chat)
    _stream_of = staticmethod(chat_lines)


class OllamaGenerate(_Ollama):
    """The format `ollama_generate`: a prompt instead of messages."""

    name = "ollama_generate"
    path = stream_path = "/api/generate"

    _read_answer = staticmethod(read_generated)
    _encode_answer = staticmethod(encode_generated)
    _stream_of = staticmethod(generated_lines)


OLLAMA_CHAT = OllamaChat()
OLLAMA_GENERATE = OllamaGenerate()
