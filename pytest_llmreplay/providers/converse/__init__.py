"""Converse: the format in which Bedrock speaks for every model.

https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pytest_llmreplay.event import Exchange, Json, Request, Response
from pytest_llmreplay.providers.answers import request_body, response_of
from pytest_llmreplay.providers.api import Assembled
from pytest_llmreplay.providers.routes import model_in_path, route_of
from pytest_llmreplay.providers.writing import error_raw

from .answer import read_answer
from .assemble import assemble, is_end
from .encode import encode_answer
from .request import read_request
from .stream import stream_of

__all__ = ["CONVERSE", "Converse"]

_EXCEPTIONS = {
    400: "validationException",
    424: "modelStreamErrorException",
    429: "throttlingException",
    503: "serviceUnavailableException",
}
"""What breaks off a stream, by the status that it would have had before it began."""


class Converse:
    """The format `converse`; the model stands in the path alone."""

    name = "converse"
    path = "/model/{model}/converse"
    stream_path = "/model/{model}/converse-stream"

    def recognises(self, path: str, headers: Mapping[str, str], body: Json) -> bool:  # noqa: ARG002  # no header tells it
        """A list of messages, posted under a model."""
        if not isinstance(body, dict) or not isinstance(body.get("messages"), list):
            return False
        route = route_of(path)
        return route is not None and route.api == self.name

    def model(self, url: str, body: Json) -> str | None:  # noqa: ARG002  # the body does not name it
        """The id or ARN in the path, decoded."""
        return model_in_path(_without_query(url))

    def streams(self, url: str, body: Json) -> bool:  # noqa: ARG002  # the body does not say so
        """The path says so."""
        return _without_query(url).rstrip("/").endswith("/converse-stream")

    def request(self, exchange: Exchange, /) -> Request:
        """What was asked."""
        url, body = exchange.request.url, request_body(exchange)
        return read_request(body, model=self.model(url, body), stream=self.streams(url, body))

    def response(self, exchange: Exchange, /) -> Response:
        """What was answered."""
        return response_of(exchange, assemble=assemble, read=read_answer)

    def assemble(self, chunks: Sequence[bytes]) -> Assembled:
        """The answer that the frames amount to."""
        return assemble(chunks)

    def is_end(self, chunk: bytes) -> bool:
        """`metadata`."""
        return is_end(chunk)

    def with_model(self, body: dict[str, Json], model: str) -> dict[str, Json]:  # noqa: ARG002  # see `path`
        """The body itself: the path names the model."""
        return body

    def asking_for_usage(self, body: dict[str, Json]) -> dict[str, Json]:
        """The body itself: every stream tells usage."""
        return body

    def encode_response(self, response: Response) -> Json:
        """A plain answer, or the body of an error."""
        error = response.error
        if error is None:
            return encode_answer(response)
        raw = error_raw(error, foreign=_is_foreign_error)
        if raw is not None:
            return raw
        return self.encode_error(error.status or 0, error.type, error.message)

    def encode_stream(
        self,
        response: Response,
        *,
        pieces: int | None = None,
        usage: bool = True,  # noqa: ARG002  # told whether asked for or not
    ) -> list[bytes]:
        """The frames of an answer; usage is always told."""
        body = encode_answer(response) if response.choices else {}
        if (error := response.error) is not None:
            kind = error.type or _EXCEPTIONS.get(error.status or 0)
            body["error"] = {"type": kind, "message": error.message}
        return stream_of(body, pieces=pieces, whole=not response.truncated)

    def encode_error(self, status: int, type: str | None, message: str) -> Json:  # noqa: A002, ARG002  # a header names the type
        """`{"message": …}`."""
        return {"message": message}


CONVERSE = Converse()


def _without_query(url: str) -> str:
    return url.partition("?")[0].partition("#")[0]


def _is_foreign_error(body: dict[str, Json]) -> bool:
    """Others tell an error under a key of its own."""
    error = body.get("error")
    return isinstance(error, dict) and "message" in error and "message" not in body
