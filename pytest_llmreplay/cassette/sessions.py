"""The sessions that the events of a cassette belong to."""

from __future__ import annotations

from pytest_llmreplay.errors import CassetteError
from pytest_llmreplay.event import Session

from .cassette import Cassette
from .document import EventDocument

__all__ = ["session_of", "sessions_of"]


def session_of(document: EventDocument) -> Session | None:
    """The session that a recording belongs to; none where it says none, or cannot be read."""
    try:
        return document.head.session
    except CassetteError:
        return None


def sessions_of(cassette: Cassette) -> dict[str, list[int]]:
    """The sessions of a cassette in words, each with the places of its events."""
    found: dict[tuple[str | None, str], list[int]] = {}
    for place, document in enumerate(cassette.documents):
        known = session_of(document)
        name = (known.name or known.path or known.id) if known is not None else None
        key = (known.id if known is not None else None, f"session {name}" if name else "session")
        found.setdefault(key, []).append(place)
    return {
        (f"{name} ({key})" if key and names > 1 else name): places
        for (key, name), places in found.items()
        for names in (sum(other == name for _, other in found),)
    }
