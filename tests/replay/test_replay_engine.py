"""The engine against real servers: many calls, one result each, and nothing that hangs."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from replay.replay_server import CHAT, MESSAGE, Answer, Loopback, Seen, as_json, jobs_to, outgoing

from pytest_llmreplay.errors import CassetteDamaged, ReplayError
from pytest_llmreplay.replay.calls.outgoing import Outgoing
from pytest_llmreplay.replay.calls.result import CallFailed, NotReplayed, Reply
from pytest_llmreplay.replay.calls.retry import RetryRules
from pytest_llmreplay.replay.sending.engine import Engine
from pytest_llmreplay.replay.sending.job import Job

Serve = Callable[[Callable[[Seen], Any]], Loopback]

APIS = ("chat_completions", "messages")


def run(jobs: list[Job], **options: Any) -> list[Reply | ReplayError]:
    """All outcomes, in order."""
    options.setdefault("rules", RetryRules(retries=0))
    with Engine(**{"concurrency": 4, "timeout": 5.0, **options}) as engine:
        engine.start(jobs)
        outcomes = []
        for job in jobs:
            outcomes.append(engine.result(job))
            engine.release(job)
        return outcomes


@pytest.mark.parametrize(("api", "said"), [("chat_completions", CHAT), ("messages", MESSAGE)])
def test_every_job_gets_its_answer(serve: Serve, api: str, said: Any) -> None:
    """Each job's reply holds status, headers, bytes and times of its own attempt."""
    server = serve(lambda _: as_json(said))
    replies = run(jobs_to(server.url, 9, api))
    assert [reply.status for reply in replies if isinstance(reply, Reply)] == [200] * 9
    assert len(server.seen) == 9
    first = replies[0]
    assert isinstance(first, Reply)
    assert as_json(said).body == first.body
    assert first.headers["content-type"] == "application/json"
    assert 0 < (first.time_to_first_chunk or 0) <= first.duration
    assert first.at.endswith("Z")


def test_concurrency_is_used_and_kept(serve: Serve) -> None:
    """Exactly as many calls are in flight as were asked for, over as many connections."""
    server = serve(lambda _: Answer(body=b"{}", delay=0.05))
    run(jobs_to(server.url, 20), concurrency=5)
    assert server.most_in_flight == 5
    assert server.connections == 5


def test_results_are_awaited_in_any_order(serve: Serve) -> None:
    """A result far beyond the window is let through when somebody waits for it."""
    server = serve(lambda _: as_json(CHAT))
    jobs = jobs_to(server.url, 40)
    with Engine(concurrency=2, window=3, timeout=5) as engine:
        engine.start(jobs)
        outcomes = [engine.result(job) for job in reversed(jobs)]
    assert sum(isinstance(outcome, Reply) for outcome in outcomes) == 40


def test_window_bounds_what_is_sent_ahead(serve: Serve) -> None:
    """No more calls than the window holds are made before a result is released."""
    server = serve(lambda _: as_json(CHAT))
    jobs = jobs_to(server.url, 50)
    with Engine(concurrency=2, window=6, timeout=5) as engine:
        engine.start(jobs)
        engine.result(jobs[0])
        time.sleep(0.3)
        assert len(server.seen) == 6
        engine.release(jobs[0])
        time.sleep(0.3)
        assert len(server.seen) == 7


def test_two_targets_have_lanes_of_their_own(serve: Serve) -> None:
    """A slow target does not hold up a fast one."""
    slow = serve(lambda _: Answer(body=b"{}", delay=0.5))
    fast = serve(lambda _: as_json(CHAT))
    crawling = [
        Job(target="slow", prepare=lambda: outgoing(slow.url, "messages")) for _ in range(8)
    ]
    running = jobs_to(fast.url, 8)
    with Engine(concurrency=1, timeout=5) as engine:
        engine.start([job for pair in zip(crawling, running, strict=True) for job in pair])
        for job in running:
            assert isinstance(engine.result(job), Reply)
        assert len(slow.seen) <= 2


def test_an_error_in_prepare_is_that_jobs_alone(serve: Serve) -> None:
    """Whatever `prepare` raises reaches the one who waits, and the others go on."""
    server = serve(lambda _: as_json(CHAT))

    def decided() -> Outgoing:
        raise NotReplayed("because")

    def damaged() -> Outgoing:
        raise CassetteDamaged("torn", line=3)

    def skipped() -> Outgoing:
        raise pytest.skip.Exception("by a hook")

    makers = [decided, damaged, skipped, lambda: outgoing(server.url)]
    jobs = [Job(target="t", prepare=make) for make in makers]
    with Engine(timeout=5) as engine:
        engine.start(jobs)
        assert isinstance(engine.result(jobs[0]), NotReplayed)
        with pytest.raises(CassetteDamaged, match="torn"):
            engine.result(jobs[1])
        with pytest.raises(pytest.skip.Exception, match="by a hook"):
            engine.result(jobs[2])
        assert isinstance(engine.result(jobs[3]), Reply)


def test_a_released_job_is_not_sent_and_not_known(serve: Serve) -> None:
    """Releasing a job that was not sent saves its call; asking for it afterwards is refused."""
    server = serve(lambda _: Answer(body=b"{}", delay=0.2))
    jobs = jobs_to(server.url, 10)
    with Engine(concurrency=1, timeout=5) as engine:
        engine.start(jobs)
        for job in jobs[1:9]:
            engine.release(job)
        engine.result(jobs[9])
        assert len(server.seen) <= 3
        with pytest.raises(LookupError, match="not any more"):
            engine.result(jobs[1])


def test_a_job_may_be_released_while_the_loop_closes(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The last call is done between a look at the loop and a word to it."""
    server = serve(lambda _: as_json(CHAT))
    [job] = jobs_to(server.url, 1)
    with Engine(concurrency=1, timeout=5.0) as engine:
        engine.start([job])
        engine._thread.join(5.0)
        with monkeypatch.context() as looked_before:
            looked_before.setattr(asyncio.BaseEventLoop, "is_closed", lambda _: False)
            engine.release(job)
        with pytest.raises(LookupError):
            engine.result(job)


def test_stop_is_quick_and_fails_what_is_open(serve: Serve) -> None:
    """A stop in the middle ends calls at once; results that came stay, the others say why."""
    server = serve(lambda seen: Answer(body=b"{}", delay=0 if seen.number == 0 else 60))
    jobs = jobs_to(server.url, 10)
    engine = Engine(concurrency=2, timeout=60)
    engine.start(jobs)
    engine.result(jobs[0])
    begun = time.perf_counter()
    engine.stop()
    assert time.perf_counter() - begun < 10
    assert isinstance(engine.result(jobs[0]), Reply)
    stopped = engine.result(jobs[5])
    assert isinstance(stopped, CallFailed)
    assert stopped.kind == "stopped"
    assert str(stopped) == "local: the replay was stopped"


def test_a_waiter_is_woken_by_the_stop(serve: Serve) -> None:
    """A thread that waits for a result when the engine stops gets an error, not silence."""
    server = serve(lambda _: Answer(body=b"{}", delay=60))
    jobs = jobs_to(server.url, 3)
    engine = Engine(timeout=60)
    engine.start(jobs)
    threading.Timer(0.3, engine.stop).start()
    outcome = engine.result(jobs[2])
    assert isinstance(outcome, CallFailed)
    assert outcome.kind == "stopped"


def test_whatever_breaks_the_engine_reaches_the_waiter(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When the thread itself breaks, every open result fails with the cause."""
    server = serve(lambda _: as_json(CHAT))
    jobs = jobs_to(server.url, 3)
    engine = Engine(timeout=5)

    async def broken(_: object) -> None:
        await asyncio.sleep(0.1)
        raise KeyError("lost")

    monkeypatch.setattr("pytest_llmreplay.replay.sending.lane.Lane.run", broken)
    engine.start(jobs)
    outcome = engine.result(jobs[0])
    assert str(outcome) == "local: the replay engine broke: KeyError('lost')"


def test_an_engine_that_was_never_started_does_not_hang() -> None:
    """Asking for an unknown job is refused; starting twice too."""
    engine = Engine()
    job = Job(target="t", prepare=lambda: outgoing("http://127.0.0.1:1"))
    with pytest.raises(LookupError):
        engine.result(job)
    engine.start([])
    with pytest.raises(RuntimeError, match="before"):
        engine.start([])
    engine.stop()
    engine.stop()


def test_a_stop_right_after_the_start_is_quick(serve: Serve) -> None:
    """However early the stop comes, it does not wait for calls."""
    server = serve(lambda _: Answer(body=b"{}", delay=60))
    for _ in range(20):
        engine = Engine(timeout=60)
        begun = time.perf_counter()
        engine.start(jobs_to(server.url, 3))
        engine.stop()
        assert time.perf_counter() - begun < 3


def test_an_empty_run_ends_by_itself() -> None:
    """No jobs, no thread left."""
    engine = Engine()
    engine.start([])
    engine.stop()
    assert not any(thread.name == "llmreplay" for thread in threading.enumerate())


def test_our_own_lag_is_told(serve: Serve) -> None:
    """A reply that came while our loop was blocked says so; a normal one does not."""
    server = serve(lambda _: Answer(body=b"{}", delay=0.3))

    def is_quiet() -> bool:
        reply = run(jobs_to(server.url, 1))[0]
        assert isinstance(reply, Reply)
        return not reply.lagged

    assert any(is_quiet() for _ in range(5))  # a busy machine may be late itself

    def slow() -> Outgoing:
        time.sleep(0.5)
        return outgoing(server.url)

    jobs = [
        *jobs_to(server.url, 1),
        Job(target="local", prepare=lambda: outgoing(server.url)),
        Job(target="local", prepare=slow),
    ]
    assert any(isinstance(reply, Reply) and reply.lagged for reply in run(jobs))


@pytest.mark.parametrize("api", APIS)
def test_a_stream_keeps_the_time_of_each_piece(serve: Serve, api: str) -> None:
    """Chunks arrive with their times, and the first one sets the time to first chunk."""
    pieces = [b'data: {"n": 1}\n\n', b'data: {"n": 2}\n\n', b"data: [DONE]\n\n"]
    head = {"content-type": "text/event-stream"}
    server = serve(lambda _: Answer(body=pieces, between=0.1, headers=head))
    reply = run(jobs_to(server.url, 1, api, stream=True))[0]
    assert isinstance(reply, Reply)
    assert pieces == [chunk.data for chunk in reply.chunks]
    assert reply.chunks[0].at == reply.time_to_first_chunk
    assert reply.chunks[1].at - reply.chunks[0].at >= 0.08
    assert reply.duration >= 0.18
