"""The sessions that the events of a cassette belong to, as far as they can be read."""

from __future__ import annotations

from pytest_llmreplay.cassette.documents.document import EventDocument, Head
from pytest_llmreplay.errors import CassetteError
from pytest_llmreplay.event import Session

from .cassette import Cassette

__all__ = ["head_of", "session_of", "sessions_of"]


def head_of(document: EventDocument) -> Head | None:
    """What stands before the request; none where it cannot be read, which is told elsewhere."""
    try:
        return document.head
    except CassetteError:
        return None


def session_of(document: EventDocument) -> Session | None:
    """The session that a recording belongs to; none where it says none, or cannot be read."""
    head = head_of(document)
    return None if head is None else head.session


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
