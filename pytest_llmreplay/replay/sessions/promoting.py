"""From an answer of a stored run to the recording that the tests will play."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import cast

from pytest_llmreplay.event import Chunk, Event, HttpResponse, Json, JsonBody, StreamBody
from pytest_llmreplay.providers.conversations.transcript import transcript_of
from pytest_llmreplay.providers.messages.threads import goes_on_from
from pytest_llmreplay.providers.prompted.request import PROMPTS
from pytest_llmreplay.providers.registry import format_asked
from pytest_llmreplay.replay.unsent.unsendable import recorded_body

from .free_turn import QUOTED
from .quotations import Quotations, meaning

__all__ = ["promoted", "quoted_by"]

_OPTIONS = "stream_options"
"""Where chat completions ask for the usage of a stream; a replay always does."""
_WORDS = (*PROMPTS, "input")
"""Where requests that tell no conversation have their words."""
_PREVIOUS = ("previous_response_id", "previous_interaction_id")
"""Where requests name the answer that they go on from, and that their provider keeps."""
_CONTEXT = "context"
"""What Ollama's generate goes on from, and gives."""


def promoted(recorded: Event, replayed: Event) -> Event:
    """The recording that takes the place of another: as asked now, and as answered now.

    What a replay asks for beyond the application, and is told for it, is left out: the request is
    the one that the tests will send.

    In another API format than the recorded one, the request is what the conversion made of it:
    tests whose code now calls the other provider send it where they ask the same.
    """
    before, asked = recorded.exchange.request, replayed.exchange.request
    headers = before.headers if replayed.api == recorded.api else {}
    body, old = recorded_body(replayed) or {}, recorded_body(recorded) or {}
    response = replayed.exchange.response
    if body.get(_OPTIONS) != old.get(_OPTIONS):
        body = _with_options(body, old.get(_OPTIONS))
        response = _without_usage(cast("HttpResponse", response))
    request = replace(asked, headers={**headers, **asked.headers}, body=JsonBody(value=body))
    return replace(
        recorded,
        provider=replayed.provider,
        model=replayed.model,
        api=replayed.api,
        decoder=replayed.decoder,
        origin=None,
        exchange=replace(replayed.exchange, request=request, response=response),
        measured=replayed.measured,
    )


def quoted_by(quotations: Quotations, place: int) -> tuple[int, ...]:
    """Numbers of the earlier events whose answers the request of an event tells, or names."""
    events = quotations.events
    event = events[place]
    body, transcript = recorded_body(event), transcript_of(format_asked(event))
    entries = None if body is None or transcript is None else transcript.entries(body)
    if transcript is None or entries is None:
        return tuple(one.number for one in events[:place] if _goes_on(one, body or {}))
    answers = {
        (one.text.strip(), tuple(map(meaning, one.calls))) for one in transcript.said(entries)
    }
    quoted = json.dumps(entries, ensure_ascii=False)
    known = {events[one].number for one in quotations.told(place)}
    return tuple(
        one.number
        for one in events[:place]
        if one.number in known or _is_quoted(one, answers, quoted)
    )


def _is_quoted(event: Event, answers: set[tuple[str, tuple[str, ...]]], conversation: str) -> bool:
    words, calls = event.response.text.strip(), tuple(map(meaning, event.response.tool_calls))
    if not words and not calls:
        return False
    quoted = json.dumps(words, ensure_ascii=False)[1:-1]
    return (words, calls) in answers or (len(words) >= QUOTED and quoted in conversation)


def _goes_on(event: Event, body: dict[str, Json]) -> bool:
    """Whether a request that tells no conversation names an answer, or has its words."""
    named = [body[key] for key in (*_PREVIOUS, _CONTEXT) if body.get(key)]
    named.append(goes_on_from(body))
    links = (event.response.id, event.response.extra.get(_CONTEXT))
    conversation = json.dumps([body.get(key) for key in _WORDS], ensure_ascii=False)
    return any(link in named for link in links if link) or _is_quoted(event, set(), conversation)


def _with_options(body: dict[str, Json], options: Json) -> dict[str, Json]:
    rest = {key: value for key, value in body.items() if key != _OPTIONS}
    return rest if options is None else rest | {_OPTIONS: options}


def _without_usage(response: HttpResponse) -> HttpResponse:
    """The stream without the piece that only those see who asked for it."""
    body = response.body
    if not isinstance(body, StreamBody):
        return response
    kept = tuple(chunk for chunk in body.chunks if not _tells_usage_alone(chunk))
    return replace(response, body=StreamBody(chunks=kept))


def _tells_usage_alone(chunk: Chunk) -> bool:
    data = chunk.data.strip().removeprefix(b"data:")
    try:
        value = json.loads(data)
    except (ValueError, RecursionError):
        return False
    return isinstance(value, dict) and value.get("choices") == [] and bool(value.get("usage"))
