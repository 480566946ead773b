"""Converse: the format in which Bedrock speaks for every model.

https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html
"""

from __future__ import annotations

from collections.abc import Sequence

from pytest_llmreplay.event import Json, Response
from pytest_llmreplay.providers.api import Assembled
from pytest_llmreplay.providers.wire_format import WireFormat

from .answer import read_answer
from .assemble import assemble, is_end
from .encode import encode_answer
from .request import read_request
from .stream import stream_of
from .transcript import ConverseTranscript

__all__ = ["CONVERSE", "Converse"]

_EXCEPTIONS = {
    400: "validationException",
    424: "modelStreamErrorException",
    429: "throttlingException",
    503: "serviceUnavailableException",
}
"""What breaks off a stream, by the status that it would have had before it began."""


class Converse(WireFormat):
    """The format `converse`; the model stands in the path alone."""

    name = "converse"
    path = "/model/{model}/converse"
    stream_path = "/model/{model}/converse-stream"

    transcript = ConverseTranscript()

    _read_request = staticmethod(read_request)
    _read_answer = staticmethod(read_answer)
    _encode_answer = staticmethod(encode_answer)
    _stream_of = staticmethod(stream_of)

    def streams(self, url: str, body: Json) -> bool:  # noqa: ARG002  # the body does not say so
        """The path says so."""
        return _without_query(url).rstrip("/").endswith("/converse-stream")

    def assemble(self, chunks: Sequence[bytes]) -> Assembled:
        """The answer that the frames amount to."""
        return assemble(chunks)

    def is_end(self, chunk: bytes) -> bool:
        """`metadata`."""
        return is_end(chunk)

    def with_model(self, body: dict[str, Json], model: str) -> dict[str, Json]:  # noqa: ARG002  # see `path`
        """The body itself: the path names the model."""
        return body

    def encode_error(self, status: int, error_type: str | None, message: str) -> Json:  # noqa: ARG002  # a header names it
        """`{"message": …}`."""
        return {"message": message}

    def _error_in_stream(self, response: Response) -> Json:
        error = response.error
        if error is None:
            return None
        kind = error.type or _EXCEPTIONS.get(error.status or 0)
        return {"type": kind, "message": error.message}


CONVERSE = Converse()


def _without_query(url: str) -> str:
    return url.partition("?")[0].partition("#")[0]
