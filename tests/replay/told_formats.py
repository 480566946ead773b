"""Conversations as each API format tells them, written by hand and apart from the package."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from pytest_llmreplay.event import Event, Exchange, HttpRequest, HttpResponse, JsonBody
from pytest_llmreplay.providers.registry import decoder_of

__all__ = ["FORMATS", "Call", "Gemini", "NamedGemini", "ToldFormat", "told_event"]

NAME = "lookup"


@dataclass(frozen=True, slots=True)
class Call:
    """A call of the tool `lookup`."""

    city: str
    id: str
    """Formats without ids leave it out."""


class ToldFormat(Protocol):
    """One API format."""

    api: str
    path: str

    def body(self, entries: list[Any]) -> dict[str, Any]:
        """A request."""
        ...

    def entries(self, body: Any) -> list[Any]:
        """The conversation of a request."""
        ...

    def user(self, text: str) -> Any:
        """What the user says."""
        ...

    def model(self, text: str = "", calls: Sequence[Call] = ()) -> Any:
        """What the model said, as a request tells it."""
        ...

    def results(self, *told: tuple[Call, str]) -> list[Any]:
        """What the tool answered to the calls of one turn."""
        ...

    def answer(self, text: str = "", calls: Sequence[Call] = ()) -> Any:
        """What the model says, as a plain answer tells it."""
        ...


class Gemini:
    """Google's format; calls have no ids."""

    api = "generate_content"
    path = "/v1beta/models/m:generateContent"

    def body(self, entries: list[Any]) -> dict[str, Any]:
        """The model stands in the path."""
        return {"contents": entries, "systemInstruction": {"parts": [{"text": "Be brief."}]}}

    def entries(self, body: Any) -> list[Any]:
        """`contents`."""
        return list(body["contents"])

    def user(self, text: str) -> Any:
        """A turn of one part."""
        return {"role": "user", "parts": [{"text": text}]}

    def model(self, text: str = "", calls: Sequence[Call] = ()) -> Any:
        """A signature has to go back where it came from."""
        words = [{"text": text}] if text else []
        asked = [
            {
                "functionCall": {"name": NAME, "args": {"city": call.city}},
                "thoughtSignature": call.id,
            }
            for call in calls
        ]
        return {"role": "model", "parts": [*words, *asked]}

    def results(self, *told: tuple[Call, str]) -> list[Any]:
        """All in one turn."""
        parts = [
            {"functionResponse": {"name": NAME, "response": {"result": text}}} for _, text in told
        ]
        return [{"role": "user", "parts": parts}]

    def answer(self, text: str = "", calls: Sequence[Call] = ()) -> Any:
        """One candidate."""
        return {"candidates": [{"content": self.model(text, calls), "finishReason": "STOP"}]}


class SnakeGemini(Gemini):
    """The same as older clients write it: keys in snake_case."""

    def body(self, entries: list[Any]) -> dict[str, Any]:
        """The model stands in the path."""
        return {"contents": entries, "system_instruction": {"parts": [{"text": "Be brief."}]}}

    def results(self, *told: tuple[Call, str]) -> list[Any]:
        """All in one turn."""
        parts = [
            {"function_response": {"name": NAME, "response": {"result": text}}} for _, text in told
        ]
        return [{"role": "user", "parts": parts}]


class NamedGemini(Gemini):
    """The same with ids of calls, as newer models give them."""

    def model(self, text: str = "", calls: Sequence[Call] = ()) -> Any:
        """The id stands in the call."""
        words = [{"text": text}] if text else []
        asked = [
            {"functionCall": {"id": call.id, "name": NAME, "args": {"city": call.city}}}
            for call in calls
        ]
        return {"role": "model", "parts": [*words, *asked]}

    def results(self, *told: tuple[Call, str]) -> list[Any]:
        """Each with the id of its call."""
        parts = [
            {"functionResponse": {"id": call.id, "name": NAME, "response": {"result": text}}}
            for call, text in told
        ]
        return [{"role": "user", "parts": parts}]


class PlainMessages:
    """What Ollama's chat, Cohere's and OpenAI's have in common."""

    def body(self, entries: list[Any]) -> dict[str, Any]:
        """No stream, said outright: Ollama streams unless told otherwise."""
        return {"model": "m", "stream": False, "messages": entries}

    def entries(self, body: Any) -> list[Any]:
        """`messages`."""
        return list(body["messages"])

    def user(self, text: str) -> Any:
        """Plain words."""
        return {"role": "user", "content": text}


class Ollama(PlainMessages):
    """Ollama's chat; calls have no ids."""

    api = "ollama_chat"
    path = "/api/chat"

    def model(self, text: str = "", calls: Sequence[Call] = ()) -> Any:
        """Arguments are an object."""
        asked = [{"function": {"name": NAME, "arguments": {"city": call.city}}} for call in calls]
        return {"role": "assistant", "content": text} | ({"tool_calls": asked} if asked else {})

    def results(self, *told: tuple[Call, str]) -> list[Any]:
        """A message each."""
        return [{"role": "tool", "tool_name": NAME, "content": text} for _, text in told]

    def answer(self, text: str = "", calls: Sequence[Call] = ()) -> Any:
        """One message."""
        return {
            "model": "m",
            "message": self.model(text, calls),
            "done": True,
            "done_reason": "stop",
        }


class NamelessOllama(Ollama):
    """The same as older clients write it: a result says nothing of its tool."""

    def results(self, *told: tuple[Call, str]) -> list[Any]:
        """A message each."""
        return [{"role": "tool", "content": text} for _, text in told]


class Cohere(PlainMessages):
    """Cohere's chat; a plan stands before the calls."""

    api = "cohere_chat"
    path = "/v2/chat"

    def model(self, text: str = "", calls: Sequence[Call] = ()) -> Any:
        """Arguments are JSON text."""
        words = {"content": [{"type": "text", "text": text}]} if text else {}
        asked = [
            {
                "id": call.id,
                "type": "function",
                "function": {"name": NAME, "arguments": json.dumps({"city": call.city})},
            }
            for call in calls
        ]
        plan = {"tool_plan": "I will look.", "tool_calls": asked} if asked else {}
        return {"role": "assistant"} | words | plan

    def results(self, *told: tuple[Call, str]) -> list[Any]:
        """A message each, which holds a document."""
        return [
            {
                "role": "tool",
                "tool_call_id": call.id,
                "content": [{"type": "document", "document": {"data": json.dumps({"is": text})}}],
            }
            for call, text in told
        ]

    def answer(self, text: str = "", calls: Sequence[Call] = ()) -> Any:
        """One message."""
        ending = "TOOL_CALL" if calls else "COMPLETE"
        return {"id": "1", "message": self.model(text, calls), "finish_reason": ending}


class Converse:
    """Bedrock's format."""

    api = "converse"
    path = "/model/m/converse"

    def body(self, entries: list[Any]) -> dict[str, Any]:
        """The model stands in the path."""
        return {"messages": entries, "system": [{"text": "Be brief."}]}

    def entries(self, body: Any) -> list[Any]:
        """`messages`."""
        return list(body["messages"])

    def user(self, text: str) -> Any:
        """One block."""
        return {"role": "user", "content": [{"text": text}]}

    def model(self, text: str = "", calls: Sequence[Call] = ()) -> Any:
        """Blocks."""
        words = [{"text": text}] if text else []
        asked = [
            {"toolUse": {"toolUseId": call.id, "name": NAME, "input": {"city": call.city}}}
            for call in calls
        ]
        return {"role": "assistant", "content": [*words, *asked]}

    def results(self, *told: tuple[Call, str]) -> list[Any]:
        """All in one message."""
        blocks = [
            {"toolResult": {"toolUseId": call.id, "content": [{"text": text}], "status": "success"}}
            for call, text in told
        ]
        return [{"role": "user", "content": blocks}]

    def answer(self, text: str = "", calls: Sequence[Call] = ()) -> Any:
        """One message."""
        ending = "tool_use" if calls else "end_turn"
        return {"output": {"message": self.model(text, calls)}, "stopReason": ending}


class Nova(Converse):
    """The same as Nova is asked by Bedrock's invoke."""

    api = "invoke"
    path = "/model/m/invoke"

    def body(self, entries: list[Any]) -> dict[str, Any]:
        """In an envelope of its own."""
        return {"schemaVersion": "messages-v1", **super().body(entries)}


class Jamba(PlainMessages):
    """Chat completions as AI21's models are asked by Bedrock's invoke."""

    api = "invoke"
    path = "/model/m/invoke"

    def model(self, text: str = "", calls: Sequence[Call] = ()) -> Any:
        """Words and calls side by side."""
        asked = [
            {
                "id": call.id,
                "type": "function",
                "function": {"name": NAME, "arguments": json.dumps({"city": call.city})},
            }
            for call in calls
        ]
        told = {"tool_calls": asked} if asked else {}
        return {"role": "assistant", "content": text or None, **told}

    def results(self, *told: tuple[Call, str]) -> list[Any]:
        """One message each."""
        return [{"role": "tool", "tool_call_id": call.id, "content": text} for call, text in told]

    def answer(self, text: str = "", calls: Sequence[Call] = ()) -> Any:
        """One choice."""
        ending = "tool_calls" if calls else "stop"
        return {
            "choices": [{"index": 0, "message": self.model(text, calls), "finish_reason": ending}]
        }


FORMATS: tuple[ToldFormat, ...] = (
    Gemini(),
    SnakeGemini(),
    NamedGemini(),
    Ollama(),
    NamelessOllama(),
    Cohere(),
    Converse(),
    Nova(),
    Jamba(),
)
"""Formats beside OpenAI's and Anthropic's, in the dialects that clients write."""


def told_event(told: ToldFormat, number: int, entries: list[Any], answer: Any) -> Event:
    """An event of a format."""
    request = HttpRequest(
        method="POST",
        url=f"http://127.0.0.1:1{told.path}",
        headers={},
        body=JsonBody(value=told.body(entries)),
    )
    response = HttpResponse(status=200, headers={}, body=JsonBody(value=answer))
    return Event(
        number=number,
        provider="local",
        model="m",
        api=told.api,
        exchange=Exchange(request=request, response=response),
        decoder=decoder_of(told.api),
    )
