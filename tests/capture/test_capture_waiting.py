"""Waiting for what another thread gets, in a thread, under asyncio and under trio."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable
from concurrent.futures import Future
from functools import partial
from typing import Any

import anyio
import pytest

from pytest_llmreplay.capture.arriving import waited, waited_async

Runs = Callable[[Callable[[], Awaitable[Any]]], Any]


def by_asyncio(ask: Callable[[], Awaitable[Any]]) -> Any:
    """Run it in asyncio's loop."""

    async def main() -> Any:
        return await ask()

    return asyncio.run(main())


def by_trio(ask: Callable[[], Awaitable[Any]]) -> Any:
    """Run it in trio's."""
    return pytest.importorskip("trio").run(ask)


@pytest.mark.parametrize("run", [by_asyncio, by_trio])
def test_a_task_gets_what_a_thread_found(run: Runs) -> None:
    """While other tasks go on."""
    wish: Future[str] = Future()
    threading.Timer(0.05, wish.set_result, ["found"]).start()
    assert "found" == run(partial(waited_async, wish))


@pytest.mark.parametrize("run", [by_asyncio, by_trio])
def test_a_task_that_is_cancelled_takes_its_wish_back(run: Runs) -> None:
    """Nobody asks a provider for what nobody waits for."""
    wish: Future[str] = Future()

    async def impatient() -> None:
        with anyio.move_on_after(0.05):
            await waited_async(wish)

    run(impatient)
    assert wish.cancelled()


def test_ctrl_c_takes_the_wish_back() -> None:
    """In the thread that waits."""

    class Interrupted(Future[str]):
        def result(self, timeout: float | None = None) -> str:
            raise KeyboardInterrupt

    wish = Interrupted()
    with pytest.raises(KeyboardInterrupt):
        waited(wish)
    assert wish.cancelled()
