"""What an API format can do: the Protocol behind which every wire format stands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from pytest_llmreplay.event import Decoder, HttpRequest, Json, Request, Response

__all__ = ["ApiFormat", "Assembled", "Dialect", "EncodedRequest", "RequestEncoder"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Assembled:
    """The whole answer that a stream amounts to."""

    body: Json
    """In the shape of the same format's plain answer; a mid-stream error stands under `error`."""
    complete: bool
    """Whether the protocol's own end was seen."""
    broken: str | None = None
    """The first event that is no JSON, on which a client fails; the last one may be torn."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """Who is going to read a request: servers of one format accept different things."""

    provider: str
    """A name of the table of providers."""
    model: str
    version: str | None = None
    """The API version that is going to be asked for, where the format has such a header."""
    stream: bool = False
    """Whether the answer is wanted in pieces."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EncodedRequest:
    """A request in another format, and what became of the parts that it could not take over."""

    body: dict[str, Json]
    losses: tuple[str, ...] = ()
    """Neutral dotted codes, each once: a bare one is lost, `+x` was added because the format
    demands it, `~x` is kept but changed."""


class RequestEncoder(Protocol):
    """A format into which requests of other formats can be converted."""

    def encode_request(self, request: Request, dialect: Dialect) -> EncodedRequest:
        """The body that asks the same. `extra` of a request is another format's: it is lost."""
        ...


class ApiFormat(Decoder, Protocol):
    """One wire format: reads it, writes it, and changes as little as a replay needs.

    Decoding is total: whatever comes, a `Request` or `Response` is made of it, and a key that no
    field names is kept in `extra`, in the place where it stood. Where decoding takes apart an
    object or a list, what is left of it stays in `extra` under its own key
    (`extra["choices"] == [{"index": 0, "logprobs": None}]`), so that encoding a decoded answer
    gives the same body again. A conversion from another format leaves `extra` out first.
    """

    @property
    def name(self) -> str:
        """The name that cassettes write as `api`."""
        ...

    @property
    def path(self) -> str:
        """What a replay appends to the base URL of its target; may hold `{model}`."""
        ...

    @property
    def stream_path(self) -> str:
        """What a replay appends for an answer in pieces: `path`, where the body asks for them."""
        ...

    def recognises(self, path: str, headers: Mapping[str, str], body: Json) -> bool:
        """Whether a POST of this body to this path (no query) speaks the format."""
        ...

    def model(self, url: str, body: Json) -> str | None:
        """The model that is asked for."""
        ...

    def streams(self, url: str, body: Json) -> bool:
        """Whether the answer is asked for in pieces."""
        ...

    def assemble(self, chunks: Sequence[bytes]) -> Assembled:
        """Put a stream together, however it was cut into chunks."""
        ...

    def is_end(self, chunk: bytes) -> bool:
        """Whether this server-sent event is the protocol's own end of a stream."""
        ...

    def answering(self, request: HttpRequest) -> ApiFormat:
        """The format as it answers this request, where answers of others are written in it."""
        ...

    def with_model(self, body: dict[str, Json], model: str) -> dict[str, Json]:
        """The same request for another model."""
        ...

    def asking_for_usage(self, body: dict[str, Json]) -> dict[str, Json]:
        """The same request, with usage asked for where a stream would leave it out."""
        ...

    def encode_response(self, response: Response) -> Json:
        """The plain body of an answer; the error body where the answer is an error."""
        ...

    def encode_stream(
        self, response: Response, *, pieces: int | None = None, usage: bool = True
    ) -> list[bytes]:
        """The answer as a stream, one bytes object per server-sent event.

        Args:
            response: The answer; a truncated one ends without the protocol's own end, and an
                error becomes the in-stream error after what was said before it.
            pieces: Into how many deltas a text is cut, roughly; `None` cuts at every word.
            usage: Whether to tell token counts where the client has to ask for them.
        """
        ...

    def encode_error(self, status: int, error_type: str | None, message: str) -> Json:
        """The body of an error answer; without a type, the usual one of the status."""
        ...
