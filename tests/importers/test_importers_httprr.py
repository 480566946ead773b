"""Traces of httprr, as projects in Go record them."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest
from importers.told_logs import calls_in, found_in, one_call, problems_in

from pytest_llmreplay.importers.httprr import HTTPRR
from pytest_llmreplay.importers.source import PassedOver

ASKED = json.dumps({"model": "gpt-4o", "messages": [{"role": "user", "content": "Hi"}]})
SAID = json.dumps(
    {
        "object": "chat.completion",
        "model": "gpt-4o",
        "choices": [{"index": 0, "message": {"role": "assistant", "content": "Yes."}}],
    }
)
PIECES = [
    'data: {"choices": [{"index": 0, "delta": {"content": "Y"}}]}\n\n',
    'data: {"choices": [{"index": 0, "delta": {"content": "es."}}]}\n\ndata: [DONE]\n\n',
]


def request(target: str = "https://api.openai.com/v1/chat/completions") -> bytes:
    """A request; a scrubber has replaced one of its lines, without a carriage return."""
    head = (
        f"POST {target} HTTP/1.1\r\nHost: api.openai.com\r\nUser-Agent: scrubbed\n"
        "Authorization: Bearer test-api-key\r\n\r\n"
    )
    return f"{head}{ASKED}".encode()


def answer(body: str | bytes = SAID, *headers: str) -> bytes:
    """An answer; HTTP/2 is written as if it were HTTP/1."""
    lines = "".join(f"{line}\r\n" for line in ("HTTP/2.0 200 OK", *headers))
    return f"{lines}\r\n".encode() + (body.encode() if isinstance(body, str) else body)


def trace(*pairs: tuple[bytes, bytes]) -> bytes:
    """A file."""
    told = (f"{len(asked)} {len(came)}\n".encode() + asked + came for asked, came in pairs)
    return b"httprr trace v1\n" + b"".join(told)


def written(path: Path, data: bytes) -> Path:
    """A file with these bytes."""
    path.write_bytes(data)
    return path


def chunked(*pieces: str) -> bytes:
    """A body in chunks."""
    told = "".join(f"{len(piece.encode()):x}\r\n{piece}\r\n" for piece in pieces)
    return f"{told}0\r\n\r\n".encode()


@pytest.mark.parametrize(
    "target", ["https://api.openai.com/v1/chat/completions", "/v1/chat/completions"]
)
def test_a_call_is_read(tmp_path: Path, target: str) -> None:
    """As it went over the wire; its key stays outside of the cassette."""
    file = written(tmp_path / "TestChat.httprr", trace((request(target), answer())))
    call, event = one_call(HTTPRR, file)
    assert ("openai", "chat_completions", "wire") == (call.provider, call.api, call.origin)
    assert "https://api.openai.com/v1/chat/completions" == call.exchange.request.url
    assert ("Hi", "Yes.") == (
        getattr(event.request.messages[0].parts[0], "content", None),
        event.response.text,
    )


@pytest.mark.parametrize(
    "came",
    [
        answer("".join(PIECES), "Content-Type: text/event-stream"),
        answer(chunked(*PIECES), "Content-Type: text/event-stream", "Transfer-Encoding: chunked"),
    ],
)
def test_a_stream_is_read_whole_or_in_chunks(tmp_path: Path, came: bytes) -> None:
    """It stays a stream."""
    _, event = one_call(HTTPRR, written(tmp_path / "a.httprr", trace((request(), came))))
    assert ("Yes.", False) == (event.response.text, event.response.truncated)


def test_compressed_traces_and_answers_are_read(tmp_path: Path) -> None:
    """LangChainGo keeps its traces as `.httprr.gz`."""
    came = answer(gzip.compress(SAID.encode()), "Content-Encoding: gzip")
    data = gzip.compress(trace((request(), answer()), (request(), came)))
    calls = calls_in(HTTPRR, written(tmp_path / "a.httprr.gz", data))
    assert 2 == len(calls)
    assert calls[0].exchange.request == calls[1].exchange.request


def test_what_is_no_call_of_a_model_is_counted(tmp_path: Path) -> None:
    """A trace holds all HTTP of a test."""
    pair = (request("https://example.com/search"), answer())
    (found,) = found_in(HTTPRR, written(tmp_path / "a.httprr", trace(pair)))
    assert isinstance(found, PassedOver)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"{}", "a.httprr: is no trace of httprr: it does not begin with `httprr trace v1`"),
        (b"httprr trace v1\nx", "a.httprr: is torn, or was edited: byte 17 begins no whole call"),
        (
            trace((request(), answer()))[:-1],
            "a.httprr: is torn, or was edited: byte 17 begins no whole",
        ),
        (trace((b"", answer())), "a.httprr, call 1: no HTTP request"),
        (trace((request(), b"nothing")), "a.httprr, call 1: no HTTP answer"),
    ],
)
def test_what_is_no_trace_is_told(tmp_path: Path, data: bytes, reason: str) -> None:
    """With the place; calls before it are imported."""
    (problem,) = problems_in(HTTPRR, written(tmp_path / "a.httprr", data))
    assert problem.startswith(reason)
