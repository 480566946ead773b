"""Completions: OpenAI's legacy format, in which base models and local servers continue a text.

https://platform.openai.com/docs/api-reference/completions
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pytest_llmreplay.event import Exchange, Json, Request, Response
from pytest_llmreplay.providers.answers import request_body, response_of
from pytest_llmreplay.providers.api import Assembled
from pytest_llmreplay.providers.chat_completions import CHAT_COMPLETIONS
from pytest_llmreplay.providers.fields import as_text
from pytest_llmreplay.providers.routes import body_confirms, model_in_path, path_of, route_of
from pytest_llmreplay.providers.writing import error_raw

from .answer import encode_answer, read_answer
from .assemble import assemble
from .request import read_request
from .stream import stream_of

__all__ = ["COMPLETIONS", "Completions"]


class Completions:
    """The format `completions`. Streams, usage and errors are those of chat completions."""

    name = "completions"
    path = stream_path = "/completions"

    def recognises(self, path: str, headers: Mapping[str, str], body: Json) -> bool:  # noqa: ARG002  # other formats need them
        """A prompt, posted to `/completions`."""
        route = route_of(path)
        return route is not None and route.api == self.name and body_confirms(route, body)

    def model(self, url: str, body: Json) -> str | None:
        """The body names it; on Azure the path may, as a deployment."""
        named = as_text(body.get("model")) if isinstance(body, dict) else None
        return named or model_in_path(path_of(url))

    def streams(self, url: str, body: Json) -> bool:
        """The body says so."""
        return CHAT_COMPLETIONS.streams(url, body)

    def request(self, exchange: Exchange, /) -> Request:
        """What was asked; each prompt is a message of the user."""
        url, body = exchange.request.url, request_body(exchange)
        return read_request(body, model=self.model(url, body))

    def response(self, exchange: Exchange, /) -> Response:
        """What was answered."""
        return response_of(exchange, assemble=assemble, read=read_answer)

    def assemble(self, chunks: Sequence[bytes]) -> Assembled:
        """The plain body that the pieces of text amount to."""
        return assemble(chunks)

    def is_end(self, chunk: bytes) -> bool:
        """`data: [DONE]`."""
        return CHAT_COMPLETIONS.is_end(chunk)

    def with_model(self, body: dict[str, Json], model: str) -> dict[str, Json]:
        """The same body with another `model`."""
        return CHAT_COMPLETIONS.with_model(body, model)

    def asking_for_usage(self, body: dict[str, Json]) -> dict[str, Json]:
        """A stream tells usage only when `stream_options.include_usage` asks for it."""
        return CHAT_COMPLETIONS.asking_for_usage(body)

    def encode_response(self, response: Response) -> Json:
        """A plain answer, or the body of an error."""
        error = response.error
        if error is None:
            return encode_answer(response)
        raw = error_raw(error, foreign=lambda body: body.get("type") == "error")
        if raw is not None:
            return raw
        return self.encode_error(error.status or 0, error.type, error.message)

    def encode_stream(
        self, response: Response, *, pieces: int | None = None, usage: bool = True
    ) -> list[bytes]:
        """Pieces of text, a finish chunk, usage, `[DONE]`."""
        body = encode_answer(response)
        if response.error is not None:
            told = self.encode_response(response)
            body["error"] = told.get("error", told) if isinstance(told, dict) else told
        return stream_of(body, pieces=pieces, usage=usage, whole=not response.truncated)

    def encode_error(self, status: int, type: str | None, message: str) -> Json:  # noqa: A002  # the wire's own word
        """`{"error": {…}}`."""
        return CHAT_COMPLETIONS.encode_error(status, type, message)


COMPLETIONS = Completions()
