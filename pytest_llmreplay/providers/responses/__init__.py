"""Responses: OpenAI's format for agents, also spoken by Azure, DeepSeek and model servers.

https://platform.openai.com/docs/api-reference/responses
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pytest_llmreplay.event import Exchange, Json, Request, Response
from pytest_llmreplay.providers.answers import request_body, response_of
from pytest_llmreplay.providers.api import Assembled, Dialect, EncodedRequest
from pytest_llmreplay.providers.chat_completions import CHAT_COMPLETIONS
from pytest_llmreplay.providers.fields import as_text
from pytest_llmreplay.providers.routes import body_confirms, model_in_path, path_of, route_of
from pytest_llmreplay.providers.writing import error_raw

from .answer import read_answer
from .assemble import assemble, is_end
from .convert import encode_request
from .encode import encode_answer
from .request import read_request
from .stream import stream_of

__all__ = ["RESPONSES", "Responses"]


class Responses:
    """The format `responses`."""

    name = "responses"
    path = stream_path = "/responses"

    def recognises(self, path: str, headers: Mapping[str, str], body: Json) -> bool:  # noqa: ARG002  # other formats need them
        """An input, a stored prompt or a model, posted to `/responses`."""
        route = route_of(path)
        return route is not None and route.api == self.name and body_confirms(route, body)

    def model(self, url: str, body: Json) -> str | None:
        """The body names it; on Azure the path may, as a deployment."""
        named = as_text(body.get("model")) if isinstance(body, dict) else None
        return named or model_in_path(path_of(url))

    def streams(self, url: str, body: Json) -> bool:  # noqa: ARG002  # other formats need it
        """The body says so."""
        return isinstance(body, dict) and body.get("stream") is True

    def request(self, exchange: Exchange, /) -> Request:
        """What was asked."""
        url, body = exchange.request.url, request_body(exchange)
        return read_request(body, model=self.model(url, body))

    def response(self, exchange: Exchange, /) -> Response:
        """What was answered."""
        return response_of(exchange, assemble=assemble, read=read_answer)

    def assemble(self, chunks: Sequence[bytes]) -> Assembled:
        """The response that the events amount to."""
        return assemble(chunks)

    def is_end(self, chunk: bytes) -> bool:
        """`response.completed`, `response.incomplete` or `response.failed`."""
        return is_end(chunk)

    def with_model(self, body: dict[str, Json], model: str) -> dict[str, Json]:
        """The same body with another `model`."""
        return body | {"model": model}

    def asking_for_usage(self, body: dict[str, Json]) -> dict[str, Json]:
        """The body itself: every stream tells usage."""
        return body

    def encode_request(self, request: Request, dialect: Dialect) -> EncodedRequest:
        """The body that asks the same as a request of another format."""
        return encode_request(request, dialect)

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
        """The events of a response; usage is always told."""
        body = encode_answer(response) if response.choices else {}
        if response.error is not None:
            told = self.encode_response(response)
            body["error"] = told.get("error", told) if isinstance(told, dict) else told
        return stream_of(body, pieces=pieces, whole=not response.truncated)

    def encode_error(self, status: int, type: str | None, message: str) -> Json:  # noqa: A002  # the wire's own word
        """`{"error": {…}}`, as in chat completions."""
        return CHAT_COMPLETIONS.encode_error(status, type, message)


RESPONSES = Responses()


def _is_foreign_error(body: dict[str, Json]) -> bool:
    """Anthropic's errors say their type at the top."""
    return body.get("type") == "error"
