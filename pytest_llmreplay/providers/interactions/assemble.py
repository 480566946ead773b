"""Putting a stream of interactions together.

https://ai.google.dev/gemini-api/docs/interactions/streaming
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from pytest_llmreplay.event import Json
from pytest_llmreplay.providers.api import Assembled
from pytest_llmreplay.providers.fields import as_list
from pytest_llmreplay.providers.json_values import parse_json
from pytest_llmreplay.providers.streams.growing import Place
from pytest_llmreplay.providers.streams.named_events import assemble_events, has_end

from .answer import OUTPUTS, STEPS
from .steps import OUTPUT, THOUGHT

__all__ = ["assemble", "is_end"]

_PART = re.compile(r"(step|content)\.(start|delta)")
_LISTS = {"step": STEPS, "content": OUTPUTS}
"""What an answer consists of, by what its events tell; of content until June 2026."""
_IN_STEP = {OUTPUT: "content", THOUGHT: "summary"}
"""Steps that hold a list, and where."""
_STATUS = ("status", "continuation_token")
"""What an event may change in an answer."""

_ENDS = frozenset({"interaction.completed", "interaction.complete"})
"""Events that end an answer, the second until June 2026; behind them only `[DONE]` comes."""
_KIND = "event_type"
_GROWING = {"text": "text", "arguments_delta": "arguments"}
"""Deltas that only bring more words, and where these stand."""


class Draft:
    """The answer so far; an event that tells progress alone says nothing."""

    def __init__(self) -> None:
        self._interaction: dict[str, Json] = {}
        self._error: Json = None
        self._list = STEPS
        self._steps: dict[int, Json] = {}
        self._arguments: dict[int, str] = {}

    def add(self, kind: str, data: dict[str, Json]) -> None:
        """Take over what an event says."""
        part, index = _PART.fullmatch(kind), data.get("index")
        if kind == "error" or data.get("error"):
            self._error = data.get("error") or {"message": "the stream tells an error"}
        elif part and isinstance(index, int):
            self._list = _LISTS[part[1]]
            if part[2] == "start":
                self._begin(index, data.get(part[1]))
            elif isinstance(delta := data.get("delta"), dict):
                self._grow(index, delta)
        elif kind == "interaction.status_update":
            self._interaction |= {key: data[key] for key in _STATUS if key in data}
        elif isinstance(interaction := data.get("interaction"), dict):
            self._interaction |= interaction

    def body(self) -> dict[str, Json]:
        """The plain body; nothing when no event told an answer."""
        body = dict(self._interaction)
        if self._steps:
            body[self._list] = [self._step(index) for index in sorted(self._steps)]
        elif body and self._list not in body:
            body[self._list] = []
        if self._error:
            body["error"] = self._error
        return body

    def _begin(self, index: int, step: Json) -> None:
        self._arguments.pop(index, None)
        self._steps[index] = _own(step)

    def _step(self, index: int) -> Json:
        step, arguments = self._steps[index], self._arguments.get(index)
        if arguments is None or not isinstance(step, dict):
            return step
        try:
            return step | {"arguments": parse_json(arguments)}
        except ValueError:
            return step | {"arguments": arguments}

    def _grow(self, index: int, delta: dict[str, Json]) -> None:
        """Add a piece to a step, made where no event has opened it."""
        kind = str(delta.get("type"))
        bare = self._list == OUTPUTS
        step = self._steps.setdefault(index, {"type": kind if bare else _opened_by(kind)})
        if not isinstance(step, dict):
            return
        words = delta.get("arguments")
        if kind == "arguments_delta":
            if isinstance(words, str):
                self._arguments[index] = self._arguments.get(index, "") + words
        elif kind == "thought_signature":
            step["signature"] = delta.get("signature")
        elif kind == "thought_summary":
            _list_in(step, "summary").append(delta.get("content"))
        elif (key := _IN_STEP.get(str(step.get("type")))) is not None:
            _put(_list_in(step, key), kind, delta)
        elif kind == "text":
            step["text"] = f"{step.get('text', '')}{delta.get('text', '')}"
        else:
            step |= {name: value for name, value in delta.items() if name != "type"}


def _opened_by(kind: str) -> str:
    """The type of the step to which a delta belongs whose beginning was not told."""
    if kind.startswith(THOUGHT):
        return THOUGHT
    if kind == "arguments_delta":
        return "function_call"
    return kind if kind.endswith(("_call", "_result")) else OUTPUT


def _put(content: list[Json], kind: str, delta: dict[str, Json]) -> None:
    """Add to the content of a step: words to the last words, anything else behind them."""
    last = content[-1] if content else None
    words = last if isinstance(last, dict) and isinstance(last.get("text"), str) else None
    if kind == "text_annotation_delta":
        if words is not None:
            _list_in(words, "annotations").extend(as_list(delta.get("annotations")))
    elif kind == "text" and words is not None and isinstance(delta.get("text"), str):
        words["text"] = f"{words['text']}{delta['text']}"
    else:
        content.append(dict(delta))


def _list_in(holder: dict[str, Json], key: str) -> list[Json]:
    """The list under a key, made where there is none."""
    held: list[Json] = as_list(holder.get(key))
    holder[key] = held
    return held


def _own(step: Json) -> Json:
    """A step that can grow, while the event that told it stays as it is."""
    if not isinstance(step, dict):
        return step
    lists = {key: step[key] for key in ("content", "summary") if isinstance(step.get(key), list)}
    return step | {key: [_copied(one) for one in as_list(held)] for key, held in lists.items()}


def _copied(value: Json) -> Json:
    if not isinstance(value, dict):
        return value
    notes = value.get("annotations")
    return value | ({"annotations": [*notes]} if isinstance(notes, list) else {})


def assemble(chunks: Sequence[bytes]) -> Assembled:
    """The whole answer; one event ends it."""
    return assemble_events(Draft(), chunks, grows=_grows, ends=_ENDS, kind_in=_KIND)


def is_end(chunk: bytes) -> bool:
    """Whether this is the event that ends an answer."""
    return has_end(chunk, _ENDS, kind_in=_KIND)


def _grows(data: dict[str, Json]) -> Place | None:
    """The words that a delta adds, if it says nothing else."""
    delta = data.get("delta")
    if data.get(_KIND) != "step.delta" or not isinstance(delta, dict):
        return None
    key = _GROWING.get(str(delta.get("type")))
    if key is None or delta.keys() != {"type", key} or not isinstance(delta[key], str):
        return None
    return delta, key
