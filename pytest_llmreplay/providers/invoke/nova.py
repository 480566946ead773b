"""Nova's bodies: those of converse, with an envelope and a few names of their own.

https://docs.aws.amazon.com/nova/latest/userguide/complete-request-schema.html
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from pytest_llmreplay.event import Json, Request
from pytest_llmreplay.providers.converse.assemble import assemble_events
from pytest_llmreplay.providers.converse.request import read_request
from pytest_llmreplay.providers.converse.stream import stream_of
from pytest_llmreplay.providers.fields import Fields, as_object, as_objects
from pytest_llmreplay.providers.json_values import json_object
from pytest_llmreplay.providers.streams.aws_frames import read_frame

__all__ = ["assemble_nova", "nova_pieces", "read_nova"]

_LIMITS = "inferenceConfig"
_EARLIER = {"max_new_tokens": "maxTokens", "top_p": "topP", "top_k": "topK"}
"""Names that the first models were asked with, and still take."""


def read_nova(body: dict[str, Json], *, model: str | None, stream: bool) -> Request:
    """What was asked; parameters that no field names are in `extra`."""
    body = dict(body)
    limits = as_object(body.get(_LIMITS))
    fields = Fields({_EARLIER.get(key, key): value for key, value in limits.items()})
    top_k = fields.integer("topK")
    if limits:
        body[_LIMITS] = fields.rest
    body.pop("schemaVersion", None)
    told = read_request(body, model=model, stream=stream)
    return replace(told, top_k=told.top_k if top_k is None else top_k)


def assemble_nova(pieces: Sequence[Json]) -> dict[str, Json]:
    """The plain body that the pieces amount to: each is an event of converse by its one key."""
    return assemble_events(
        (kind, as_object(data))
        for piece in as_objects(list(pieces))
        for kind, data in piece.items()
    )


def nova_pieces(body: dict[str, Json], *, pieces: int | None, whole: bool) -> list[dict[str, Json]]:
    """The pieces that tell a plain body, which says no error."""
    frames = map(read_frame, stream_of(body, pieces=pieces, whole=whole))
    return [{frame.kind: json_object(frame.payload)} for frame in frames if frame is not None]
