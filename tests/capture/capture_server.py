"""A model server on loopback that misbehaves on demand; the `model` of a request says how."""

from __future__ import annotations

import gzip
import json
import socket
import struct
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

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


class _Asked(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: ModelServer

    def log_message(self, *_args: Any) -> None:
        """Say nothing."""

    def setup(self) -> None:
        super().setup()
        self.server.connections += 1
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def do_GET(self) -> None:
        self.server.hits.append(self.path)
        self._send(b'{"models": []}')

    def do_POST(self) -> None:
        sent = self._body()
        self.server.hits.append(self.path)
        self.server.bodies.append(sent)
        try:
            body = json.loads(sent)
        except ValueError:
            body = {}
        model = str(body.get("model", "ok"))
        messages = "messages" in self.path
        misbehave = getattr(self, f"_{model.split('-', maxsplit=1)[0]}", None)
        if misbehave is not None and not body.get("stream"):
            misbehave(body)
        elif body.get("stream"):
            chunks = (message_chunks if messages else chat_chunks)(WORDS, model)
            self._stream(chunks, model)
        else:
            answer = (message_answer if messages else chat_answer)(self._echo(body), model)
            self._send(json.dumps(answer).encode())

    def _body(self) -> bytes:
        if self.headers.get("transfer-encoding") == "chunked":
            data = b""
            while size := int(self.rfile.readline(), 16):
                data += self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
            return data
        return self.rfile.read(int(self.headers.get("content-length", 0)))

    @staticmethod
    def _echo(body: dict[str, Any]) -> str:
        messages = body.get("messages") or [{"content": "hello"}]
        return f"you said: {messages[-1]['content']}"

    def _send(self, data: bytes, status: int = 200, **headers: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(data)

    def _gzip(self, body: dict[str, Any]) -> None:
        answer = json.dumps(chat_answer(self._echo(body))).encode()
        self._send(gzip.compress(answer), content_encoding="gzip")

    def _busy(self, _body: dict[str, Any]) -> None:
        self._send(b'{"error": {"message": "slow down"}}', 429, retry_after_ms="1")

    def _reset(self, _body: dict[str, Any]) -> None:
        linger = struct.pack("ii", 1, 0)
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self.close_connection = True
        self.connection.close()

    def _hang(self, _body: dict[str, Any]) -> None:
        self.server.stopping.wait(5)
        self.close_connection = True

    def _empty(self, _body: dict[str, Any]) -> None:
        self.send_response(204)
        self.end_headers()

    def _stall(self, _body: dict[str, Any]) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "1000")
        self.end_headers()
        self.wfile.write(b'{"id": ')
        self.wfile.flush()
        self.server.stopping.wait(5)
        self.close_connection = True

    def _short(self, _body: dict[str, Any]) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "1000")
        self.end_headers()
        self.wfile.write(b'{"id": ')
        self.close_connection = True

    def _stream(self, chunks: list[bytes], model: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for number, chunk in enumerate(chunks):
            if model == "cut" and number == 4:
                self.wfile.flush()
                self.close_connection = True
                return
            if model == "hang" and number == 4:
                self.server.stopping.wait(5)
                self.close_connection = True
                return
            if self.server.holds and number == 1 and not self.server.seen.wait(10):
                self.close_connection = True
                return
            if not self._write(chunk):
                return
            time.sleep(self.server.pause)
        self.wfile.write(b"0\r\n\r\n")

    def _write(self, chunk: bytes) -> bool:
        try:
            self.wfile.write(b"%x\r\n%b\r\n" % (len(chunk), chunk))
            self.wfile.flush()
        except OSError:
            self.close_connection = True
            return False
        return True


class ModelServer(ThreadingHTTPServer):
    """Answers chat completions and messages; counts what reaches it."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Asked)
        self.hits: list[str] = []
        self.bodies: list[bytes] = []
        self.connections = 0
        self.pause = 0.0
        self.stopping = threading.Event()
        self.holds = False
        """Whether a stream stops behind its first piece until a reader says that it has come."""
        self.seen = threading.Event()
        """Set by that reader."""

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes away is what some tests do."""

    @property
    def url(self) -> str:
        """Base URL without a path."""
        return f"http://127.0.0.1:{self.server_address[1]}"

    @property
    def chat(self) -> str:
        """Where chat completions are asked for."""
        return f"{self.url}/v1/chat/completions"
