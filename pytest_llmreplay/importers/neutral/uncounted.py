"""Answers of messages without counts: the format always writes some, and zero would be a lie."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pytest_llmreplay.event import Json, Usage
from pytest_llmreplay.providers.json_values import parse_json
from pytest_llmreplay.providers.streams.sse import split
from pytest_llmreplay.providers.streams.writing import event_bytes

__all__ = ["is_unknown", "without_counts", "without_counts_in"]


def is_unknown(usage: Usage) -> bool:
    """Whether usage has no count of tokens."""
    return usage.input_tokens is None and usage.output_tokens is None


def without_counts(body: Json) -> Json:
    """A plain answer, or the data of an event, without its usage."""
    if not isinstance(body, dict):
        return body
    kept = {key: value for key, value in body.items() if key != "usage"}
    return kept | ({"message": without_counts(kept["message"])} if "message" in kept else {})


def without_counts_in(events: Sequence[bytes]) -> Iterator[bytes]:
    """A stream whose events tell no usage."""
    for event in split(b"".join(events)):
        try:
            yield event_bytes(without_counts(parse_json(event.data)), event.event)
        except ValueError:  # no JSON, as the end of a stream of chat completions
            yield event.raw
