"""Conversations that their provider keeps under an id of their own, told by the requests in them.

What such a conversation holds stands before the input of a request that names it, and what is asked
and answered is added to it (https://platform.openai.com/docs/api-reference/conversations). A
cassette that has its beginning knows it all, so that a session can run freely without it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from pytest_llmreplay.cassette.cassette import Cassette
from pytest_llmreplay.errors import CassetteError
from pytest_llmreplay.event import Event, HttpResponse, Json, JsonBody
from pytest_llmreplay.providers.conversations.transcript import Transcript, transcript_of
from pytest_llmreplay.providers.endpoints.routes import path_of
from pytest_llmreplay.providers.fields import as_list
from pytest_llmreplay.providers.registry import format_of
from pytest_llmreplay.replay.unsent.unsendable import is_recorded_error, recorded_body

__all__ = ["session_events", "told_whole"]

_KEPT: Final = "conversation"
"""Where a request names its conversation: an id, or an object that holds one."""
_API: Final = "responses"
_CREATED: Final = re.compile(r"/conversations/?\Z")
_CHANGED: Final = re.compile(r"/conversations/([^/]+)(?:/items(?:/[^/]+)?)?/?\Z")


def session_events(cassette: Cassette, places: Sequence[int]) -> list[Event]:
    """The events of a session as it runs freely: with all that was said before in each request.

    A request stays as it is where its conversation has no beginning in the cassette.

    Args:
        cassette: Where they are recorded.
        places: Theirs, in their order.
    """
    own = [cassette.document(place).event for place in places]
    if not any(_name_in(event) for event in own):
        return own
    try:
        everything = list(cassette.events)
    except CassetteError:  # a turn may be missing
        return own
    kept: dict[str, list[Json]] = {}
    whole = [_whole(event, kept) for event in everything]
    return [whole[place] for place in places]


def told_whole(recorded: Event, asked: Event) -> bool:
    """Whether a request was asked in words where the recorded one names a conversation."""
    return bool(_name_in(recorded)) and _KEPT not in (recorded_body(asked) or {})


def _whole(event: Event, kept: dict[str, list[Json]]) -> Event:
    """The event with its conversation in its request; notes what it adds to one."""
    if event.api != _API:
        _note_change(event, kept)
        return event
    body, name = recorded_body(event), _name_in(event)
    transcript = transcript_of(format_of(_API))
    assert transcript is not None  # responses have one
    if body is None or name is None or name not in kept:
        return event
    alone = {key: value for key, value in body.items() if key != _KEPT}
    entries = [*kept[name], *(transcript.entries(alone) or [])]
    if is_recorded_error(event):
        del kept[name]  # nobody knows what was added
    else:
        kept[name] = [*entries, *_answer(event, transcript)]
    request = event.exchange.request
    request = replace(request, body=JsonBody(value=transcript.with_entries(alone, entries)))
    return replace(event, exchange=replace(event.exchange, request=request))


def _note_change(event: Event, kept: dict[str, list[Json]]) -> None:
    """Note what a request that asks no model makes of a conversation."""
    path, method = path_of(event.exchange.request.url), event.exchange.request.method.upper()
    items = as_list((recorded_body(event) or {}).get("items"))
    if method == "POST" and _CREATED.search(path):
        if (name := _created(event)) is not None:
            kept[name] = items
    elif (found := _CHANGED.search(path)) and found[1] in kept:
        if method == "POST" and not is_recorded_error(event):
            kept[found[1]] = [*kept[found[1]], *items]
        elif method != "GET":
            del kept[found[1]]


def _created(event: Event) -> str | None:
    match event.exchange.response:
        case HttpResponse(body=JsonBody(value={"object": "conversation", "id": str(name)})):
            return name
    return None


def _answer(event: Event, transcript: Transcript) -> list[Json]:
    spoken = format_of(_API)
    assert spoken is not None
    return transcript.answer(spoken.encode_response(event.response))


def _name_in(event: Event) -> str | None:
    """The id of the conversation that a request belongs to."""
    match (recorded_body(event) or {}).get(_KEPT) if event.api == _API else None:
        case str(name) | {"id": str(name)}:
            return name
    return None
