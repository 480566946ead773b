"""Messages: Anthropic's format, also spoken by Bedrock, Vertex and model servers.

https://platform.claude.com/docs/en/api/messages
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pytest_llmreplay.event import FIRST_SERVER_ERROR, Json, Request
from pytest_llmreplay.providers.api import Assembled, Dialect, EncodedRequest
from pytest_llmreplay.providers.endpoints.routes import path_of, route_of
from pytest_llmreplay.providers.streams.messages_frames import unpacked
from pytest_llmreplay.providers.wire_format import WireFormat

from .answer import read_answer
from .assemble import assemble, is_end
from .encode import encode_answer
from .encode_request import encode_request
from .request import read_request
from .stream import stream_of
from .transcript import MessagesTranscript

__all__ = ["MESSAGES", "Messages"]

_ERROR_TYPES = {
    400: "invalid_request_error",
    401: "authentication_error",
    402: "billing_error",
    403: "permission_error",
    404: "not_found_error",
    413: "request_too_large",
    429: "rate_limit_error",
    500: "api_error",
    504: "timeout_error",
    529: "overloaded_error",
}
_VERSION = "anthropic_version"
_HEADERS = frozenset({_VERSION, "anthropic_beta"})
"""Keys of the body with which Bedrock and Vertex take what elsewhere is a header."""

_STREAMED = (":streamRawPredict", "/invoke-with-response-stream")


class Messages(WireFormat):
    """The format `messages`, of both API versions: 2023-06-01 and 2026-10-21."""

    name = "messages"
    path = stream_path = "/v1/messages"

    transcript = MessagesTranscript()

    _read_request = staticmethod(read_request)
    _read_answer = staticmethod(read_answer)
    _encode_answer = staticmethod(encode_answer)
    _stream_of = staticmethod(stream_of)

    def recognises(self, path: str, headers: Mapping[str, str], body: Json) -> bool:
        """A list of messages, posted to `/v1/messages` or under a model of Bedrock or Vertex."""
        if not isinstance(body, dict) or not isinstance(body.get("messages"), list):
            return False
        route = route_of(path)
        if route is None:
            return False
        if route.api == "invoke":
            return _VERSION in body
        if route.api != self.name:
            return False
        by_model = ":" in path.rpartition("/")[2]
        return _VERSION in body if by_model else route.everywhere or "anthropic-version" in headers

    def streams(self, url: str, body: Json) -> bool:
        """The body says so; on Bedrock and Vertex the path does."""
        if isinstance(body, dict) and body.get("stream") is True:
            return True
        return path_of(url).endswith(_STREAMED)

    def assemble(self, chunks: Sequence[bytes]) -> Assembled:
        """The message that the events amount to."""
        return assemble([unpacked(b"".join(chunks))])

    def is_end(self, chunk: bytes) -> bool:
        """`message_stop`."""
        return is_end(unpacked(chunk))

    def with_model(self, body: dict[str, Json], model: str) -> dict[str, Json]:
        """The same body with another `model`, for `/v1/messages`."""
        return {key: value for key, value in body.items() if key not in _HEADERS} | {"model": model}

    def encode_request(self, request: Request, dialect: Dialect) -> EncodedRequest:
        """The body that asks the same."""
        return encode_request(request, dialect)

    def encode_error(self, status: int, error_type: str | None, message: str) -> Json:
        """`{"type": "error", …}`."""
        usual = "api_error" if status >= FIRST_SERVER_ERROR else "invalid_request_error"
        error: Json = {"type": error_type or _ERROR_TYPES.get(status, usual), "message": message}
        return {"type": "error", "error": error, "request_id": None}


MESSAGES = Messages()
