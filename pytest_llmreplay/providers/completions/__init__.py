"""Completions: OpenAI's legacy format, in which base models and local servers continue a text.

https://platform.openai.com/docs/api-reference/completions
"""

from __future__ import annotations

from collections.abc import Sequence

from pytest_llmreplay.event import Json
from pytest_llmreplay.providers.api import Assembled
from pytest_llmreplay.providers.chat_completions import CHAT_COMPLETIONS
from pytest_llmreplay.providers.openai_format import OpenAiFormat

from .answer import encode_answer, read_answer
from .request import read_request
from .stream import assemble, stream_of

__all__ = ["COMPLETIONS", "Completions"]


class Completions(OpenAiFormat):
    """The format `completions`. Streams, usage and errors are those of chat completions."""

    name = "completions"
    path = stream_path = "/completions"

    _read_request = staticmethod(read_request)
    _read_answer = staticmethod(read_answer)
    _encode_answer = staticmethod(encode_answer)
    _stream_of = staticmethod(stream_of)

    def assemble(self, chunks: Sequence[bytes]) -> Assembled:
        """The plain body that the pieces of text amount to."""
        return assemble(chunks)

    def is_end(self, chunk: bytes) -> bool:
        """`data: [DONE]`."""
        return CHAT_COMPLETIONS.is_end(chunk)

    def asking_for_usage(self, body: dict[str, Json]) -> dict[str, Json]:
        """A stream tells usage only when `stream_options.include_usage` asks for it."""
        return CHAT_COMPLETIONS.asking_for_usage(body)

    def _events(
        self, body: dict[str, Json], *, pieces: int | None, usage: bool, whole: bool
    ) -> list[bytes]:
        return stream_of(body, pieces=pieces, usage=usage, whole=whole)


COMPLETIONS = Completions()
