"""What a call is known by."""

from __future__ import annotations

from pytest_llmreplay.event import Event

__all__ = ["id_of", "known_by"]


def id_of(event: Event) -> str | None:
    """The provider's id of a call: that of the request, else that of the answer."""
    return event.measured.request_id or event.response.id


def known_by(event: Event, wanted: str) -> bool:
    """Whether an id means this event: the provider's, or one that a label with `id` in it keeps."""
    named = (value for key, value in event.labels.items() if "id" in key.lower())
    return wanted in (event.measured.request_id, event.response.id, *named)
