"""The accepted answer of an event: which one counts, and what one is made of."""

from __future__ import annotations

from pytest_llmreplay.cassette.cassette import Cassette
from pytest_llmreplay.cassette.documents.accepted import Accepted
from pytest_llmreplay.cassette.documents.document import EventDocument
from pytest_llmreplay.event import Event

__all__ = ["accepted_baseline", "accepted_of", "join_key"]


def join_key(event: Event) -> str:
    """What an accepted answer is joined to its event by: the request, under no rules."""
    from pytest_llmreplay.cassette.matching.keys import MatchRules, match_key  # noqa: PLC0415 - most replays have nothing accepted

    request = event.exchange.request
    return match_key(request.method, request.url, request.body, MatchRules())


def accepted_baseline(cassette: Cassette, document: EventDocument, target: str) -> Event | None:
    """The event as a target answered it when that was accepted; none where nothing was.

    An answer accepted for another request than the one recorded now does not count.
    """
    found = cassette.accepted.get(target, {}).get(document.number)
    if found is None or found.accepted.key != join_key(document.event):
        return None
    return found.accepted.baseline(document.event)


def accepted_of(recorded: Event, replayed: Event, target: str) -> Accepted:
    """The accepted answer that a replayed event is."""
    return Accepted(
        number=recorded.number,
        target=target,
        key=join_key(recorded),
        provider=replayed.provider,
        api=replayed.api,
        model=replayed.model,
        response=replayed.exchange.response,
        measured=replayed.measured,
    )
