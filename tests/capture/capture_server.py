"""A model server on loopback that misbehaves on demand; the `model` of a request says how."""

from __future__ import annotations

import asyncio
import gzip
import json
import threading
from collections.abc import Mapping
from typing import Any

from servers.behaviours import hangs, raw, resets
from servers.exchange import Behaviour, Exchange
from servers.provider_server import ProviderServer

WORDS = ["Jobs ", "will ", "change, ", "not ", "vanish."]


def ask(model: str = "ok", text: str = "hi", **more: Any) -> dict[str, Any]:
    """The body of a chat request."""
    return {"model": model, "messages": [{"role": "user", "content": text}], **more}


def ask_bytes(model: str = "ok", text: str = "hi", **more: Any) -> bytes:
    """The same as it is sent."""
    return json.dumps(ask(model, text, **more)).encode()


def chat_answer(text: str, model: str = "ok") -> dict[str, Any]:
    """A plain chat completion."""
    message = {"role": "assistant", "content": text}
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1,
        "model": model,
        "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 3, "completion_tokens": 5, "total_tokens": 8},
    }


def chat_chunks(words: list[str], model: str = "ok") -> list[bytes]:
    """Server-sent events of a chat stream."""

    def chunk(delta: dict[str, Any], finish: str | None = None) -> bytes:
        choice = {"index": 0, "delta": delta, "finish_reason": finish}
        body = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": model}
        return b"data: " + json.dumps({**body, "choices": [choice]}).encode() + b"\n\n"

    deltas = [chunk({"role": "assistant", "content": ""})]
    deltas += [chunk({"content": word}) for word in words]
    return [*deltas, chunk({}, "stop"), b"data: [DONE]\n\n"]


def message_answer(text: str, model: str = "ok") -> dict[str, Any]:
    """A plain Anthropic message."""
    return {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": model,
        "content": [{"type": "text", "text": text}],
        "stop_reason": "end_turn",
        "stop_sequence": None,
        "usage": {"input_tokens": 3, "output_tokens": 5},
    }


def message_chunks(words: list[str], model: str = "ok") -> list[bytes]:
    """Server-sent events of an Anthropic stream."""

    def event(kind: str, **fields: Any) -> bytes:
        return f"event: {kind}\ndata: {json.dumps({'type': kind, **fields})}\n\n".encode()

    start = {**message_answer("", model), "content": [], "stop_reason": None}
    block = {"type": "text", "text": ""}
    deltas = [
        event("content_block_delta", index=0, delta={"type": "text_delta", "text": word})
        for word in words
    ]
    return [
        event("message_start", message=start),
        event("content_block_start", index=0, content_block=block),
        *deltas,
        event("content_block_stop", index=0),
        event("message_delta", delta={"stop_reason": "end_turn"}, usage={"output_tokens": 5}),
        event("message_stop"),
    ]


class ModelServer(ProviderServer):
    """Answers chat completions and messages by the model that is asked for."""

    def __init__(self) -> None:
        super().__init__(self._answer)
        self.pause = 0.0
        """Seconds behind each piece of a stream."""
        self.holds = False
        """Whether a stream stops behind its first piece until `go_on` is set."""
        self.go_on = threading.Event()

    @property
    def chat(self) -> str:
        """Where chat completions are asked for."""
        return f"{self.openai}/chat/completions"

    @property
    def hits(self) -> list[str]:
        """The path of each request."""
        return [seen.path for seen in self.seen]

    @property
    def bodies(self) -> list[bytes]:
        """What was posted."""
        return [seen.body for seen in self.seen if seen.method == "POST"]

    def reset(self) -> None:
        """Forget what was seen, and behave again."""
        super().reset()
        self.connections, self.pause, self.holds = 0, 0.0, False
        self.go_on.clear()

    async def _answer(self, exchange: Exchange) -> None:
        if exchange.seen.method == "GET":
            await exchange.json({"models": []})
            return
        asked = exchange.seen.json if isinstance(exchange.seen.json, dict) else {}
        model = str(asked.get("model", "ok"))
        messages = exchange.seen.api == "messages"
        if exchange.seen.streams:
            await self._stream(
                exchange, (message_chunks if messages else chat_chunks)(WORDS, model)
            )
        elif (behave := _MISBEHAVING.get(model.partition("-")[0])) is not None:
            await behave(exchange)
        else:
            await exchange.json((message_answer if messages else chat_answer)(_echo(asked), model))

    async def _stream(self, exchange: Exchange, chunks: list[bytes]) -> None:
        model = exchange.seen.json.get("model")
        await exchange.chunked([], finish=False)
        for number, chunk in enumerate(chunks):
            if number == _BROKEN and model == "cut":
                exchange.close()
                return
            if number == _BROKEN and model == "hang":
                await hangs(exchange)
            while self.holds and number == 1 and not self.go_on.is_set():  # noqa: ASYNC110  # by a thread
                await asyncio.sleep(0.01)
            await exchange.more([chunk], finish=False)
            await asyncio.sleep(self.pause)
        await exchange.more([])


_BROKEN = 4
"""The piece at which a stream of `cut` or `hang` breaks."""


def _echo(asked: Mapping[str, Any]) -> str:
    messages = asked.get("messages") or [{"content": "hello"}]
    return f"you said: {messages[-1]['content']}"


async def _packed(exchange: Exchange) -> None:
    answer = json.dumps(chat_answer(_echo(exchange.seen.json))).encode()
    await exchange.plain(gzip.compress(answer), headers={"content-encoding": "gzip"})


async def _empty(exchange: Exchange) -> None:
    await exchange.plain(b"", status=204)


async def _circle(exchange: Exchange) -> None:
    await exchange.plain(b"", status=307, headers={"location": exchange.seen.path})


async def _begun(exchange: Exchange) -> None:
    await exchange.plain(b'{"id": ', headers={"content-length": "1000"})


async def _stalled(exchange: Exchange) -> None:
    await _begun(exchange)
    await hangs(exchange)


async def _short(exchange: Exchange) -> None:
    await _begun(exchange)
    exchange.close()


_MISBEHAVING: Mapping[str, Behaviour] = {
    "gzip": _packed,
    "busy": raw(b'{"error": {"message": "slow down"}}', status=429, retry_after_ms="1"),
    "reset": resets,
    "garbled": raw(b"{}", content_length="two"),
    "circle": _circle,
    "hang": hangs,
    "empty": _empty,
    "stall": _stalled,
    "short": _short,
}
"""By the first word of a model's name; only of plain answers."""
