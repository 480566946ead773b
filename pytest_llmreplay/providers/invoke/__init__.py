"""Invoke: Bedrock's older format, whose bodies are those of the maker of each model.

Claude's are messages, and those of models for vectors are embeddings; both are formats of their
own. Nova speaks as converse does, Command R as Cohere's chat did, the makers of newer models as
chat completions do; the older models continue a prompt.
https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_InvokeModel.html
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pytest_llmreplay.event import Exchange, HttpRequest, Json, JsonBody, Request, Response
from pytest_llmreplay.providers.answers.reading import request_body, response_of
from pytest_llmreplay.providers.api import Assembled
from pytest_llmreplay.providers.bedrock_counts import with_bedrock_counts
from pytest_llmreplay.providers.conversations.transcript import Transcript
from pytest_llmreplay.providers.endpoints.routes import model_in_path, path_of, route_of
from pytest_llmreplay.providers.fields import as_object
from pytest_llmreplay.providers.streams.aws_frames import looks_like_frames
from pytest_llmreplay.providers.wire_format import WireFormat

from .kinds import kind_asked
from .makers import CHAT, Maker, maker_answering, maker_asked
from .packed import assembled, frames_of, is_last

__all__ = ["INVOKE", "Invoke"]

_DRAWS = "stability."
"""Maker of models that are given a prompt as well, and answer with images."""


class Invoke(WireFormat):
    """The format `invoke`.

    Args:
        maker: Whose bodies are meant; where nobody says, an answer tells it by itself.
    """

    name = "invoke"
    path = "/model/{model}/invoke"
    stream_path = "/model/{model}/invoke-with-response-stream"

    def __init__(self, maker: Maker | None = None) -> None:
        self._maker = maker

    @property
    def transcript(self) -> Transcript | None:
        """How the maker's requests tell a conversation; none where they do not."""
        return None if self._maker is None else self._maker.transcript

    def recognises(self, path: str, headers: Mapping[str, str], body: Json) -> bool:  # noqa: ARG002  # other formats need them
        """What a maker of models that answer in words is asked, under a model of Bedrock."""
        route = route_of(path)
        if route is None or route.api != self.name or _DRAWS in path:
            return False
        return isinstance(body, dict) and kind_asked(body) is not None

    def model(self, url: str, body: Json) -> str | None:  # noqa: ARG002  # the path alone counts
        """The path names it."""
        return model_in_path(path_of(url))

    def streams(self, url: str, body: Json) -> bool:  # noqa: ARG002  # the body does not say so
        """The path says so."""
        return path_of(url).rstrip("/").endswith("/invoke-with-response-stream")

    def request(self, exchange: Exchange, /) -> Request:
        """What was asked."""
        url, body = exchange.request.url, request_body(exchange)
        model, stream = self.model(url, body), self.streams(url, body)
        maker = maker_asked(body)
        if maker is None:
            return Request(model=model, stream=stream, extra=body)
        return maker.read_request(body, model=model, stream=stream)

    def response(self, exchange: Exchange, /) -> Response:
        """What was answered, in the shape of whichever maker."""
        told = response_of(
            exchange, assemble=self.assemble, read=_read_answer, is_stream=looks_like_frames
        )
        return with_bedrock_counts(told, exchange)

    def answering(self, request: HttpRequest) -> Invoke:
        """The format in the shape of whoever is asked like this."""
        body = request.body.value if isinstance(request.body, JsonBody) else None
        return Invoke(maker_asked(as_object(body), self.model(request.url, body) or ""))

    def with_model(self, body: dict[str, Json], model: str) -> dict[str, Json]:  # noqa: ARG002  # see `path`
        """The body itself: the path names the model."""
        return body

    def assemble(self, chunks: Sequence[bytes]) -> Assembled:
        """The answer that the frames amount to."""
        return assembled(b"".join(chunks))

    def is_end(self, chunk: bytes) -> bool:
        """The piece to which Bedrock adds what it measured."""
        return is_last(chunk)

    def encode_stream(
        self,
        response: Response,
        *,
        pieces: int | None = None,
        usage: bool = True,  # noqa: ARG002  # it is told whether asked for or not
    ) -> list[bytes]:
        """The answer in frames; what was said stands before an error."""
        maker = self._maker_of(response)
        body = maker.encode_answer(response) if response.choices or response.error is None else {}
        return frames_of(maker, body, response, pieces=pieces)

    def encode_error(self, status: int, error_type: str | None, message: str) -> Json:  # noqa: ARG002  # a header names it
        """`{"message": …}`."""
        return {"message": message}

    def _encode_answer(self, response: Response) -> dict[str, Json]:  # type: ignore[override]  # hangs on the maker
        return self._maker_of(response).encode_answer(response)

    def _maker_of(self, response: Response) -> Maker:
        return self._maker or maker_answering(dict(response.extra)) or CHAT


def _read_answer(body: dict[str, Json]) -> Response | None:
    maker = maker_answering(body)
    return None if maker is None else maker.read_answer(body)


INVOKE = Invoke()
