"""Which tape a call belongs to, over threads, tasks, nesting and overlap."""

from __future__ import annotations

import asyncio
import contextvars
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
import pytest_asyncio
from capture.capture_tape import MemoryTape, tape_in

from pytest_llmreplay.capture.active import (
    CallRefused,
    anything_open,
    close_tape,
    current_tape,
    open_tape,
    refuse_with,
    set_outside,
)
from pytest_llmreplay.capture.tape import Tape


@pytest.fixture(autouse=True)
def nothing_left_open() -> Iterator[None]:
    """Every test closes what it opens."""
    yield
    set_outside(None)
    refuse_with(CallRefused)
    assert current_tape() is None
    assert not anything_open()


def in_thread(work: Callable[[], Tape | None]) -> Tape | None:
    """What `work` returns in a thread of its own, with an empty context."""
    results: list[Tape | BaseException | None] = []

    def run() -> None:
        try:
            results.append(work())
        except BaseException as error:  # noqa: BLE001  (handed to the caller)
            results.append(error)

    thread = threading.Thread(target=lambda: contextvars.Context().run(run))
    thread.start()
    thread.join()
    if isinstance(results[0], BaseException):
        raise results[0]
    return results[0]


def test_the_innermost_tape_is_asked() -> None:
    """Tapes nest."""
    outer, inner = MemoryTape(), MemoryTape()
    with tape_in(outer):
        assert outer is current_tape()
        with tape_in(inner):
            assert inner is current_tape()
        assert outer is current_tape()
    assert current_tape() is None


def test_interleaved_closing_leaves_nothing_behind() -> None:
    """A in, B in, A out, B out."""
    first, second = MemoryTape(), MemoryTape()
    open_tape(first)
    open_tape(second)
    close_tape(first)
    assert second is current_tape()
    close_tape(second)
    assert current_tape() is None


def test_a_tape_can_be_closed_from_another_thread() -> None:
    """Where a tape is closed does not matter."""
    outer, inner = MemoryTape(), MemoryTape()
    with tape_in(outer):
        open_tape(inner)
        in_thread(lambda: close_tape(inner))
        assert outer is current_tape()


def test_closing_what_is_not_open_is_an_error() -> None:
    """A tape is closed once for each time it was opened."""
    tape = MemoryTape()
    open_tape(tape)
    open_tape(tape)
    close_tape(tape)
    assert tape is current_tape()
    close_tape(tape)
    with pytest.raises(ValueError, match="is not open"):
        close_tape(tape)


def test_a_raw_thread_uses_the_only_open_tape() -> None:
    """A thread without a context needs no guess when one tape is open."""
    assert in_thread(current_tape) is None
    with tape_in(MemoryTape()) as tape:
        assert tape is in_thread(current_tape)


def test_a_raw_thread_uses_the_innermost_of_nested_tapes() -> None:
    """Tapes of a fixture and of the test that uses it leave no doubt."""
    with tape_in(MemoryTape()), tape_in(MemoryTape()) as inner:
        assert inner is in_thread(current_tape)


def test_a_raw_thread_is_refused_when_several_tapes_could_be_meant() -> None:
    """A worker thread must not guess."""
    opened, done = threading.Event(), threading.Event()

    def other() -> None:
        with tape_in(MemoryTape()):
            opened.set()
            done.wait(5)

    thread = threading.Thread(target=lambda: contextvars.Context().run(other))
    thread.start()
    opened.wait(5)
    with tape_in(MemoryTape()) as tape:
        with pytest.raises(CallRefused, match="belongs to no cassette while 2 are open"):
            in_thread(current_tape)
        assert tape is current_tape()
    done.set()
    thread.join()


def test_the_way_to_refuse_is_replaceable() -> None:
    """A plugin raises its own failure."""

    class Failed(BaseException):
        pass

    refuse_with(Failed)
    first, second = contextvars.Context(), contextvars.Context()
    tapes = [MemoryTape(), MemoryTape()]
    first.run(open_tape, tapes[0])
    second.run(open_tape, tapes[1])
    with pytest.raises(Failed):
        in_thread(current_tape)
    for tape in tapes:
        close_tape(tape)


def test_a_pool_of_threads_uses_the_only_open_tape() -> None:
    """Workers of a ThreadPoolExecutor have empty contexts, also those of an older tape."""
    with ThreadPoolExecutor(4) as pool:
        with tape_in(MemoryTape()) as tape:
            assert {tape} == {made.result() for made in [pool.submit(current_tape)] * 8}
        with tape_in(MemoryTape()) as tape:
            assert {tape} == {made.result() for made in [pool.submit(current_tape)] * 8}


def test_two_threads_each_with_its_own_tape() -> None:
    """Each thread sees the tape it opened."""
    barrier = threading.Barrier(2)

    def work() -> bool:
        with tape_in(MemoryTape()) as tape:
            barrier.wait(5)
            same = all(current_tape() is tape for _ in range(10))
            barrier.wait(5)
            return same

    with ThreadPoolExecutor(2) as pool:
        assert [True, True] == list(pool.map(lambda _: work(), range(2)))


def test_a_context_that_outlived_its_tape_uses_the_only_open_one() -> None:
    """A long-lived runner's context is stale, not lost."""
    with tape_in(MemoryTape()):
        stale = contextvars.copy_context()
    assert stale.run(current_tape) is None
    with tape_in(MemoryTape()) as tape:
        assert tape is stale.run(current_tape)


def test_a_context_that_outlived_its_tape_falls_back_to_what_was_around_it() -> None:
    """With several tapes open, the one around the closed one is the nearest."""
    with tape_in(MemoryTape()) as around:
        inner = MemoryTape()
        open_tape(inner)
        stale = contextvars.copy_context()
        close_tape(inner)
        others = [contextvars.copy_context() for _ in range(2)]
        tapes = [MemoryTape(), MemoryTape()]
        for context, tape in zip(others, tapes, strict=True):
            context.run(open_tape, tape)
        assert around is stale.run(current_tape)
        for tape in tapes:
            close_tape(tape)


def test_outside_is_asked_when_none_is_open() -> None:
    """A guard hears of calls outside any tape, in every thread."""
    guard = MemoryTape()
    set_outside(guard)
    assert anything_open()
    assert guard is current_tape() is in_thread(current_tape)
    with tape_in(MemoryTape()) as tape:
        assert tape is current_tape() is in_thread(current_tape)
    set_outside(None)
    assert current_tape() is None


@pytest.mark.asyncio
async def test_tasks_keep_to_the_tape_they_were_started_under() -> None:
    """A task started under one tape stays with it while another is opened beside it."""
    with tape_in(MemoryTape()) as outer:
        release = asyncio.Event()

        async def later() -> Tape | None:
            await release.wait()
            return current_tape()

        task = asyncio.create_task(later())
        await asyncio.sleep(0)
        with tape_in(MemoryTape()) as inner:
            release.set()
            assert outer is await task
            assert inner is await asyncio.to_thread(current_tape)
            assert inner is await asyncio.get_running_loop().run_in_executor(None, current_tape)


@pytest.mark.asyncio
async def test_two_tasks_with_overlapping_tapes() -> None:
    """Each task sees its own tape, in whatever order they end."""

    async def work(wait: float) -> bool:
        with tape_in(MemoryTape()) as tape:
            await asyncio.sleep(wait)
            return current_tape() is tape

    assert (True, True, True) == tuple(await asyncio.gather(work(0.02), work(0.0), work(0.01)))


@pytest_asyncio.fixture
async def fixture_tape() -> AsyncIterator[Tape]:
    """A tape opened and closed by an asynchronous fixture."""
    with tape_in(MemoryTape()) as tape:
        yield tape


@pytest.mark.asyncio
async def test_a_tape_of_an_async_fixture_is_seen_by_the_test(fixture_tape: Tape) -> None:
    """The context of an asynchronous fixture reaches its test, and a tape within it nests."""
    assert fixture_tape is current_tape()
    with tape_in(MemoryTape()) as tape:
        assert tape is current_tape()


def test_a_tape_of_a_fixture_is_seen_by_a_plain_test(tape: MemoryTape) -> None:
    """So does the context of an ordinary fixture."""
    assert tape is current_tape()
