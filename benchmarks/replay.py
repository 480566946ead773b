"""How close a replay comes to the time that the server needs, and what it costs in CPU.

    python benchmarks/replay.py [--events 1024] [--concurrency 64] [--rounds 3] [--streams]

A server in a process of its own answers every call after 250 ms. Each way to ask it runs in a
fresh process, one after the other, round by round; the table shows the best round of each. Wall
time runs from the first request that the server sees to the last answer that was judged.

* ideal: events / concurrency waves of 250 ms
* loop: bodies in memory, the SDK's `post`, nothing else
* program: what one would write by hand: read the cassettes with PyYAML, N workers on the same SDK,
  compare the answers
* engine: this package without pytest: read the cassettes, send, decode, compare

With `--streams` every answer is a stream of 200 chunks.
"""

# ruff: noqa: PLC0415 - every way is charged for its own imports, and for no other's

from __future__ import annotations

import argparse
import asyncio
import json
import os
import re
import resource
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from pytest_process import pytest_run

LATENCY = 0.25
PER_FILE = 32
PIECES = 200
BURSTS = 10
WORDS = "The committee noted that heating costs fell in most of the districts it had surveyed. "

ANSWER = {
    "id": "chatcmpl-1",
    "object": "chat.completion",
    "created": 1790000000,
    "model": "gpt-5-mini-2026-08-14",
    "choices": [
        {
            "index": 0,
            "message": {"role": "assistant", "content": WORDS * 10, "refusal": None},
            "finish_reason": "stop",
        }
    ],
    "usage": {"prompt_tokens": 300, "completion_tokens": 150, "total_tokens": 450},
}


def body_of(number: int, *, stream: bool) -> dict[str, Any]:
    """A request of about 2 kB, different for every event."""
    messages = [
        {"role": "system", "content": WORDS * 8},
        {"role": "user", "content": f"Question {number}. {WORDS * 12}"},
    ]
    body: dict[str, Any] = {"model": "gpt-5-mini", "messages": messages, "max_tokens": 400}
    return body | {"stream": True} if stream else body


def stream_pieces() -> list[bytes]:
    """The answer as 200 server-sent events."""
    words = (WORDS * 14).split(" ")[:PIECES]
    pieces = [_piece({"content": f"{word} "}) for word in words]
    pieces += [_piece({}, "stop"), b"data: [DONE]\n\n"]
    return pieces


def _piece(delta: dict[str, str], reason: str | None = None) -> bytes:
    chunk = {
        "id": "chatcmpl-1",
        "object": "chat.completion.chunk",
        "created": 1790000000,
        "model": "gpt-5-mini-2026-08-14",
        "choices": [{"index": 0, "delta": delta, "finish_reason": reason}],
    }
    return f"data: {json.dumps(chunk)}\n\n".encode()


# The server


class Server(asyncio.Protocol):
    """Answers every request after 250 ms, on as many connections as come."""

    first: float | None = None
    """When the first request came, since somebody asked for it."""

    def __init__(self) -> None:
        plain = json.dumps(ANSWER).encode()
        self.plain = (
            b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%s"
        ) % (len(plain), plain)
        self.head = (
            b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n"
            b"transfer-encoding: chunked\r\n\r\n"
        )
        pieces = stream_pieces()
        step = -(-len(pieces) // BURSTS)
        framed = [b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces]
        self.bursts = [b"".join(framed[at : at + step]) for at in range(0, len(framed), step)]
        self.bursts[-1] += b"0\r\n\r\n"
        self.read = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the way back."""
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        """Answer when a whole request is here."""
        if data.startswith(b"GET "):
            told = json.dumps(Server.first).encode()
            Server.first = None
            self.transport.write(
                b"HTTP/1.0 200 OK\r\ncontent-length: %d\r\n\r\n%s" % (len(told), told)
            )
            self.transport.close()
            return
        if Server.first is None:
            Server.first = time.time()
        self.read += data
        head, gap, body = self.read.partition(b"\r\n\r\n")
        found = re.search(rb"content-length: (\d+)", head, re.IGNORECASE)
        if not gap or found is None or len(body) < int(found[1]):
            return
        self.read = b""
        loop = asyncio.get_running_loop()
        if b'"stream":' not in body:
            loop.call_later(LATENCY, self.transport.write, self.plain)
            return
        self.transport.write(self.head)
        for number, burst in enumerate(self.bursts, 1):
            loop.call_later(LATENCY * number / len(self.bursts), self.transport.write, burst)


async def serve() -> None:
    """Listen for ever; say where."""
    server = await asyncio.get_running_loop().create_server(Server, "127.0.0.1", 0, backlog=1024)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


# The cassettes


def write_cassettes(folder: Path, events: int, *, stream: bool) -> None:
    """What a recording of these calls would have left, 32 events in a file."""
    from pytest_llmreplay.cassette.documents.header import Header, header_text
    from pytest_llmreplay.cassette.documents.layout import event_text

    for start in range(0, events, PER_FILE):
        header = Header(test=f"tests/test_{start}.py::test")
        texts = [header_text(header)]
        for number in range(start, min(events, start + PER_FILE)):
            event = _event(number - start + 1, body_of(number, stream=stream), stream=stream)
            texts.append(event_text(event, header=header))
        (folder / f"{start:06d}.yaml").write_text("".join(texts))


def _event(number: int, body: dict[str, Any], *, stream: bool) -> Any:
    from pytest_llmreplay import event as said
    from pytest_llmreplay.providers.registry import decoder_of

    request = said.HttpRequest(
        method="POST",
        url="https://api.openai.com/v1/chat/completions",
        headers={"content-type": "application/json"},
        body=said.JsonBody(value=body),
    )
    answer: said.JsonBody | said.StreamBody = said.JsonBody(value=ANSWER)  # type: ignore[arg-type]
    if stream:
        chunks = [said.Chunk(at=i / 1000, data=piece) for i, piece in enumerate(stream_pieces())]
        answer = said.StreamBody(chunks=tuple(chunks))
    kind = "text/event-stream" if stream else "application/json"
    response = said.HttpResponse(status=200, headers={"content-type": kind}, body=answer)
    return said.Event(
        number=number,
        provider="openai",
        model="gpt-5-mini",
        api="chat_completions",
        exchange=said.Exchange(request=request, response=response),
        decoder=decoder_of("chat_completions"),
    )


# The ways to ask


def run_engine(folder: Path, url: str, concurrency: int) -> float:
    """This package, without pytest."""
    from pytest_llmreplay.cassette.cassette import Cassette
    from pytest_llmreplay.replay.calls.decode import replayed_event
    from pytest_llmreplay.replay.calls.result import Reply
    from pytest_llmreplay.replay.overrides import Overrides
    from pytest_llmreplay.replay.requests.request import prepare
    from pytest_llmreplay.replay.sending.engine import Engine
    from pytest_llmreplay.replay.sending.job import Job
    from pytest_llmreplay.replay.targets.endpoints import Endpoints
    from pytest_llmreplay.replay.targets.target import TargetSettings, resolve

    target = resolve("same", TargetSettings(base_url=url))
    endpoints, overrides = Endpoints({}), Overrides()
    entries = [
        (cassette, index)
        for cassette in (Cassette.load(path) for path in sorted(folder.glob("*.yaml")))
        for index in range(len(cassette.events))
    ]
    loaded: dict[int, Any] = {}

    def prepared(place: int) -> Any:
        cassette, index = entries[place]
        loaded[place] = cassette.events[index]
        return prepare(loaded[place], target, overrides, endpoints)

    jobs = [Job(target="same", prepare=partial(prepared, place)) for place in range(len(entries))]
    with Engine(concurrency=concurrency, timeout=60) as engine:
        engine.start(jobs)
        for place, job in enumerate(jobs):
            reply = engine.result(job)
            assert isinstance(reply, Reply), reply
            event = loaded.pop(place)
            replayed = replayed_event(event, reply, target="same")
            assert replayed.response.text == event.response.text
            engine.release(job)
        return time.time()


async def run_loop(bodies: list[dict[str, Any]], url: str, concurrency: int) -> float:
    """The SDK's raw `post`, and nothing else."""
    import openai

    http = sys.modules["httpx2" if "httpx2" in sys.modules else "httpx"]
    queue: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    for body in bodies:
        queue.put_nowait(body)
    async with openai.AsyncOpenAI(api_key="x", base_url=url, http_client=_fast(openai)) as client:

        async def work() -> None:
            while not queue.empty():
                body = queue.get_nowait()
                stream = "stream" in body
                reply: Any = await client.post(
                    "/chat/completions",
                    cast_to=http.Response,
                    body=body,
                    options={"max_retries": 0},
                    stream=stream,
                    stream_cls=None,
                )
                if stream:
                    async for _ in reply.aiter_raw():
                        pass

        await asyncio.gather(*(work() for _ in range(concurrency)))
        return time.time()


def read_by_hand(folder: Path) -> list[dict[str, Any]]:
    """All events, as PyYAML reads them."""
    import yaml

    events: list[dict[str, Any]] = []
    for path in sorted(folder.glob("*.yaml")):
        with path.open(encoding="utf-8") as file:
            events += list(yaml.load_all(file, Loader=yaml.CSafeLoader))[1:]
    return events


async def run_program(events: list[dict[str, Any]], url: str, concurrency: int) -> float:
    """What one would write by hand."""
    import openai

    queue: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    for event in events:
        queue.put_nowait(event)
    async with openai.AsyncOpenAI(api_key="x", base_url=url, http_client=_fast(openai)) as client:

        async def work() -> None:
            while not queue.empty():
                event = queue.get_nowait()
                body = event["request"]["body"]
                answer: Any = await client.chat.completions.create(**body)
                if "stream" in body:
                    assert event["answer"][0]["text"] == await _collected(answer)
                else:
                    recorded = event["response"]["body"]["choices"][0]["message"]["content"]
                    assert recorded == answer.choices[0].message.content

        await asyncio.gather(*(work() for _ in range(concurrency)))
        return time.time()


async def _collected(stream: AsyncIterator[Any]) -> str:
    parts = [chunk.choices[0].delta.content or "" async for chunk in stream if chunk.choices]
    return "".join(parts)


def _fast(openai: Any) -> Any:
    """The same transport that the engine takes, where it is installed."""
    try:
        return openai.DefaultAioHttpClient()
    except RuntimeError:
        return None


# One run of one way, and the table


def run_one(way: str, folder: Path, url: str, args: argparse.Namespace) -> None:
    """Run one way in this process; print when it ended and its CPU seconds."""
    if way == "engine":
        ended = run_engine(folder, url, args.concurrency)
    elif way == "program":
        ended = asyncio.run(run_program(read_by_hand(folder), url, args.concurrency))
    else:
        bodies = [body_of(number, stream=args.streams) for number in range(args.events)]
        ended = asyncio.run(run_loop(bodies, url, args.concurrency))
    used = resource.getrusage(resource.RUSAGE_SELF)
    print(json.dumps({"ended": ended, "cpu": used.ru_utime + used.ru_stime}))


@contextmanager
def server() -> Iterator[str]:
    """The server in a process of its own."""
    process = subprocess.Popen([sys.executable, __file__, "--serve"], stdout=subprocess.PIPE)
    assert process.stdout is not None
    try:
        yield f"http://127.0.0.1:{int(process.stdout.readline())}/v1"
    finally:
        process.kill()
        process.wait()


def measure(way: str, folder: Path, url: str, args: argparse.Namespace) -> dict[str, float]:
    """Run one way in a fresh process."""
    command = [sys.executable, __file__, "--way", way, "--folder", str(folder), "--url", url]
    command += ["--events", str(args.events), "--concurrency", str(args.concurrency)]
    command += ["--streams"] * args.streams
    environ = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])}
    first_request(url)
    done = subprocess.run(command, env=environ, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(done.stderr)
    told = json.loads(done.stdout.splitlines()[-1])
    return {"wall": told["ended"] - first_request(url), "cpu": told["cpu"]}


CONFTEST = """
import time
import pytest

@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtestloop(session):
    try:
        return (yield)
    finally:
        print(f"\\nended={time.time()}")
"""


def measure_pytest(project: Path, url: str, args: argparse.Namespace) -> dict[str, float]:
    """The plugin, in a pytest process of its own."""
    first_request(url)
    used = pytest_run(
        project,
        *("--llm-replay", "--llm-model", "same", "--llm-base-url", url),
        *("--llm-concurrency", str(args.concurrency), "-s"),
        *("--llm-check", "text"),
    )
    ended = float(used.said.rpartition("ended=")[2].split()[0])
    return {"wall": ended - first_request(url), "cpu": used.processor}


def first_request(url: str) -> float:
    """When the server saw the first request since this was asked."""
    with urllib.request.urlopen(url.removesuffix("/v1")) as answer:
        return json.loads(answer.read()) or 0.0


def table(best: dict[str, dict[str, float]], args: argparse.Namespace) -> None:
    """Print all ways side by side."""
    ideal = -(-args.events // args.concurrency) * LATENCY
    loop, program = best["loop"], best["program"]
    print(f"{args.events} events, {args.concurrency} in flight, server at {LATENCY * 1000:.0f} ms")
    print(
        f"{'':10}{'wall s':>9}{'÷ ideal':>9}{'÷ loop':>9}{'CPU s':>9}{'÷ program':>11}{'÷ loop':>9}"
    )
    print(f"{'ideal':10}{ideal:10.3f}{1:10.3f}")
    for way, got in best.items():
        wall, cpu = got["wall"], got["cpu"]
        print(
            f"{way:10}{wall:10.3f}{wall / ideal:10.3f}{wall / loop['wall']:10.3f}"
            f"{cpu:10.2f}{cpu / program['cpu']:10.2f}{cpu / loop['cpu']:10.2f}"
        )


def main() -> None:
    """Measure, or be one of the processes that are measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=1024)
    parser.add_argument("--concurrency", type=int, default=64)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--streams", action="store_true")
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--way", help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--url", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.serve:
        asyncio.run(serve())
    elif args.way:
        run_one(args.way, args.folder, args.url, args)
    else:
        compare_all(args)


def compare_all(args: argparse.Namespace) -> None:
    """All ways, in turns, so that a busy machine is unfair to none of them."""
    best: dict[str, dict[str, float]] = {}
    with tempfile.TemporaryDirectory() as name, server() as url:
        folder = Path(name) / "cassettes"
        folder.mkdir()
        (Path(name) / "pytest.ini").write_text("[pytest]\n")
        (Path(name) / "conftest.py").write_text(CONFTEST)
        write_cassettes(folder, args.events, stream=args.streams)
        for _ in range(args.rounds):
            for way in ("loop", "program", "engine", "pytest"):
                if way == "pytest":
                    got = measure_pytest(Path(name), url, args)
                else:
                    got = measure(way, folder, url, args)
                known = best.setdefault(way, got)
                best[way] = {key: min(known[key], value) for key, value in got.items()}
    table(best, args)


if __name__ == "__main__":
    main()
