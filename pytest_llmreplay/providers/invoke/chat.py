"""Chat completions as the makers of models for conversations answer them by Bedrock."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from pytest_llmreplay.event import Json, Response, Usage
from pytest_llmreplay.providers.chat_completions.answer import STOP_REASON
from pytest_llmreplay.providers.chat_completions.assemble import assemble
from pytest_llmreplay.providers.chat_completions.encode import encode_answer
from pytest_llmreplay.providers.chat_completions.stream import stream_of
from pytest_llmreplay.providers.fields import as_object, as_objects
from pytest_llmreplay.providers.json_values import json_object
from pytest_llmreplay.providers.streams.sse import split
from pytest_llmreplay.providers.streams.writing import event_bytes

__all__ = ["assemble_chat", "chat_pieces", "encode_chat"]


def encode_chat(response: Response) -> dict[str, Json]:
    """The plain body; one that told no tokens, which Bedrock counted, tells none again."""
    decoded = isinstance(response.extra.get("choices"), list)
    if decoded and response.usage.raw is None:
        response = replace(response, usage=Usage())
    return encode_answer(response)


def assemble_chat(pieces: Sequence[Json]) -> dict[str, Json]:
    """The plain body that the pieces amount to."""
    told = as_objects(list(pieces))
    body = as_object(assemble([event_bytes(_as_deltas(piece)) for piece in told]).body)
    if not any("object" in piece for piece in told):
        body.pop("object", None)
    for choice in as_objects(body.get("choices")):
        if choice.get(STOP_REASON) and not choice.get("finish_reason"):
            del choice["finish_reason"]
    return body


def chat_pieces(body: dict[str, Json], *, pieces: int | None, whole: bool) -> list[dict[str, Json]]:
    """The pieces that tell a plain body, which says no error; nothing else ends them."""
    events = split(b"".join(stream_of(body, pieces=pieces, whole=whole)))
    chunks = [chunk for event in events if (chunk := json_object(event.data))]
    added = {"object"} - body.keys()
    return [{key: value for key, value in chunk.items() if key not in added} for chunk in chunks]


def _as_deltas(piece: dict[str, Json]) -> Json:
    """A piece with its words where a delta has them: Mistral says them in a message."""
    if "choices" not in piece:
        return piece
    return piece | {"choices": [_as_delta(choice) for choice in as_objects(piece["choices"])]}


def _as_delta(choice: dict[str, Json]) -> Json:
    said = choice.get("message")
    if "delta" in choice or not isinstance(said, dict):
        return choice
    return {key: value for key, value in choice.items() if key != "message"} | {"delta": said}
