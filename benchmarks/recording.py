"""What recording adds to a live SDK call.

    python benchmarks/recording.py [--rounds 20]

Part 1: calls of the openai SDK (2,015 B request, 1,510 B answer) whose live side is a transport of
our own that answers from memory, so that nothing but the recording is added; with and without
fsync. A `MockTransport` would not do: what answers inside the process is never recorded.
Part 2: the same calls over a loopback server, in a process of its own.
Part 3: seconds to the first piece of a stream whose server sends one every 20 ms.
Part 4: a whole stream of 200 pieces, from memory and read by the SDK.

Recorded is as with `--llm-record` where there is no cassette yet. What is made of the calls when
the test has passed is not in these figures: no call waits for it.
"""

from __future__ import annotations

import argparse
import itertools
import json
import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from time import perf_counter

import httpx2
import openai
from live_server import live_server
from made_calls import ANSWER_HEADERS, STREAM_HEADERS, answer_of, request_of, stream_of
from played import intercepted, open_cassette, playing
from side_by_side import Figure, in_turns, table, timed
from vcr_cassette import vcr_recording

CALLS = 50
"""In one cassette, of each way in a round."""
STREAMS = 5

Turn = Callable[[], list[float]]
"""The seconds of some calls."""

_ANSWERS = itertools.cycle(
    [json.dumps(answer_of(number), separators=(",", ":")).encode() for number in range(1000)]
)
"""Each with words of its own, as what was seen before is not looked at again."""
_STREAM = stream_of()


class FromMemory(httpx2.BaseTransport):
    """A live side that costs nothing."""

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """The answer."""
        request.read()
        return httpx2.Response(200, headers=ANSWER_HEADERS, content=next(_ANSWERS))


class Pieces(httpx2.SyncByteStream):
    """A body that comes piece by piece."""

    def __iter__(self) -> Iterator[bytes]:
        """The pieces."""
        yield from _STREAM


class StreamFromMemory(httpx2.BaseTransport):
    """A live side that streams, and costs next to nothing."""

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """The answer."""
        request.read()
        return httpx2.Response(200, headers=STREAM_HEADERS, stream=Pieces())


class Bench:
    """Records into a folder, each time into a new cassette."""

    def __init__(self, folder: Path, *, rounds: int) -> None:
        self.folder, self.rounds = folder, rounds

    def calls(
        self, client: openai.OpenAI, *, fsync: bool = False, vcrpy: bool = False
    ) -> dict[str, Figure]:
        """One call, direct and recorded.

        With and without fsync never take turns: a disk that is still busy with the turn before
        makes the next one wait.
        """
        create = client.chat.completions.create
        bodies = [request_of(number) for number in range(CALLS)]

        def turn() -> list[float]:
            return [timed(partial(create, **body)) for body in bodies]

        ways = {
            "direct": lambda: direct(turn),
            "recorded": lambda: self._recorded(turn, fsync=fsync),
        }
        if vcrpy:
            ways["vcrpy"] = lambda: self._by_vcrpy(turn)
        return in_turns(ways, self.rounds)

    def first_chunks(self, client: openai.OpenAI) -> dict[str, Figure]:
        """The time to the first piece of a stream."""
        body = request_of(1, stream=True)
        return self._streams(lambda: [_first_piece(client, body) for _ in range(STREAMS)])

    def streams(self, client: openai.OpenAI) -> dict[str, Figure]:
        """A whole stream."""
        create = client.chat.completions.create
        body = request_of(1, stream=True)
        return self._streams(lambda: [timed(lambda: list(create(**body))) for _ in range(STREAMS)])

    def _streams(self, turn: Turn) -> dict[str, Figure]:
        ways = {"direct": lambda: direct(turn), "recorded": lambda: self._recorded(turn)}
        return in_turns(ways, self.rounds)

    def _recorded(self, turn: Turn, *, fsync: bool = False) -> Iterator[list[float]]:
        """Each turn into a cassette of its own, as tests of one session do."""
        with intercepted():
            while True:
                path = Path(tempfile.mkdtemp(dir=self.folder), "a.yaml")
                cassette = open_cassette(path, mode="update", fsync=fsync)
                with playing(cassette):
                    yield turn()
                cassette.raise_swallowed()
                assert cassette.recorded

    def _by_vcrpy(self, turn: Turn) -> Iterator[list[float]]:
        while True:
            with vcr_recording(Path(tempfile.mkdtemp(dir=self.folder), "a.yaml")):
                yield turn()


def direct(turn: Turn) -> Iterator[list[float]]:
    """Without us."""
    while True:
        yield turn()


def _first_piece(client: openai.OpenAI, body: dict[str, object]) -> float:
    began = perf_counter()
    with client.chat.completions.create(**body) as stream:  # type: ignore[call-overload]
        next(iter(stream))
        seconds = perf_counter() - began
        for _ in stream:
            pass
    return seconds


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=20)
    args = parser.parse_args()
    print(f"recorded ÷ direct openai SDK call, medians, in turns, {CALLS} calls a cassette")
    with tempfile.TemporaryDirectory() as name, live_server() as url:
        bench = Bench(Path(name), rounds=args.rounds)
        http_client = openai.DefaultHttpxClient(transport=FromMemory())
        memory = openai.OpenAI(api_key="none", http_client=http_client)
        http_client = openai.DefaultHttpxClient(transport=StreamFromMemory())
        streaming = openai.OpenAI(api_key="none", http_client=http_client)
        loopback = openai.OpenAI(api_key="none", base_url=f"{url}/v1")
        rows = [
            ("live side in memory", bench.calls(memory)),
            ("live side on loopback", bench.calls(loopback, vcrpy=True)),
            ("in memory, with fsync", bench.calls(memory, fsync=True)),
            ("on loopback, with fsync", bench.calls(loopback, fsync=True)),
        ]
        table("one call (bar: 1.15 without fsync)", rows)
        table("to the first piece of a stream (bar: 1.05)", [("", bench.first_chunks(loopback))])
        table("a whole stream of 200 pieces", [("", bench.streams(streaming))])


if __name__ == "__main__":
    main()
