"""Embeddings: texts, images and documents as vectors, in the shapes of all who sell them.

OpenAI and Voyage, Cohere, Gemini, Vertex and Ollama each have a path, a request and an answer of
their own, Bedrock those of each maker of models; what they say is the same. An answer is never a
stream.
https://platform.openai.com/docs/api-reference/embeddings, https://docs.voyageai.com/reference,
https://docs.cohere.com/reference/embed, https://ai.google.dev/api/embeddings,
https://cloud.google.com/vertex-ai/generative-ai/docs/model-reference/text-embeddings-api,
https://docs.ollama.com/api/embed,
https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters.html
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pytest_llmreplay.event import Exchange, Json, Request, Response
from pytest_llmreplay.providers.answers import request_body, response_of
from pytest_llmreplay.providers.api import Assembled
from pytest_llmreplay.providers.chat_completions import CHAT_COMPLETIONS
from pytest_llmreplay.providers.fields import as_text
from pytest_llmreplay.providers.routes import body_confirms, model_in_path, path_of, route_of
from pytest_llmreplay.providers.writing import event_bytes

from .answer import encode_answer, read_answer, with_told_usage
from .assemble import assemble
from .request import is_invoked, read_request

__all__ = ["EMBEDDINGS", "Embeddings"]


class Embeddings:
    """The format `embeddings`. What is sent again goes to OpenAI's path."""

    name = "embeddings"
    path = stream_path = "/embeddings"

    def recognises(self, path: str, headers: Mapping[str, str], body: Json) -> bool:  # noqa: ARG002  # other formats need them
        """Something to embed, posted to the path of one of the shapes."""
        route = route_of(path)
        if route is None or not body_confirms(route, body):
            return False
        return route.api == self.name or (route.api == "invoke" and is_invoked(path, body))

    def model(self, url: str, body: Json) -> str | None:
        """The body names it, or the path does."""
        named = as_text(body.get("model")) if isinstance(body, dict) else None
        return model_in_path(path_of(url)) or named

    def streams(self, url: str, body: Json) -> bool:  # noqa: ARG002  # other formats need them
        """Never."""
        return False

    def request(self, exchange: Exchange, /) -> Request:
        """What is to be embedded."""
        url, body = exchange.request.url, request_body(exchange)
        return read_request(body, model=self.model(url, body))

    def response(self, exchange: Exchange, /) -> Response:
        """How many vectors came, and how long they are."""
        response = response_of(exchange, assemble=assemble, read=read_answer)
        return with_told_usage(response, exchange)

    def assemble(self, chunks: Sequence[bytes]) -> Assembled:
        """The last object of a stream; no provider sends one."""
        return assemble(chunks)

    def is_end(self, chunk: bytes) -> bool:  # noqa: ARG002  # other formats need it
        """There is no stream to end."""
        return False

    def with_model(self, body: dict[str, Json], model: str) -> dict[str, Json]:
        """The same body with another `model`."""
        return body | {"model": model}

    def asking_for_usage(self, body: dict[str, Json]) -> dict[str, Json]:
        """Usage is told unasked."""
        return body

    def encode_response(self, response: Response) -> Json:
        """The body as it came; that of an error where the answer is one."""
        error = response.error
        if error is None:
            return encode_answer(response)
        if error.raw is not None:
            return error.raw
        return self.encode_error(error.status or 0, error.type, error.message)

    def encode_stream(
        self,
        response: Response,
        *,
        pieces: int | None = None,  # noqa: ARG002  # other formats need it
        usage: bool = True,  # noqa: ARG002  # other formats need it
    ) -> list[bytes]:
        """The whole answer in one event."""
        return [event_bytes(self.encode_response(response))]

    def encode_error(self, status: int, type: str | None, message: str) -> Json:  # noqa: A002  # the wire's own word
        """`{"error": {…}}`."""
        return CHAT_COMPLETIONS.encode_error(status, type, message)


EMBEDDINGS = Embeddings()
