"""What API formats do alike; a format says what it does otherwise."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import ClassVar, Protocol

from pytest_llmreplay.event import Exchange, HttpRequest, Json, Request, Response
from pytest_llmreplay.providers.answers.reading import request_body, response_of
from pytest_llmreplay.providers.endpoints.routes import (
    body_confirms,
    model_in_path,
    path_of,
    route_of,
)
from pytest_llmreplay.providers.streams.sse import looks_like_sse

from .api import ApiFormat, Assembled
from .fields import as_text

__all__ = ["EncodeAnswer", "PiecesOf", "ReadAnswer", "ReadRequest", "WireFormat"]


class ReadRequest(Protocol):
    """Decodes what was asked."""

    def __call__(self, body: dict[str, Json], /, *, model: str | None, stream: bool) -> Request:
        """The request that a body is; model and streaming may stand in its URL."""
        ...


class ReadAnswer(Protocol):
    """Decodes a plain answer."""

    def __call__(self, body: dict[str, Json], /) -> Response | None:
        """The answer; none where the body is no answer of the format."""
        ...


class EncodeAnswer(Protocol):
    """Encodes a plain answer."""

    def __call__(self, response: Response, /) -> dict[str, Json]:
        """The body."""
        ...


class StreamOf(Protocol):
    """Encodes an answer in pieces."""

    def __call__(self, body: dict[str, Json], /, *, pieces: int | None, whole: bool) -> list[bytes]:
        """The events that tell a plain body."""
        ...


class PiecesOf(Protocol):
    """Tells an answer in pieces, whatever these are packed in."""

    def __call__(
        self, body: dict[str, Json], /, *, pieces: int | None, whole: bool
    ) -> list[dict[str, Json]]:
        """The pieces that tell a plain body, which says no error."""
        ...


class WireFormat(ABC):
    """An `ApiFormat` whose paths stand in the table of routes."""

    name: str
    path: str
    stream_path: str

    _read_request: ClassVar[ReadRequest]
    """The request that a body is."""
    _read_answer: ClassVar[ReadAnswer]
    """The answer that a plain body is; none where it is no answer of the format."""
    _encode_answer: ClassVar[EncodeAnswer]
    """The plain body of an answer that is no error."""
    _stream_of: ClassVar[StreamOf]
    """The events that tell a plain body; its `error`, if any, ends them."""

    def recognises(self, path: str, headers: Mapping[str, str], body: Json) -> bool:  # noqa: ARG002  # other formats need them
        """A body that confirms what the path says."""
        route = route_of(path)
        return route is not None and route.api == self.name and body_confirms(route, body)

    def model(self, url: str, body: Json) -> str | None:
        """The body names it, or else the path: as a deployment, or in clouds."""
        named = as_text(body.get("model")) if isinstance(body, dict) else None
        return named or model_in_path(path_of(url))

    def streams(self, url: str, body: Json) -> bool:  # noqa: ARG002  # other formats need it
        """The body says so."""
        return isinstance(body, dict) and body.get("stream") is True

    def request(self, exchange: Exchange, /) -> Request:
        """What was asked."""
        url, body = exchange.request.url, request_body(exchange)
        return self._read_request(body, model=self.model(url, body), stream=self.streams(url, body))

    def response(self, exchange: Exchange, /) -> Response:
        """What was answered."""
        return response_of(
            exchange, assemble=self.assemble, read=self._read_answer, is_stream=self._is_stream
        )

    def answering(self, request: HttpRequest) -> ApiFormat:  # noqa: ARG002  # other formats need it
        """The format itself: it answers in one shape."""
        return self

    def with_model(self, body: dict[str, Json], model: str) -> dict[str, Json]:
        """The same body with another `model`."""
        return body | {"model": model}

    def asking_for_usage(self, body: dict[str, Json]) -> dict[str, Json]:
        """The body itself: every stream tells usage."""
        return body

    def encode_response(self, response: Response) -> Json:
        """A plain answer, or the body of an error."""
        error = response.error
        if error is None:
            return self._encode_answer(response)
        if error.raw is not None:
            return error.raw
        return self.encode_error(error.status or 0, error.type, error.message)

    def encode_stream(
        self, response: Response, *, pieces: int | None = None, usage: bool = True
    ) -> list[bytes]:
        """The answer in pieces; what was said stands before an error."""
        body = self._encode_answer(response) if response.choices or response.error is None else {}
        if response.error is not None:
            body["error"] = self._error_in_stream(response)
        return self._events(body, pieces=pieces, usage=usage, whole=not response.truncated)

    @abstractmethod
    def assemble(self, chunks: Sequence[bytes]) -> Assembled:
        """Put a stream together, however it was cut into chunks."""

    @abstractmethod
    def is_end(self, chunk: bytes) -> bool:
        """Whether this event is the protocol's own end of a stream."""

    @abstractmethod
    def encode_error(self, status: int, error_type: str | None, message: str) -> Json:
        """The body of an error answer; without a type, the usual one of the status."""

    def _events(
        self,
        body: dict[str, Json],
        *,
        pieces: int | None,
        usage: bool,  # noqa: ARG002  # told whether asked for or not, but in OpenAI's older formats
        whole: bool,
    ) -> list[bytes]:
        """The events that tell a plain body; its `error`, if any, ends them."""
        return self._stream_of(body, pieces=pieces, whole=whole)

    def _is_stream(self, data: bytes) -> bool:
        """Whether bytes are a stream of the format."""
        return looks_like_sse(data)

    def _error_in_stream(self, response: Response) -> Json:
        """The error that ends a stream, as it stands under `error`."""
        body = self.encode_response(response)
        return body.get("error", body) if isinstance(body, dict) else body
