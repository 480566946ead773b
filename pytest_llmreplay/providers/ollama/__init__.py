"""Ollama's own formats, `/api/chat` and `/api/generate`, whose streams are JSON lines.

https://github.com/ollama/ollama/blob/main/docs/api.md
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence

from pytest_llmreplay.event import Exchange, Json, Request, Response
from pytest_llmreplay.providers.answers import request_body, response_of
from pytest_llmreplay.providers.api import Assembled
from pytest_llmreplay.providers.fields import as_text
from pytest_llmreplay.providers.lines import looks_like_lines
from pytest_llmreplay.providers.routes import route_of
from pytest_llmreplay.providers.writing import error_raw, has_error_object

from .answer import read_chat, read_generated
from .assemble import assemble, is_end
from .encode import encode_chat, encode_generated
from .request import read_request
from .stream import chat_lines, generated_lines

__all__ = ["OLLAMA_CHAT", "OLLAMA_GENERATE"]


class _Ollama(ABC):
    """What both formats have in common; they differ in where the words stand."""

    name: str
    path: str
    stream_path: str

    def recognises(self, path: str, headers: Mapping[str, str], body: Json) -> bool:  # noqa: ARG002  # other formats need them
        """An object with what the format demands, posted to its path."""
        route = route_of(path)
        if route is None or route.api != self.name or not isinstance(body, dict):
            return False
        return self._is_asked(body)

    def model(self, url: str, body: Json) -> str | None:  # noqa: ARG002  # other formats need it
        """The body names it."""
        return as_text(body.get("model")) if isinstance(body, dict) else None

    def streams(self, url: str, body: Json) -> bool:  # noqa: ARG002  # other formats need it
        """Unless the body says no."""
        return not isinstance(body, dict) or body.get("stream") is not False

    def request(self, exchange: Exchange, /) -> Request:
        """What was asked."""
        url, body = exchange.request.url, request_body(exchange)
        return read_request(body, model=self.model(url, body), stream=self.streams(url, body))

    def response(self, exchange: Exchange, /) -> Response:
        """What was answered."""
        return response_of(exchange, assemble=assemble, read=self._read, is_stream=looks_like_lines)

    def assemble(self, chunks: Sequence[bytes]) -> Assembled:
        """The plain body that the lines amount to."""
        return assemble(chunks)

    def is_end(self, chunk: bytes) -> bool:
        """`"done": true`."""
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
            return self._encode(response)
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
        """Lines with a few words each, then one with the reason to be done and the counts."""
        body = self._encode(response) if response.choices else {}
        if response.error is not None:
            told = self.encode_response(response)
            body["error"] = told.get("error", told) if isinstance(told, dict) else told
        return self._lines(body, pieces, whole=not response.truncated)

    def encode_error(self, status: int, type: str | None, message: str) -> Json:  # noqa: A002, ARG002  # the wire's own word; the format has none
        """`{"error": "…"}`."""
        return {"error": message}

    @abstractmethod
    def _is_asked(self, body: dict[str, Json]) -> bool: ...

    @abstractmethod
    def _read(self, body: dict[str, Json]) -> Response | None: ...

    @abstractmethod
    def _encode(self, response: Response) -> dict[str, Json]: ...

    @abstractmethod
    def _lines(self, body: dict[str, Json], pieces: int | None, *, whole: bool) -> list[bytes]: ...


class OllamaChat(_Ollama):
    """The format `ollama_chat`."""

    name = "ollama_chat"
    path = stream_path = "/api/chat"

    def _is_asked(self, body: dict[str, Json]) -> bool:
        return isinstance(body.get("messages"), list)

    def _read(self, body: dict[str, Json]) -> Response | None:
        return read_chat(body)

    def _encode(self, response: Response) -> dict[str, Json]:
        return encode_chat(response)

    def _lines(self, body: dict[str, Json], pieces: int | None, *, whole: bool) -> list[bytes]:
        return chat_lines(body, pieces=pieces, whole=whole)


class OllamaGenerate(_Ollama):
    """The format `ollama_generate`: a prompt instead of messages."""

    name = "ollama_generate"
    path = stream_path = "/api/generate"

    def _is_asked(self, body: dict[str, Json]) -> bool:
        return isinstance(body.get("model"), str)

    def _read(self, body: dict[str, Json]) -> Response | None:
        return read_generated(body)

    def _encode(self, response: Response) -> dict[str, Json]:
        return encode_generated(response)

    def _lines(self, body: dict[str, Json], pieces: int | None, *, whole: bool) -> list[bytes]:
        return generated_lines(body, pieces=pieces, whole=whole)


OLLAMA_CHAT = OllamaChat()
OLLAMA_GENERATE = OllamaGenerate()
