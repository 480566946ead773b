"""Cohere's chat, version 2.

https://docs.cohere.com/reference/chat
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pytest_llmreplay.event import Exchange, Json, Request, Response
from pytest_llmreplay.providers.answers import request_body, response_of
from pytest_llmreplay.providers.api import Assembled
from pytest_llmreplay.providers.fields import as_text
from pytest_llmreplay.providers.routes import route_of
from pytest_llmreplay.providers.writing import error_raw, has_error_object

from .answer import read_answer
from .assemble import assemble, is_end
from .encode import encode_answer
from .request import read_request
from .stream import stream_of

__all__ = ["COHERE_CHAT", "CohereChat"]


class CohereChat:
    """The format `cohere_chat`."""

    name = "cohere_chat"
    path = stream_path = "/v2/chat"

    def recognises(self, path: str, headers: Mapping[str, str], body: Json) -> bool:  # noqa: ARG002  # other formats need them
        """A list of messages, posted to `/v2/chat`."""
        route = route_of(path)
        if route is None or route.api != self.name or not isinstance(body, dict):
            return False
        return isinstance(body.get("messages"), list)

    def model(self, url: str, body: Json) -> str | None:  # noqa: ARG002  # other formats need it
        """The body names it."""
        return as_text(body.get("model")) if isinstance(body, dict) else None

    def streams(self, url: str, body: Json) -> bool:  # noqa: ARG002  # other formats need it
        """The body says so."""
        return isinstance(body, dict) and body.get("stream") is True

    def request(self, exchange: Exchange, /) -> Request:
        """What was asked."""
        body = request_body(exchange)
        return read_request(body, model=self.model(exchange.request.url, body))

    def response(self, exchange: Exchange, /) -> Response:
        """What was answered."""
        return response_of(exchange, assemble=assemble, read=read_answer)

    def assemble(self, chunks: Sequence[bytes]) -> Assembled:
        """The plain body that the events amount to."""
        return assemble(chunks)

    def is_end(self, chunk: bytes) -> bool:
        """`message-end`."""
        return is_end(chunk)

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
            return encode_answer(response)
        raw = error_raw(error, foreign=has_error_object)
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
        """The events of a message; usage is always told."""
        body = encode_answer(response) if response.choices else {}
        if response.error is not None:
            body["error"] = response.error.message
        return stream_of(body, pieces=pieces, whole=not response.truncated)

    def encode_error(self, status: int, type: str | None, message: str) -> Json:  # noqa: A002, ARG002  # the wire's own word; the format has none
        """`{"message": "…"}`; Cohere's own errors carry an id as well."""
        return {"message": message}


COHERE_CHAT = CohereChat()
