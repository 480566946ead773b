"""What the tools of a session answered, for the calls that a target makes now."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from pytest_llmreplay.compare.arguments import canonical
from pytest_llmreplay.event import Event, Json, ToolCallPart
from pytest_llmreplay.providers.registry import format_of
from pytest_llmreplay.providers.transcript import Transcript, transcript_of

from .unsendable import recorded_body

__all__ = ["ToolAnswer", "ToolResults", "meaning", "shown_call"]

ToolAnswer = Callable[[str, Json], str | None]
"""Answers a call by its name and its arguments; none where it cannot."""

_SHOWN = 120


class ToolResults:
    """The recorded results of a session, each once; no tool is ever run.

    Args:
        events: Of the session, as recorded.
        tool: Asked for what the recording does not know.
    """

    def __init__(self, events: Sequence[Event], tool: ToolAnswer) -> None:
        self._events, self._tool = events, tool
        self._known: dict[tuple[str, str], list[Json]] | None = None

    def answering(self, call: ToolCallPart, api: str, transcript: Transcript) -> Json | None:
        """The result of a call, in the words of a format, but for its id; none where nobody knows.

        Raises:
            ReplayError: The hook raised.
        """
        if self._known is None:
            self._known = _results_of(self._events)
        if known := self._known.get((api, meaning(call))):
            return known.pop(0)
        text = self._tool(call.name, call.arguments)
        return None if text is None else transcript.result(text)


def meaning(call: ToolCallPart) -> str:
    """What equal calls have in common: not their ids, nor the blanks of their JSON."""
    return f"{call.name}({canonical(call.arguments)})"


def shown_call(call: ToolCallPart) -> str:
    """A call as people write one: `search_kb(query="refunds")`, cut where it is long."""
    arguments = call.arguments
    if isinstance(arguments, Mapping):
        told = ", ".join(f"{name}={canonical(value)}" for name, value in arguments.items())
    else:
        told = str(arguments)
    return f"{call.name}({told if len(told) <= _SHOWN else told[:_SHOWN] + '…'})"


def _results_of(events: Sequence[Event]) -> dict[tuple[str, str], list[Json]]:
    """Every result that a session has, by format and by the call that it answers; each once."""
    found: dict[tuple[str, str], list[Json]] = {}
    seen: set[str] = set()
    for event in events:
        transcript, body = transcript_of(format_of(event.api)), recorded_body(event)
        entries = None if transcript is None or body is None else transcript.entries(body)
        if transcript is None or entries is None:
            continue
        calls = {call.id: call for said in transcript.said(entries) for call in said.calls}
        for name, value in (one for entry in entries for one in transcript.results(entry)):
            if name in calls and name not in seen:
                seen.add(name)
                found.setdefault((event.api, meaning(calls[name])), []).append(value)
    return found
