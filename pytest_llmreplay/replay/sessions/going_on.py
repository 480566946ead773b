"""Free-running sessions whose requests tell no conversation: they name an answer, or are words.

OpenAI's responses, Google's interactions and Anthropic's threads go on from an answer by its id,
Ollama's generate by the context that came with it; they give way to what the target said in its
place. Prompts of one text quote answers word for word.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from pytest_llmreplay.event import Event, Json, JsonBody, ToolCallPart
from pytest_llmreplay.providers.conversations.transcript import Transcript, transcript_of
from pytest_llmreplay.providers.fields import Fields, as_object
from pytest_llmreplay.providers.prompted.request import PROMPTS
from pytest_llmreplay.providers.registry import format_asked, format_of
from pytest_llmreplay.replay.calls.result import NotRun
from pytest_llmreplay.replay.unsent.unsendable import recorded_body, unsendable

from .free_turn import QUOTED, Left, Spared, Turn, quotes, quoting
from .quotations import meaning
from .tool_results import ToolAnswer, shown_call

__all__ = ["going_on"]

_LINKS: Final[dict[str, tuple[tuple[str, ...], str]]] = {
    "interactions": (("previous_interaction_id",), "id"),
    "messages": (("thread", "previous_message_id"), "id"),
    "ollama_generate": (("context",), "context"),
    "responses": (("previous_response_id",), "id"),
}
"""By API format: what names the answer before, in a request and in that answer."""
_NO_LINK: Final[tuple[tuple[str, ...], str]] = ((), "")
_TOLD: Final = {"interactions": "input", "messages": "messages", "responses": "input"}
"""By API format: where a request that goes on has what is new."""
_WORDS: Final = (*PROMPTS, "input")
"""Where such a request has its words."""
_ADVICE: Final = "replay it with the recorded history"


def going_on(turn: Turn, before: Sequence[Turn], why: str, tool: ToolAnswer) -> Event:
    """The request of a turn, as it goes on from what the target said.

    Args:
        turn: Whose conversation is not read.
        before: The turns before it.
        why: It is not read.
        tool: Asked for the results of calls that the recorded answer before did not make.

    Raises:
        NotRun: It goes on in a way that is not known here.
        Spared: It brings nothing but results of calls that the target had no need of.
    """
    event, body = turn.recorded, recorded_body(turn.recorded)
    path, told = _LINKS.get(event.api, _NO_LINK)
    link = None if body is None else _at(body, path)
    if body is None or not (link or any(key in body for key in PROMPTS)):
        if unsendable(event):  # whoever prepares it says why, or was told to send it
            return event
        raise NotRun(f"{why}; {_ADVICE}")
    body = dict(body)  # the recording stays as it is
    if link:
        origin = _origin(before, link, told)
        body = _with(body, path, _link(origin, event.api, told))
        if origin.recorded.response.tool_calls or _calls(origin):
            new = _TOLD.get(event.api, "")
            body[new] = _brought(turn, origin, body.get(new), tool)
    for name in _WORDS:
        if isinstance(words := body.get(name), str):
            if not link:
                _refuse_short(words, before)
            body[name] = quoting(words, dict(quotes(before)))
    request = replace(event.exchange.request, body=JsonBody(value=body))
    return replace(event, exchange=replace(event.exchange, request=request))


def _at(body: dict[str, Json], path: Sequence[str]) -> Json:
    value: Json = body
    for key in path:
        value = Fields(value).rest.get(key)
    return value if path else None


def _with(body: dict[str, Json], path: Sequence[str], link: Json) -> dict[str, Json]:
    """The body with another value at a path."""
    key, *rest = path
    return body | {key: _with(Fields(body.get(key)).rest, rest, link) if rest else link}


def _origin(before: Sequence[Turn], link: Json, told: str) -> Turn:
    for turn in reversed(before):
        if _plain(turn.recorded).get(told) == link:
            return turn
    raise NotRun(f"it goes on from an answer that the session does not hold; {_ADVICE}")


def _link(origin: Turn, api: str, told: str) -> Json:
    """What names the answer of the target."""
    if origin.last is None:
        raise NotRun(f"turn {origin.number} of the session has no answer")
    answer = origin.last.answer
    link = _plain(answer).get(told) if answer.api == api else None
    if link is None:
        raise NotRun(f"the target tells no {told} from which a request could go on; {_ADVICE}")
    return link


def _plain(event: Event) -> dict[str, Json]:
    spoken = format_of(event.api)
    return as_object(None if spoken is None else spoken.encode_response(event.response))


def _brought(turn: Turn, origin: Turn, told: Json, tool: ToolAnswer) -> list[Json]:
    """The input of a request that brings results: those of the calls that the target made."""
    transcript, entries = transcript_of(format_asked(turn.recorded)), told
    if transcript is None or not isinstance(entries, list):
        raise NotRun(f"it goes on from calls of tools without their results; {_ADVICE}")
    calls = _calls(origin)
    if not calls:
        others = [entry for entry in entries if not transcript.results(entry)]
        if not others:
            turn.spared_by = origin
            raise Spared("its target had ended the turn before")
        return others
    known = _results(origin, entries, transcript)
    results = [(call, _result(origin, call, known, transcript, tool)) for call in calls]
    return transcript.with_results(entries, results)


def _results(
    origin: Turn, entries: Sequence[Json], transcript: Transcript
) -> dict[str, list[Json]]:
    """What the tools answered to the recorded calls, by what these mean."""
    found: dict[str, list[Json]] = defaultdict(list)
    for result in (one for entry in entries for one in transcript.results(entry)):
        for call in origin.recorded.response.tool_calls:
            if result.answers(call):
                found[meaning(call)].append(result.value)
                break
    return found


def _result(
    origin: Turn,
    call: ToolCallPart,
    known: dict[str, list[Json]],
    transcript: Transcript,
    tool: ToolAnswer,
) -> Json:
    if results := known[meaning(call)]:
        return results.pop(0)
    text = tool(call.name, call.arguments)
    if text is None:
        raise Left(f"the session left the recording at turn {origin.number}: {shown_call(call)}")
    return transcript.result(call, text)


def _refuse_short(words: str, before: Sequence[Turn]) -> None:
    """Refuse words that may quote an answer which is too short to be known for certain."""
    for turn in before:
        text = turn.recorded.response.text.strip()
        if text and len(text) < QUOTED and text in words:
            raise NotRun(
                f"it may quote the answer of turn {turn.number}, which is too short to tell "
                f"({text!r}); {_ADVICE}"
            )


def _calls(turn: Turn) -> Sequence[ToolCallPart]:
    return turn.last.answer.response.tool_calls if turn.last is not None else ()
