"""Calls that somebody else answers: each kind of client gets the answer when it is there."""

from __future__ import annotations

import asyncio
import urllib.request
from collections.abc import Callable
from concurrent.futures import Future
from threading import Timer

import aiohttp
import anyio
import httpx
import httpx2
import pytest
import requests
import urllib3
from capture.capture_tape import tape_in

from pytest_llmreplay.capture.tape import Elsewhere, Playback, RawRequest

pytestmark = pytest.mark.usefixtures("captured")

URL = "https://api.openai.com/v1/chat/completions"
SAID = b'{"said": "elsewhere"}'


class Slow:
    """A tape whose answers come from elsewhere, after a while.

    Args:
        together: How many calls have to be made before any of them is answered.
    """

    def __init__(self, together: int = 1) -> None:
        self._together = together
        self._waiting: list[Future[Playback]] = []

    def route(self, _request: RawRequest) -> Elsewhere:
        """The answer is on its way."""
        answer: Future[Playback] = Future()
        self._waiting.append(answer)
        if len(self._waiting) == self._together:
            Timer(0.05, self._answer).start()
        return Elsewhere(ask=answer.result, begin=lambda: answer)

    def _answer(self) -> None:
        headers = (("content-type", "application/json"),)
        for answer in self._waiting:
            answer.set_result(Playback(status=200, headers=headers, chunks=(SAID,)))


def by_urllib() -> bytes:
    """The standard library."""
    request = urllib.request.Request(URL, b"{}", {"content-type": "application/json"})
    with urllib.request.urlopen(request) as response:
        return bytes(response.read())


def by_urllib3() -> bytes:
    """A pool of its own."""
    with urllib3.PoolManager() as pool:
        return bytes(pool.request("POST", URL, body=b"{}").data)


async def by_async_httpx() -> bytes:
    """The asynchronous client."""
    async with httpx2.AsyncClient() as client:
        return (await client.post(URL, json={})).content


async def by_aiohttp() -> bytes:
    """A session."""
    async with aiohttp.ClientSession() as session, session.post(URL, json={}) as response:
        return await response.read()


@pytest.mark.parametrize(
    "ask",
    [
        lambda: httpx.post(URL, json={}).content,
        lambda: httpx2.post(URL, json={}).content,
        lambda: requests.post(URL, json={}, timeout=5).content,
        by_urllib3,
        by_urllib,
        lambda: asyncio.run(by_async_httpx()),
        lambda: anyio.run(by_async_httpx),
        lambda: asyncio.run(by_aiohttp()),
    ],
    ids=["httpx", "httpx2", "requests", "urllib3", "urllib", "async", "anyio", "aiohttp"],
)
def test_the_answer_is_waited_for(ask: Callable[[], bytes]) -> None:
    """As if the server had taken its time."""
    with tape_in(Slow()):
        assert SAID == ask()


def test_other_tasks_go_on() -> None:
    """Ten calls wait at the same time."""

    async def all_at_once() -> list[bytes]:
        return await asyncio.gather(*(by_async_httpx() for _ in range(10)))

    with tape_in(Slow(together=10)):
        assert [SAID] * 10 == asyncio.run(all_at_once())
