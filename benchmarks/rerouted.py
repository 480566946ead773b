"""What re-routing adds to a live SDK call.

    python benchmarks/rerouted.py [--rounds 20]

Calls of the SDKs (2,015 B request, 1,510 B answer) go to a model server on loopback, in a process
of its own: direct, and with `--llm-replay-tests` in effect, where the same server is the target in
the place of the one that the client means. Converted calls are made in Anthropic's format and
compared with the same calls of that SDK to a server that speaks it. An asynchronous client's calls
are made one after another, on a loop that runs for each.

Part 1: one call. Part 2: seconds to the first piece of a stream whose server sends the first after
50 ms and then one every 20 ms. Part 3: a whole stream of 200 pieces, sent at once.
"""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import Any

import anthropic
import openai
from live_server import live_server
from made_calls import request_of
from played import intercepted
from side_by_side import Figure, Way, in_turns, table, timed

from pytest_llmreplay.capture.active import set_outside
from pytest_llmreplay.capture.routing import Live
from pytest_llmreplay.plugin.rerouting.calls import ReroutedCalls
from pytest_llmreplay.plugin.rerouting.tape import ReroutingTape
from pytest_llmreplay.providers.conversion.policy import LossPolicy
from pytest_llmreplay.replay.overrides import Overrides
from pytest_llmreplay.replay.rerouting.rerouter import Rerouter
from pytest_llmreplay.replay.targets.endpoints import Endpoints
from pytest_llmreplay.replay.targets.target import TargetSettings, resolve

CALLS = 50
"""In one turn of a way."""
STREAMS = 5

Ask = Callable[[bool], Any]
"""Makes a call of an SDK, for a stream or not."""


class OnLoop:
    """Calls of an asynchronous SDK, for who waits.

    Args:
        create: Makes a call.
    """

    def __init__(self, create: Callable[..., Awaitable[Any]]) -> None:
        self._create, self._loop = create, asyncio.new_event_loop()

    def __call__(self, *, stream: bool = False, **body: Any) -> Any:
        """The answer, or the stream."""
        answer = self._loop.run_until_complete(self._create(stream=stream, **body))
        return self._pieces(aiter(answer)) if stream else answer

    def _pieces(self, pieces: AsyncIterator[Any]) -> Iterator[Any]:
        over = object()
        while (piece := self._loop.run_until_complete(anext(pieces, over))) is not over:
            yield piece
        self._loop.run_until_complete(asyncio.sleep(0))  # what is left of the stream is closed


class Chat:
    """Calls of the openai SDK."""

    api = "chat_completions"

    def __init__(self, url: str) -> None:
        self._create = self._made({"api_key": "none", "base_url": f"{url}/v1", "max_retries": 0})

    def _made(self, options: dict[str, Any]) -> Callable[..., Any]:
        return openai.OpenAI(**options).chat.completions.create

    def ask(self, number: int, *, stream: bool = False) -> Any:
        """The answer, or the stream."""
        return self._create(**request_of(number, stream=stream))


class AsyncChat(Chat):
    """Calls of the asynchronous openai SDK."""

    def _made(self, options: dict[str, Any]) -> Callable[..., Any]:
        return OnLoop(openai.AsyncOpenAI(**options).chat.completions.create)


class Messages:
    """Calls of the anthropic SDK, of the same size."""

    api = "messages"

    def __init__(self, url: str) -> None:
        self._create = self._made({"api_key": "none", "base_url": url, "max_retries": 0})

    def _made(self, options: dict[str, Any]) -> Callable[..., Any]:
        return anthropic.Anthropic(**options).messages.create

    def ask(self, number: int, *, stream: bool = False) -> Any:
        """The answer, or the stream."""
        body = request_of(number)
        system, asked = (message["content"] for message in body["messages"])
        return self._create(
            model="claude-made",
            max_tokens=1000,
            system=system,
            messages=[{"role": "user", "content": asked}],
            stream=stream,
        )


class AsyncMessages(Messages):
    """Calls of the asynchronous anthropic SDK."""

    def _made(self, options: dict[str, Any]) -> Callable[..., Any]:
        return OnLoop(anthropic.AsyncAnthropic(**options).messages.create)


Client = Chat | Messages


class Bench:
    """Each call direct, and re-routed to targets that speak each format."""

    def __init__(self, url: str, *, rounds: int) -> None:
        self._url, self._rounds = url, rounds

    def compared(self, client: type[Client], turn: Callable[[Client], list[float]]) -> Any:
        """The figures of one client."""
        targets = {"unconverted": client.api, "converted": _other(client.api)}
        ways: dict[str, Way] = {"direct": partial(self._direct, client, turn)}
        for name, api in targets.items():
            ways[name] = partial(self._rerouted, client, turn, api)
        return in_turns(ways, self._rounds)

    def _direct(
        self, client: type[Client], turn: Callable[[Client], list[float]]
    ) -> Iterator[list[float]]:
        made = client(self._url)
        while True:
            yield turn(made)

    def _rerouted(
        self, client: type[Client], turn: Callable[[Client], list[float]], api: str
    ) -> Iterator[list[float]]:
        made = client("http://127.0.0.1:1")  # nobody listens there
        with intercepted(), rerouting(self._url, api):
            while True:
                yield turn(made)


@contextmanager
def rerouting(url: str, api: str) -> Iterator[None]:
    """Every LLM call goes to a server, in an API format."""
    named = "anthropic/claude-made" if api == "messages" else "openai/made"
    base_url = url if api == "messages" else f"{url}/v1"
    policy = LossPolicy(("ignore",))
    rerouter = Rerouter(
        target=resolve(named, TargetSettings(base_url=base_url)),
        overrides=Overrides(),
        endpoints=Endpoints({}),
        allow=(),
        on_loss=policy,
        concurrency=16,
        timeout=60,
        aside=Live,
        tell=bool,
    )
    set_outside(ReroutingTape(rerouter, ReroutedCalls(policy), frozenset()))
    try:
        yield
    finally:
        set_outside(None)
        rerouter.stop()


def _other(api: str) -> str:
    return "messages" if api == "chat_completions" else "chat_completions"


def calls(client: Client) -> list[float]:
    """Whole answers."""
    return [timed(partial(client.ask, number)) for number in range(CALLS)]


def first_pieces(client: Client) -> list[float]:
    """Slow streams, to their first piece."""
    return [_first_piece(client) for _ in range(STREAMS)]


def streams(client: Client) -> list[float]:
    """Streams that come at once, to their end."""
    return [timed(lambda: list(client.ask(0, stream=True))) for _ in range(STREAMS)]


def _first_piece(client: Client) -> float:
    stream: list[Any] = []
    seconds = timed(lambda: stream.append(_begun(client)))
    for _ in stream[0]:
        pass
    return seconds


def _begun(client: Client) -> Iterator[Any]:
    events: Iterator[Any] = iter(client.ask(0, stream=True))
    next(events)
    return events


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=20)
    rounds = parser.parse_args().rounds
    print("re-routed ÷ direct SDK call over loopback, medians, in turns")
    with live_server() as slow, live_server("--at-once") as fast:
        parts: Mapping[str, tuple[str, Callable[[Client], list[float]]]] = {
            "one call (bar: 1.3)": (fast, calls),
            "to the first piece of a stream (bar: 1.05 unconverted)": (slow, first_pieces),
            "a whole stream of 200 pieces that comes at once": (fast, streams),
        }
        for title, (url, turn) in parts.items():
            bench = Bench(url, rounds=rounds)
            rows: list[tuple[str, Mapping[str, Figure]]] = [
                ("openai SDK", bench.compared(Chat, turn)),
                ("openai SDK, async", bench.compared(AsyncChat, turn)),
                ("anthropic SDK", bench.compared(Messages, turn)),
                ("anthropic SDK, async", bench.compared(AsyncMessages, turn)),
            ]
            table(title, rows)


if __name__ == "__main__":
    main()
