"""Chat completions: OpenAI's format, spoken by nearly every other provider and model server.

https://platform.openai.com/docs/api-reference/chat
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pytest_llmreplay.event import Json, Request
from pytest_llmreplay.providers.api import Assembled, Dialect, EncodedRequest
from pytest_llmreplay.providers.fields import as_object
from pytest_llmreplay.providers.openai_format import OpenAiFormat

from .answer import read_answer
from .assemble import assemble, is_end
from .encode import encode_answer
from .encode_request import encode_request
from .request import read_request
from .stream import stream_of
from .transcript import ChatTranscript

__all__ = ["CHAT_COMPLETIONS", "ChatCompletions"]


# https://dev.writer.com/api-reference/completion-api/chat-completion
_WRITER = "/v1/chat"


class ChatCompletions(OpenAiFormat):
    """The format `chat_completions`."""

    name = "chat_completions"
    path = stream_path = "/chat/completions"

    transcript = ChatTranscript()

    _read_request = staticmethod(read_request)
    _read_answer = staticmethod(read_answer)
    _encode_answer = staticmethod(encode_answer)
    _stream_of = staticmethod(stream_of)

    def recognises(self, path: str, headers: Mapping[str, str], body: Json) -> bool:
        """A list of messages, posted to the path of the format or to Writer's own."""
        if path.rstrip("/").endswith(_WRITER):
            return isinstance(body, dict) and isinstance(body.get("messages"), list)
        return super().recognises(path, headers, body)

    def assemble(self, chunks: Sequence[bytes]) -> Assembled:
        """The plain body that the deltas amount to."""
        return assemble(chunks)

    def is_end(self, chunk: bytes) -> bool:
        """`data: [DONE]`."""
        return is_end(chunk)

    def asking_for_usage(self, body: dict[str, Json]) -> dict[str, Json]:
        """A stream tells usage only when `stream_options.include_usage` asks for it."""
        if body.get("stream") is not True:
            return body
        known = as_object(body.get("stream_options"))
        return body | {"stream_options": known | {"include_usage": True}}

    def encode_request(self, request: Request, dialect: Dialect) -> EncodedRequest:
        """The body that asks the same."""
        return encode_request(request, dialect)

    def _events(
        self, body: dict[str, Json], *, pieces: int | None, usage: bool, whole: bool
    ) -> list[bytes]:
        return stream_of(body, pieces=pieces, usage=usage, whole=whole)


CHAT_COMPLETIONS = ChatCompletions()
