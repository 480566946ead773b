"""Chat completions: OpenAI's format, spoken by nearly every other provider and model server.

https://platform.openai.com/docs/api-reference/chat
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pytest_llmreplay.event import Exchange, Json, Request, Response
from pytest_llmreplay.providers.answers import request_body, response_of
from pytest_llmreplay.providers.api import Assembled, Dialect, EncodedRequest
from pytest_llmreplay.providers.fields import as_text
from pytest_llmreplay.providers.routes import model_in_path, path_of, route_of
from pytest_llmreplay.providers.writing import error_raw

from .answer import read_answer
from .assemble import assemble, is_end
from .encode import encode_answer
from .encode_request import encode_request
from .request import read_request
from .stream import stream_of

__all__ = ["CHAT_COMPLETIONS", "ChatCompletions"]

_ERROR_TYPES = {
    400: "invalid_request_error",
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    429: "rate_limit_error",
}


class ChatCompletions:
    """The format `chat_completions`."""

    name = "chat_completions"
    path = stream_path = "/chat/completions"

    def recognises(self, path: str, headers: Mapping[str, str], body: Json) -> bool:  # noqa: ARG002  # other formats need them
        """A list of messages, posted to `/chat/completions`."""
        route = route_of(path)
        if route is None or route.api != self.name or not isinstance(body, dict):
            return False
        return isinstance(body.get("messages"), list)

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
        """The plain body that the deltas amount to."""
        return assemble(chunks)

    def is_end(self, chunk: bytes) -> bool:
        """`data: [DONE]`."""
        return is_end(chunk)

    def with_model(self, body: dict[str, Json], model: str) -> dict[str, Json]:
        """The same body with another `model`."""
        return body | {"model": model}

    def asking_for_usage(self, body: dict[str, Json]) -> dict[str, Json]:
        """A stream tells usage only when `stream_options.include_usage` asks for it."""
        if body.get("stream") is not True:
            return body
        options = body.get("stream_options")
        known = options if isinstance(options, dict) else {}
        return body | {"stream_options": known | {"include_usage": True}}

    def encode_request(self, request: Request, dialect: Dialect) -> EncodedRequest:
        """The body that asks the same."""
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
        self, response: Response, *, pieces: int | None = None, usage: bool = True
    ) -> list[bytes]:
        """Deltas, a finish chunk, usage, `[DONE]`."""
        body = encode_answer(response)
        if response.error is not None:
            told = self.encode_response(response)
            body["error"] = told.get("error", told) if isinstance(told, dict) else told
        return stream_of(body, pieces=pieces, usage=usage, whole=not response.truncated)

    def encode_error(self, status: int, type: str | None, message: str) -> Json:  # noqa: A002  # the wire's own word
        """`{"error": {…}}`."""
        usual = "server_error" if status >= 500 else "invalid_request_error"  # noqa: PLR2004  # HTTP
        kind = type or _ERROR_TYPES.get(status, usual)
        return {"error": {"message": message, "type": kind, "param": None, "code": None}}


CHAT_COMPLETIONS = ChatCompletions()


def _is_foreign_error(body: dict[str, Json]) -> bool:
    """Anthropic's errors say their type at the top."""
    return body.get("type") == "error"
