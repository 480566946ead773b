"""generateContent: Google's format, of the Gemini API and of Vertex AI.

https://ai.google.dev/api/generate-content
"""

from __future__ import annotations

from collections.abc import Sequence

from pytest_llmreplay.event import FIRST_SERVER_ERROR, Exchange, Json, Response
from pytest_llmreplay.providers.answers.reading import response_of
from pytest_llmreplay.providers.api import Assembled
from pytest_llmreplay.providers.endpoints.routes import model_in_path, path_of
from pytest_llmreplay.providers.wire_format import WireFormat

from .answer import read_answer
from .array import as_events
from .assemble import assemble, is_end
from .encode import encode_answer
from .request import read_request
from .stream import stream_of
from .transcript import GenerateContentTranscript

__all__ = ["GENERATE_CONTENT", "GenerateContent"]

_STATUSES = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    409: "ABORTED",
    429: "RESOURCE_EXHAUSTED",
    499: "CANCELLED",
    500: "INTERNAL",
    501: "UNIMPLEMENTED",
    503: "UNAVAILABLE",
    504: "DEADLINE_EXCEEDED",
}
"""Words of the statuses: https://cloud.google.com/apis/design/errors#handling_errors"""
_TUNED = "tunedModels/"


class GenerateContent(WireFormat):
    """The format `generate_content`; model and streaming stand in the URL."""

    name = "generate_content"
    path = "/models/{model}:generateContent"
    stream_path = "/models/{model}:streamGenerateContent?alt=sse"

    transcript = GenerateContentTranscript()

    _read_request = staticmethod(read_request)
    _read_answer = staticmethod(read_answer)
    _encode_answer = staticmethod(encode_answer)
    _stream_of = staticmethod(stream_of)

    def model(self, url: str, body: Json) -> str | None:  # noqa: ARG002  # the URL says all
        """The URL names it; a tuned model keeps its collection, in which alone it is found."""
        path = path_of(url)
        model = model_in_path(path)
        return f"{_TUNED}{model}" if model and f"/{_TUNED}" in path else model

    def streams(self, url: str, body: Json) -> bool:  # noqa: ARG002  # the URL says all
        """The method of the URL says so."""
        return path_of(url).rstrip("/").endswith(":streamGenerateContent")

    def response(self, exchange: Exchange, /) -> Response:
        """What was answered."""
        return response_of(as_events(exchange), assemble=assemble, read=read_answer)

    def assemble(self, chunks: Sequence[bytes]) -> Assembled:
        """The answer that the events amount to, or the elements of an array."""
        return assemble(chunks)

    def is_end(self, chunk: bytes) -> bool:
        """A finish reason, or the reason why a prompt was blocked."""
        return is_end(chunk)

    def with_model(self, body: dict[str, Json], model: str) -> dict[str, Json]:  # noqa: ARG002  # the URL names it
        """The body unchanged, as the model stands in the URL."""
        return body

    def encode_error(self, status: int, error_type: str | None, message: str) -> Json:
        """`{"error": {"code": …, "status": …}}`; the word is Google's, or that of the status."""
        usual = "INTERNAL" if status >= FIRST_SERVER_ERROR else "INVALID_ARGUMENT"
        word = error_type if error_type and error_type.isupper() else _STATUSES.get(status, usual)
        return {"error": {"code": status or 500, "message": message, "status": word}}


GENERATE_CONTENT = GenerateContent()
