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

from pytest_llmreplay.event import Exchange, Json, Response
from pytest_llmreplay.providers.api import Assembled
from pytest_llmreplay.providers.bedrock_counts import with_bedrock_counts
from pytest_llmreplay.providers.endpoints.routes import model_in_path, path_of, route_of
from pytest_llmreplay.providers.fields import as_text
from pytest_llmreplay.providers.openai_format import OpenAiFormat

from .answer import encode_answer, read_answer
from .assemble import assemble, one_event
from .request import is_invoked, read_request

__all__ = ["EMBEDDINGS", "Embeddings"]


class Embeddings(OpenAiFormat):
    """The format `embeddings`. What is sent again goes to OpenAI's path."""

    name = "embeddings"
    path = stream_path = "/embeddings"

    _read_request = staticmethod(read_request)
    _read_answer = staticmethod(read_answer)
    _encode_answer = staticmethod(encode_answer)
    _stream_of = staticmethod(one_event)

    def recognises(self, path: str, headers: Mapping[str, str], body: Json) -> bool:
        """Something to embed, posted to the path of one of the shapes."""
        route = route_of(path)
        if route is not None and route.api == "invoke":
            return is_invoked(path, body)
        return super().recognises(path, headers, body)

    def model(self, url: str, body: Json) -> str | None:
        """The body names it, or the path does."""
        named = as_text(body.get("model")) if isinstance(body, dict) else None
        return model_in_path(path_of(url)) or named

    def streams(self, url: str, body: Json) -> bool:  # noqa: ARG002  # other formats need them
        """Never: an embedding comes whole."""
        return False

    def response(self, exchange: Exchange, /) -> Response:
        """How many vectors came, and how long they are."""
        return with_bedrock_counts(super().response(exchange), exchange)

    def assemble(self, chunks: Sequence[bytes]) -> Assembled:
        """The last object of a stream; no provider sends one."""
        return assemble(chunks)

    def is_end(self, chunk: bytes) -> bool:  # noqa: ARG002  # other formats need it
        """There is no stream to end."""
        return False


EMBEDDINGS = Embeddings()
