"""What a played-back SDK call costs beside the same call answered in memory.

    python benchmarks/playback.py [--rounds 20] [--no-vcrpy]

Each call is one of the openai SDK's `chat.completions.create` with a request of 2,015 bytes and an
answer of 1,510 bytes. The first column answers it by `MockTransport`, without the plugin; the
others play it from a cassette, through the capture and the tape that a test gets. The calls are
spread over the whole cassette, as vcrpy's cost depends on the place. Opening is not counted (see
open_cassette.py).
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import httpx2
import openai
from made_calls import (
    ANSWER_HEADERS,
    PIECES,
    REQUEST_BYTES,
    STREAM_HEADERS,
    URL,
    answer_of,
    request_of,
    stream_of,
    write_cassette,
)
from played import intercepted, open_cassette, playing
from side_by_side import Figure, in_turns, table, timed
from vcr_cassette import vcr_playing, write_vcr_cassette

CALLS = 50
"""Of each way in a round, where the cassette has as many."""
CONCURRENT = 100
SIZES = (1, 100, 1000, 10000)
LARGEST_VCR = 1000
ALL, FIFTH = slice(None), slice(None, None, 5)

Opened = Callable[[], AbstractContextManager[None]]


class Pieces(httpx2.SyncByteStream, httpx2.AsyncByteStream):
    """A stream in memory, in the pieces in which it was recorded."""

    def __init__(self, pieces: list[bytes]) -> None:
        self._pieces = pieces

    def __iter__(self) -> Iterator[bytes]:
        yield from self._pieces

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in self._pieces:
            yield piece


def in_memory(_: httpx2.Request) -> httpx2.Response:
    """The answer, from memory."""
    return httpx2.Response(200, headers=ANSWER_HEADERS, content=ANSWER)


async def in_memory_async(request: httpx2.Request) -> httpx2.Response:
    """The answer, from memory."""
    return in_memory(request)


def stream_in_memory(_: httpx2.Request) -> httpx2.Response:
    """The streamed answer, from memory."""
    return httpx2.Response(200, headers=STREAM_HEADERS, stream=Pieces(STREAM))


ANSWER = json.dumps(answer_of(1), separators=(",", ":")).encode()
STREAM = stream_of()


class Bench:
    """The clients, and the cassettes of one folder."""

    def __init__(self, folder: Path, *, rounds: int, vcrpy: bool) -> None:
        self.folder, self.rounds, self.vcrpy = folder, rounds, vcrpy
        self.floor = _client(in_memory)
        self.stream_floor = _client(stream_in_memory)
        self.client = openai.OpenAI(api_key="none")

    def one_by_one(self, events: int) -> dict[str, Figure]:
        """One call in a cassette of this many events.

        Each way opens the cassette before it calls, so that all call on caches as cold, and asks
        for other events in every round, as no test asks twice for one. A turn has as many calls
        with one event as with many, and so many cassettes are opened one after the other, as in a
        session of tests: the interpreter adapts its code to the classes that it meets, and turns
        of one call would measure how it does so back and forth.
        """
        path = self._written(events)
        openings = range(CALLS if events == 1 else 1)

        def turns(client: openai.OpenAI, opened: Opened, calls: slice) -> Iterator[list[float]]:
            for shift in itertools.count():
                times: list[float] = []
                for _ in openings:
                    with opened():
                        times += _times(client, _spread(events, shift)[calls])
                yield times

        def in_memory() -> Iterator[list[float]]:
            return turns(self.floor, lambda: closing_at_once(path), ALL)

        def played() -> Iterator[list[float]]:
            with intercepted():
                yield from turns(self.client, lambda: playing(open_cassette(path)), ALL)

        ways = {"in memory": in_memory, "played": played}
        if self.vcrpy and events <= LARGEST_VCR:
            old = write_vcr_cassette(self.folder / f"vcr{events}.yaml", events)
            ways["vcrpy"] = lambda: turns(self.client, lambda: vcr_playing(old), FIFTH)
        return in_turns(ways, self.rounds)

    def streamed(self) -> dict[str, Figure]:
        """One streamed call."""
        path = self.folder / "stream.yaml"
        write_cassette(path, CALLS, stream=True)
        bodies = [request_of(number, stream=True) for number in range(1, 11)]

        def played() -> Iterator[list[float]]:
            with intercepted():
                while True:
                    with playing(open_cassette(path)):
                        yield [timed(partial(_read, self.client, body)) for body in bodies]

        def floor() -> Iterator[list[float]]:
            while True:
                open_cassette(path).close()
                yield [timed(partial(_read, self.stream_floor, body)) for body in bodies]

        return in_turns({"in memory": floor, "played": played}, self.rounds)

    def concurrent(self, events: int) -> dict[str, Figure]:
        """100 calls at once, by the call."""
        path = self._written(events)
        every = events // CONCURRENT
        bodies = [request_of(number) for number in range(1, events + 1, every)]
        first = request_of(2)

        def floor() -> Iterator[list[float]]:
            while True:
                open_cassette(path).close()
                transport = httpx2.MockTransport(in_memory_async)
                yield [asyncio.run(_at_once(transport, first, bodies))]

        def played() -> Iterator[list[float]]:
            with intercepted():
                while True:
                    with playing(open_cassette(path)):
                        yield [asyncio.run(_at_once(None, first, bodies))]

        return in_turns({"in memory": floor, "played": played}, self.rounds)

    def _written(self, events: int) -> Path:
        path = self.folder / f"{events}.yaml"
        if not path.exists():
            write_cassette(path, events)
        return path


def _client(answer: Callable[[httpx2.Request], httpx2.Response]) -> openai.OpenAI:
    transport = httpx2.MockTransport(answer)
    return openai.OpenAI(api_key="none", http_client=openai.DefaultHttpxClient(transport=transport))


def _spread(events: int, shift: int) -> list[dict[str, Any]]:
    """Requests for events from the first to the last; others with every shift."""
    calls = min(events, CALLS)
    places = (place * (events - 1) // max(1, calls - 1) for place in range(calls))
    return [request_of(1 + (place + shift) % events) for place in places]


def _times(client: openai.OpenAI, bodies: list[dict[str, Any]]) -> list[float]:
    create = client.chat.completions.create
    return [timed(partial(create, **body)) for body in bodies]


def _read(client: openai.OpenAI, body: Mapping[str, Any]) -> None:
    pieces = sum(1 for _ in client.chat.completions.create(**body))
    assert pieces == PIECES + 1


async def _at_once(
    transport: httpx2.MockTransport | None, first: dict[str, Any], bodies: list[dict[str, Any]]
) -> float:
    """Seconds of one call of many at once, after a first one that is not counted."""
    http_client = httpx2.AsyncClient(transport=transport)
    async with openai.AsyncOpenAI(api_key="none", http_client=http_client) as client:
        create = client.chat.completions.create
        await create(**first)
        began = asyncio.get_running_loop().time()
        await asyncio.gather(*(create(**body) for body in bodies))
        return (asyncio.get_running_loop().time() - began) / len(bodies)


@contextmanager
def closing_at_once(path: Path) -> Iterator[None]:
    """A cassette that was opened, so that caches are as cold as for those who play from it."""
    open_cassette(path).close()
    yield


@contextmanager
def _folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as name:
        yield Path(name)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--no-vcrpy", action="store_true")
    args = parser.parse_args()
    with _folder() as folder:
        bench = Bench(folder, rounds=args.rounds, vcrpy=not args.no_vcrpy)
        print(
            f"played-back openai SDK call ÷ the same call answered by MockTransport; {URL}, "
            f"{REQUEST_BYTES} B request, {len(ANSWER)} B answer, medians, in turns"
        )
        rows = [(f"{events:,} events", bench.one_by_one(events)) for events in SIZES]
        table("one call at a time, by events in the cassette", rows)
        table(f"one call with a stream of {PIECES} pieces", [("50 events", bench.streamed())])
        table(f"{CONCURRENT} async calls at once, per call", [("5,000", bench.concurrent(5000))])


if __name__ == "__main__":
    main()
