"""A chat completions stream, read and told piece by piece, while it comes."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass

from pytest_llmreplay.event import Json, Response
from pytest_llmreplay.providers.deltas.delta import (
    Arguments,
    Begins,
    CallBegins,
    Delta,
    Words,
    words_of,
)
from pytest_llmreplay.providers.fields import Fields, as_list, as_text
from pytest_llmreplay.providers.json_values import compact_json
from pytest_llmreplay.providers.streams.writing import event_bytes
from pytest_llmreplay.providers.tools.custom_tools import CUSTOM

from .delta import Calls
from .encode import encode_answer
from .message import read_content, read_message_parts

__all__ = ["ChatReader", "ChatWriter"]

_DONE = b"data: [DONE]\n\n"
_KEYS = {"text": "content", "reasoning": "reasoning_content", "refusal": "refusal"}


class ChatReader:
    """Reads the first choice of a stream; a request of another format asks for no more."""

    def __init__(self) -> None:
        self._begun = False
        self._calls = Calls()
        self._told: list[str] = []
        """Arguments told so far, of each call."""

    def read(self, data: dict[str, Json]) -> Iterator[Delta]:
        """The deltas of a chunk."""
        if not self._begun and "choices" in data:
            self._begun = True
            yield Begins(as_text(data.get("model")))
        delta = Fields(_first_choice(data).get("delta"))
        calls = delta.items("tool_calls")
        for part in read_message_parts(delta, read_content):
            if (words := words_of(part)) is not None and words.text:
                yield words
        self._calls.add(calls)
        if calls:
            yield from self._of_calls()

    def _of_calls(self) -> Iterator[Delta]:
        """What is new of the calls; one begins when its name is known."""
        for place, call in enumerate(self._calls.so_far):
            custom = call.get("type") == CUSTOM
            function = Fields(call.get(CUSTOM if custom else "function"))
            arguments = _text(function.rest.get("input" if custom else "arguments"))
            if place == len(self._told):
                if (name := function.text("name")) is None:
                    return
                self._told.append("")
                yield CallBegins(place, as_text(call.get("id")), name, custom)
            if more := arguments[len(self._told[place]) :]:
                self._told[place] = arguments
                yield Arguments(place, more)


def _text(arguments: Json) -> str:
    """Arguments as text; some servers tell the object."""
    return compact_json(arguments) if isinstance(arguments, dict) else as_text(arguments) or ""


@dataclass(frozen=True, slots=True)
class _Call:
    """A call that is told."""

    index: int
    id: str
    name: str
    custom: bool

    def begins(self) -> Json:
        """The delta that opens it, before what it is given."""
        kind, key = self._place
        head: dict[str, Json] = {"index": self.index, "id": self.id, "type": kind}
        return {"tool_calls": [{**head, kind: {"name": self.name, key: ""}}]}

    def goes_on(self, text: str) -> Json:
        """The delta that tells more of what it is given."""
        kind, key = self._place
        return {"tool_calls": [{"index": self.index, kind: {key: text}}]}

    @property
    def _place(self) -> tuple[str, str]:
        return (CUSTOM, "input") if self.custom else ("function", "arguments")


class ChatWriter:
    """Tells an answer in chunks.

    Args:
        usage: Whether usage was asked for; a client that did not ask trips over its chunk.
    """

    def __init__(self, *, usage: bool) -> None:
        self._usage = usage
        self._calls: dict[int, _Call] = {}
        self._base: dict[str, Json] = {
            "id": f"chatcmpl-{uuid.uuid4().hex}",
            "object": "chat.completion.chunk",
            "created": int(time.time()),
            "model": "",
        }

    def write(self, delta: Delta) -> Iterator[bytes]:
        """The chunk that says this."""
        match delta:
            case Begins(model):
                self._base["model"] = model or ""
                yield self._chunk({"role": "assistant", "content": ""})
            case Words(kind, text):
                yield self._chunk({_KEYS[kind]: text})
            case CallBegins(place, call_id, name, custom):
                known = call_id or f"call_{uuid.uuid4().hex[:24]}"
                call = self._calls[place] = _Call(len(self._calls), known, name, custom)
                yield self._chunk(call.begins())
            case Arguments(place, text) if place in self._calls:
                yield self._chunk(self._calls[place].goes_on(text))
            case _:
                pass

    def end(self, response: Response) -> Iterator[bytes]:
        """The last chunks: citations, finish reason, and usage where it was asked for."""
        body = encode_answer(response)
        choice = _first_choice(body)
        if notes := Fields(choice.get("message")).items("annotations"):
            yield self._chunk({"annotations": notes})
        yield self._chunk({}, choice.get("finish_reason") or "stop")
        if self._usage and body.get("usage"):
            yield event_bytes({**self._base, "choices": [], "usage": body["usage"]})
        yield _DONE

    def _chunk(self, delta: Json, finish: Json = None) -> bytes:
        choice: Json = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
        return event_bytes({**self._base, "choices": [choice]})


def _first_choice(body: dict[str, Json]) -> dict[str, Json]:
    known = as_list(body.get("choices"))
    found = (one for one in known if isinstance(one, dict) and not one.get("index"))
    return next(found, {})
