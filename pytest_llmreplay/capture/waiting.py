"""Waiting for what another thread is getting; whoever stops waiting takes his wish back."""

from __future__ import annotations

import asyncio
from concurrent.futures import Future
from typing import TypeVar

__all__ = ["waited", "waited_async"]

T = TypeVar("T")


def waited(wish: Future[T]) -> T:
    """What came of it; Ctrl-C ends the waiting."""
    try:
        return wish.result()
    except BaseException:
        wish.cancel()
        raise


async def waited_async(wish: Future[T]) -> T:
    """What came of it, while other tasks go on."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:  # trio's loop
        return await _waited_in_trio(wish)
    return await asyncio.wrap_future(wish)


async def _waited_in_trio(wish: Future[T]) -> T:
    import anyio.to_thread  # noqa: PLC0415  (httpx depends on it; needed in this one case)

    try:
        return await anyio.to_thread.run_sync(wish.result, abandon_on_cancel=True)
    except BaseException:
        wish.cancel()
        raise
