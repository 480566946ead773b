"""The answer of an embedding call: vectors are counted, and stay where they stood."""

from __future__ import annotations

from collections.abc import Iterator

from pytest_llmreplay.event import EmbeddingOutput, Json, Response, Usage
from pytest_llmreplay.providers.fields import Fields, as_int, as_list, as_object

__all__ = ["encode_answer", "read_answer"]

_FLOAT_BYTES = 4
_COUNTS = (
    ("usage", "prompt_tokens"),
    ("usage", "total_tokens"),  # Voyage
    ("meta", "billed_units", "input_tokens"),  # Cohere
    ("usageMetadata", "promptTokenCount"),  # Gemini
    ("usage_metadata", "prompt_token_count"),
    ("prompt_eval_count",),  # Ollama
    ("inputTextTokenCount",),  # Titan
)


def read_answer(body: dict[str, Json]) -> Response | None:
    """The neutral answer; `None` when there are no vectors.

    All but the model stays in `extra` as it came, the counts of tokens too.
    """
    vectors = _vectors(body)
    if vectors is None:
        return None
    fields = Fields(body)
    return Response(
        id=fields.text("id"),
        model=fields.text("model"),
        usage=_usage(body),
        embedding=EmbeddingOutput(count=len(vectors), dimension=_dimension(vectors)),
        extra=fields.rest,
    )


def encode_answer(response: Response) -> dict[str, Json]:
    """The body of an answer; an empty list of vectors, where it was no embedding."""
    body: dict[str, Json] = {} if response.embedding else {"object": "list", "data": []}
    named = {"id": response.id, "model": response.model}
    return body | {key: value for key, value in named.items() if value} | dict(response.extra)


def _vectors(body: dict[str, Json]) -> list[Json] | None:
    """The vectors wherever a provider puts them; `None` where it puts none."""
    for key in ("data", "predictions", "embeddings"):
        value = body.get(key)
        if isinstance(value, list):
            return [_vector(item) for item in value]
    kinds = body.get("embeddings")
    if isinstance(kinds, dict):  # Cohere, by type
        return next(iter(_of_kinds(kinds)), [])
    return [_vector(body["embedding"])] if body.get("embedding") else None


def _of_kinds(kinds: dict[str, Json]) -> Iterator[list[Json]]:
    for name in ("float", "base64", "int8", "uint8"):
        value = kinds.get(name)
        if isinstance(value, list):
            yield value
    for value in kinds.values():  # bits, eight in a number
        if isinstance(value, list):
            yield [vector * 8 if isinstance(vector, list) else vector for vector in value]


def _vector(value: Json) -> Json:
    """A list of numbers, or base64 of them, out of the objects around it."""
    while isinstance(value, dict):
        found = (value.get(key) for key in ("embedding", "embeddings", "values", "textEmbedding"))
        value = next((inner for inner in found if inner is not None), None)
    return value


def _dimension(vectors: list[Json]) -> int | None:
    lengths = {_length(vector) for vector in vectors}
    return lengths.pop() if len(lengths) == 1 else None


def _length(vector: Json) -> int | None:
    """How many numbers a vector has; in base64 they are floats of four bytes."""
    if isinstance(vector, str):
        return len(vector.rstrip("=")) * 3 // 4 // _FLOAT_BYTES
    return len(vector) if isinstance(vector, list) else None


def _usage(body: dict[str, Json]) -> Usage:
    for path in _COUNTS:
        value: Json = body
        for key in path:
            value = as_object(value).get(key)
        if (count := as_int(value)) is not None:
            return Usage(input_tokens=count, raw=body.get(path[0]))
    counts = [count for count in map(_counted, _predictions(body)) if count is not None]
    return Usage(input_tokens=sum(counts)) if counts else Usage()


def _predictions(body: dict[str, Json]) -> list[Json]:
    return as_list(body.get("predictions"))


def _counted(prediction: Json) -> int | None:
    """Tokens of one text, as Vertex tells them."""
    for key in ("embeddings", "statistics", "token_count"):
        prediction = as_object(prediction).get(key)
    return as_int(prediction)
