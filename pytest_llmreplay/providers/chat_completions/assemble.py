"""Putting a chat completions stream together, as its providers cut it."""

from __future__ import annotations

from collections.abc import Sequence

from pytest_llmreplay.event import Json
from pytest_llmreplay.providers.api import Assembled
from pytest_llmreplay.providers.fields import as_object, is_blank
from pytest_llmreplay.providers.streams.growing import Place, StreamEvent, StreamEvents
from pytest_llmreplay.providers.streams.sse import split

from .delta import CONCATENATED, Calls, growing_arguments, merge_delta

__all__ = ["assemble", "is_end"]

_DONE = "[DONE]"
_NOISE = frozenset({"choices", "object", "obfuscation", "error", "usage"})


def assemble(chunks: Sequence[bytes]) -> Assembled:
    """The whole answer; `[DONE]` ends it, or that all choices finished, where a server omits it."""
    draft = _Draft()
    complete = False
    events = StreamEvents(b"".join(chunks), _grows)
    for event in events:
        if event.data.strip() == _DONE:
            complete = True
        elif event.data:
            draft.add(event)
    return Assembled(
        body=draft.body(complete=complete),
        complete=complete or draft.finished,
        broken=events.broken,
    )


def is_end(chunk: bytes) -> bool:
    """Whether this is `data: [DONE]`."""
    if b"[DONE]" not in chunk:
        return False
    return any(event.data.strip() == _DONE for event in split(chunk))


def _grows(chunk: dict[str, Json]) -> Place | None:
    """The words of a chunk with one choice that says nothing else; all the rest only overwrites."""
    choices = chunk.get("choices")
    choice = choices[0] if isinstance(choices, list) and len(choices) == 1 else None
    delta = as_object(choice).get("delta")
    if not isinstance(choice, dict) or not isinstance(delta, dict) or choice.get("logprobs"):
        return None
    keys = [key for key, value in delta.items() if value not in (None, []) and key != "role"]
    if len(keys) != 1:
        return None
    if keys[0] in CONCATENATED and isinstance(delta[keys[0]], str):
        return delta, keys[0]
    return growing_arguments(delta["tool_calls"]) if keys == ["tool_calls"] else None


class _Draft:
    """The answer so far."""

    def __init__(self) -> None:
        self._top: dict[str, Json] = {}
        self._choices: dict[int, _DraftChoice] = {}
        self._spoke = False

    def add(self, event: StreamEvent) -> None:
        chunk = event.value
        if not isinstance(chunk, dict):
            return
        if error := chunk.get("error") or (chunk if event.event == "error" else None):
            self._top["error"] = error
        for key, value in chunk.items():
            if key not in _NOISE and (key not in self._top or not is_blank(value)):
                self._top[key] = value
        self._add_usage(chunk)
        self._add_choices(chunk.get("choices"))

    @property
    def finished(self) -> bool:
        """Whether there are choices, and each said why it ended."""
        return bool(self._choices) and all(one.finished for one in self._choices.values())

    def body(self, *, complete: bool) -> dict[str, Json]:
        """The plain body; a finish reason that nobody sent is written as an empty one."""
        body = dict(self._top)
        if self._spoke:
            body["object"] = "chat.completion"
            body["choices"] = [
                self._choices[index].body(complete=complete) for index in sorted(self._choices)
            ]
        return body

    def _add_usage(self, chunk: dict[str, Json]) -> None:
        usage = chunk.get("usage") or as_object(chunk.get("x_groq")).get("usage")
        if usage:
            self._top["usage"] = usage

    def _add_choices(self, choices: Json) -> None:
        if not isinstance(choices, list):
            return
        self._spoke = True
        for place, choice in enumerate(choices):
            if isinstance(choice, dict):
                index = choice.get("index")
                number = index if isinstance(index, int) else place
                if number not in self._choices:
                    self._choices[number] = _DraftChoice(number)
                self._choices[number].add(choice)


class _DraftChoice:
    """One choice so far."""

    def __init__(self, index: int) -> None:
        self._rest: dict[str, Json] = {"index": index}
        self._message: dict[str, Json] = {}
        self._calls = Calls()
        self._finish: Json = None

    def add(self, choice: dict[str, Json]) -> None:
        delta = choice.get("delta")
        for key, value in choice.items():
            if key == "logprobs":
                self._add_logprobs(value)
            elif key not in {"delta", "message", "finish_reason", "text", "index"} and (
                key not in self._rest or not is_blank(value)
            ):
                self._rest[key] = value
        if isinstance(delta, dict):
            merge_delta(self._message, delta, self._calls)
        self._finish = choice.get("finish_reason") or self._finish

    @property
    def finished(self) -> bool:
        """Whether a finish reason came."""
        return bool(self._finish)

    def body(self, *, complete: bool) -> dict[str, Json]:
        message = {"role": "assistant", "content": None} | self._message
        if calls := self._calls.whole():
            message["content"] = message["content"] or None
            message["tool_calls"] = calls
        finish = self._finish or ("" if complete else None)
        return self._rest | {"message": message, "finish_reason": finish}

    def _add_logprobs(self, value: Json) -> None:
        known = self._rest.get("logprobs")
        if not isinstance(value, dict):
            self._rest.setdefault("logprobs", value)
            return
        if not isinstance(known, dict):
            self._rest["logprobs"] = {key: _copy(item) for key, item in value.items()}
            return
        for key, item in value.items():
            before = known.get(key)
            if isinstance(before, list) and isinstance(item, list):
                before.extend(item)
            elif item is not None:
                known[key] = _copy(item)


def _copy(value: Json) -> Json:
    return list(value) if isinstance(value, list) else value
