"""Reading an embedding request, in whichever shape it is asked."""

from __future__ import annotations

from pytest_llmreplay.event import EmbeddingInput, Json, Request
from pytest_llmreplay.providers.fields import Fields, as_object

__all__ = ["is_invoked", "read_request"]

_LISTS = (
    *("input", "inputs", "texts", "images", "instances", "requests", "contents"),
    *("inputText", "inputImage"),  # Titan
    "prompt",  # Ollama, before it took several
)
_DIMENSIONS = ("dimensions", "output_dimension", "outputDimensionality", "output_dimensionality")
_ENCODINGS = ("encoding_format", "output_dtype")
_TYPES = ("input_type", "taskType", "task_type")
_NOVA = "singleEmbeddingParams"


def is_invoked(path: str, body: Json) -> bool:
    """Whether a body that is posted to a model of Bedrock asks for vectors.

    Only their names tell Titan's models for text (`titan-text…`, `titan-tg1…`) from those for
    vectors, where the body has nothing but its text.
    """
    if not isinstance(body, dict) or not path.endswith("/invoke"):
        return False
    if "inputText" in body or "inputImage" in body:
        return "textGenerationConfig" not in body and ".titan-t" not in path
    return _NOVA in body or "input_type" in body


def read_request(body: dict[str, Json], *, model: str | None, stream: bool) -> Request:  # noqa: ARG001  # an answer is never a stream
    """What is to be embedded; parameters that no field names are in `extra`."""
    fields = Fields(body)
    fields.word("model", model or "")
    inputs = [item for key in _LISTS for item in _read_inputs(fields, key)]
    if fields.rest.get("content") is not None:  # Gemini, for one text
        inputs.append(_words(fields.rest.pop("content")))
    if nova := fields.object(_NOVA):
        fields.word("taskType", "SINGLE_EMBEDDING")
        return _read_nova(Fields(nova), fields, model)
    first = _first_item(body)
    return Request(
        model=model,
        user=fields.text("user"),
        embedding=EmbeddingInput(
            inputs=tuple(inputs),
            dimensions=_dimensions(fields, first),
            encoding=_encoding(fields),
            input_type=_text(fields, _TYPES) or _text(first, _TYPES),
        ),
        extra=fields.rest,
    )


def _read_nova(asked: Fields, fields: Fields, model: str | None) -> Request:
    """One text, or one object of another kind; parameters stand beside it."""
    purpose, dimensions = asked.text("embeddingPurpose"), asked.integer("embeddingDimension")
    text = Fields(asked.rest.get("text"))
    words = text.text("value")
    if words is not None:
        del asked.rest["text"]
        asked.leave("text", text.rest)
        fields.leave(_NOVA, asked.rest)
    return Request(
        model=model,
        embedding=EmbeddingInput(
            inputs=(asked.rest if words is None else words,),
            dimensions=dimensions,
            input_type=purpose,
        ),
        extra=fields.rest,
    )


def _read_inputs(fields: Fields, key: str) -> list[Json]:
    """The members of a list; one text, or one list of token ids, is a member by itself."""
    value = fields.rest.get(key)
    if value in (None, ""):
        return []
    del fields.rest[key]
    if not isinstance(value, list) or (value and all(isinstance(item, int) for item in value)):
        return [value]
    return [_words(item) for item in value]


def _words(value: Json) -> Json:
    """The text of an object that holds nothing but text; else the object.

    Vertex says `{"content": "…"}`, Gemini `{"content": {"parts": [{"text": "…"}]}}`.
    """
    inner = value.get("content", value) if isinstance(value, dict) else value
    parts = as_object(inner).get("parts")
    if isinstance(parts, list):
        texts = [as_object(part).get("text") for part in parts]
        words = [text for text in texts if isinstance(text, str)]
        return "".join(words) if words and len(words) == len(parts) else value
    return inner if isinstance(inner, str) else value


def _first_item(body: dict[str, Json]) -> Fields:
    """The first of several requests in one: Gemini and Vertex repeat the parameters in each."""
    for key in ("requests", "instances"):
        value = body.get(key)
        if isinstance(value, list) and value:
            return Fields(value[0])
    return Fields(None)


def _dimensions(fields: Fields, first: Fields) -> int | None:
    parameters = Fields(fields.rest.get("parameters"))  # Vertex
    for place in (fields, parameters, first):
        for key in _DIMENSIONS:
            if (dimensions := place.integer(key)) is not None:
                return dimensions
    return None


def _encoding(fields: Fields) -> str | None:
    """The provider's word; Cohere takes a list of them."""
    kinds = fields.rest.get("embedding_types")
    if isinstance(kinds, list) and kinds and all(isinstance(kind, str) for kind in kinds):
        return ", ".join(map(str, fields.items("embedding_types")))
    return _text(fields, _ENCODINGS)


def _text(fields: Fields, keys: tuple[str, ...]) -> str | None:
    found = (fields.text(key) for key in keys)
    return next((word for word in found if word), None)
