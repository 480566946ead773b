"""When a call is tried again, how long that waits, and how throttling shapes the concurrency."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from replay.replay_server import CHAT, Answer, Loopback, Seen, as_json, jobs_to, outgoing

from pytest_llmreplay.errors import ReplayError
from pytest_llmreplay.event import Chunk
from pytest_llmreplay.replay.calls.result import CallFailed, FailureKind, Reply
from pytest_llmreplay.replay.calls.retry import Decision, RetryRules, told_to_wait
from pytest_llmreplay.replay.sending.engine import Engine
from pytest_llmreplay.replay.sending.throttle import Throttle

Serve = Callable[[Callable[[Seen], Any]], Loopback]


def reply(status: int, body: bytes = b"", **headers: str) -> Reply:
    """A reply of this status."""
    return Reply(
        status=status,
        headers={name.replace("_", "-"): value for name, value in headers.items()},
        chunks=(Chunk(at=0.1, data=body),),
        at="2026-11-20T17:00:00.412Z",
        duration=0.1,
        time_to_first_chunk=0.1,
        outgoing=outgoing("http://127.0.0.1:1"),
    )


def failed(kind: FailureKind) -> CallFailed:
    """A failure of this kind."""
    return CallFailed("x", kind=kind)


def decide(outcome: Reply | CallFailed, *, failures: int = 0, **more: Any) -> Decision:
    """The decision of the default rules."""
    known = {"failures": failures, "waits": 0, "waited": 0.0, "number": 0, **more}
    return RetryRules().decide(outcome, **known)


@pytest.mark.parametrize("status", [408, 409, 500, 502, 503, 504])
def test_these_statuses_are_tried_again_twice(status: int) -> None:
    """Two retries, then the answer is kept."""
    actions = [decide(reply(status), failures=failures).action for failures in range(3)]
    assert actions == ["again", "again", "keep"]


@pytest.mark.parametrize("status", [200, 201, 400, 401, 403, 404, 413, 422])
def test_these_statuses_are_kept(status: int) -> None:
    """An answer, and a refusal that will not change, are not asked for twice."""
    assert decide(reply(status)).action == "keep"


@pytest.mark.parametrize(
    ("kind", "action"),
    [
        ("connect", "again"),
        ("dns", "again"),
        ("cut", "again"),
        ("timeout", "keep"),
        ("tls", "keep"),
        ("redirect", "keep"),
        ("too large", "keep"),
    ],
)
def test_which_failures_are_tried_again(kind: FailureKind, action: str) -> None:
    """A lost connection is; a timeout was paid for, and a certificate stays wrong."""
    assert action == decide(failed(kind)).action


def test_a_server_that_keeps_saying_at_once_is_not_hammered() -> None:
    """A short wait is believed three times; then the pauses grow, so that a call ends in time."""
    refused = reply(429, retry_after="0")
    pauses = [decide(refused, waits=waits).pause for waits in range(9)]
    assert [0.0, 0.0, 0.0] == pauses[:3]
    assert 0.3 < pauses[3] <= 0.5
    assert 6.0 <= pauses[8] <= 8.0


def test_the_server_may_overrule() -> None:
    """`x-should-retry` counts, as the SDKs have it."""
    assert decide(reply(500, x_should_retry="false")).action == "keep"
    assert decide(reply(400, x_should_retry="true")).action == "again"
    assert decide(reply(200, x_should_retry="true")).action == "keep"


@pytest.mark.parametrize("status", [429, 529])
def test_throttling_is_no_retry(status: int) -> None:
    """It waits as told, however often, until the time for it is used up."""
    decision = decide(reply(status, retry_after="7"), failures=99, waits=99)
    assert Decision(action="throttled", pause=7.0) == decision
    assert decide(reply(status, retry_after="7"), waited=594.0).action == "keep"


@pytest.mark.parametrize(
    "body",
    [
        b'{"error": {"code": "insufficient_quota", "message": "x"}}',
        b'{"error": {"type": "insufficient_quota"}}',
    ],
)
def test_an_empty_account_is_not_waited_for(body: bytes) -> None:
    """A 429 that means no money is an answer."""
    assert decide(reply(429, body)).action == "keep"
    assert decide(reply(429, x_should_retry="false")).action == "keep"


@pytest.mark.parametrize(
    "body", [b"", b"null", b"[]", b'{"error": null}', b'{"error": {"code": []}}']
)
def test_odd_bodies_of_a_429_mean_throttling(body: bytes) -> None:
    """Whatever else stands in it, a 429 is throttling."""
    assert decide(reply(429, body)).action == "throttled"


def test_a_server_cannot_make_us_wait_for_ever() -> None:
    """A wait is 60 s at most."""
    assert decide(reply(429, retry_after="86400")).pause == 60.0
    assert decide(reply(503, retry_after="86400")).pause == 60.0


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "3"}, 3.0),
        ({"retry-after": "0.5"}, 0.5),
        ({"retry-after-ms": "250", "retry-after": "3"}, 0.25),
        ({"retry-after": "Fri, 20 Nov 2026 17:00:30 GMT"}, 30.0),
        ({"retry-after": "Fri, 20 Nov 2020 17:00:30 GMT"}, 0.0),
        ({"retry-after": "-1"}, None),
        ({"retry-after": "inf"}, None),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "soon"}, None),
        ({}, None),
    ],
)
def test_what_a_server_asks_to_wait(headers: dict[str, str], seconds: float | None) -> None:
    """Milliseconds, seconds and dates are read; nonsense is not."""
    assert seconds == told_to_wait(headers, datetime(2026, 11, 20, 17, tzinfo=UTC))


@given(st.text(), st.text())
def test_any_header_text_is_read_without_fear(milliseconds: str, seconds: str) -> None:
    """No text of a header raises, and no wait is negative or endless."""
    told = told_to_wait({"retry-after-ms": milliseconds, "retry-after": seconds})
    assert told is None or 0 <= told < float("inf")


def test_pauses_grow_and_repeat_with_the_seed() -> None:
    """The same seed, call and attempt wait the same; others differ."""
    pauses = [decide(reply(500), failures=0, number=n).pause for n in range(5)]
    assert pauses == [decide(reply(500), failures=0, number=n).pause for n in range(5)]
    assert len(set(pauses)) == 5
    assert all(0.375 <= pause <= 0.5 for pause in pauses)
    assert 0.75 <= decide(reply(500), failures=1).pause <= 1.0
    assert 6.0 <= decide(reply(429), waits=500).pause <= 8.0


def run(jobs: list[Any], **options: Any) -> list[Reply | ReplayError]:
    """All outcomes, in order."""
    with Engine(**{"timeout": 5.0, **options}) as engine:
        engine.start(jobs)
        return [engine.result(job) for job in jobs]


@pytest.mark.parametrize("api", ["chat_completions", "messages"])
def test_a_retry_leads_to_the_answer_and_is_told(serve: Serve, api: str) -> None:
    """The reply is the last attempt's, with the earlier ones noted."""

    def answer(seen: Seen) -> Answer:
        if seen.number == 0:
            return as_json({"error": "busy"}, 503, retry_after_ms="10")
        return Answer(body=b"{", cut=True) if seen.number == 1 else as_json(CHAT)

    server = serve(answer)
    begun = time.perf_counter()
    outcome = run(jobs_to(server.url, 1, api))[0]
    elapsed = time.perf_counter() - begun
    assert isinstance(outcome, Reply)
    assert [attempt.status for attempt in outcome.attempts] == [503, 200]
    assert outcome.duration <= elapsed - 0.7  # the pause after the cut is no part of the answer


def test_after_the_last_retry_the_failure_counts_them(serve: Serve) -> None:
    """Three attempts that break off are one failure that says so."""
    server = serve(lambda _: Answer(raw=b""))
    outcome = run(jobs_to(server.url, 1))[0]
    assert isinstance(outcome, CallFailed)
    assert str(outcome).endswith("(attempt 3)")
    assert len(server.seen) == 3


def test_throttling_halves_the_concurrency_and_success_restores_it(serve: Serve) -> None:
    """After a 429 fewer calls are in flight; in the end every call has its answer."""
    windows: list[int] = []
    all_there = asyncio.Event()

    async def answer(seen: Seen) -> Answer:
        windows.append(server.in_flight)
        if seen.number < 8:
            if seen.number == 7:
                all_there.set()
            await all_there.wait()
            return as_json({"error": {}}, 429, retry_after_ms="100")
        return Answer(body=b"{}", delay=0.02)

    server = serve(answer)
    outcomes = run(jobs_to(server.url, 60), concurrency=8, timeout=60.0)
    assert sum(isinstance(outcome, Reply) for outcome in outcomes) == 60
    assert len(server.seen) == 68
    assert max(windows[8:16]) <= 4
    assert max(windows) == 8


def test_a_target_that_throttles_for_ever_fails_soon(serve: Serve) -> None:
    """When patience is used up, every call fails after one look, not after its own wait."""
    server = serve(lambda _: as_json({"error": {}}, 429, retry_after_ms="50"))
    rules = RetryRules(throttled_total=0.3)
    outcomes = run(jobs_to(server.url, 40), concurrency=2, rules=rules)
    assert len(server.seen) < 2 * 40
    assert {429} == {outcome.status for outcome in outcomes if isinstance(outcome, Reply)}
    assert len(outcomes) == 40


def test_one_cut_for_all_calls_of_a_wave() -> None:
    """Complaints about calls that were in flight together halve the limit once."""

    async def wave() -> float:
        now = 0.0
        throttle = Throttle(16, clock=lambda: now)
        entered = [await throttle.enter() for _ in range(16)]
        now = 1.0
        for moment in entered:
            throttle.throttled(moment, 0.0)
        return throttle.limit

    assert asyncio.run(wave()) == 8.0


def test_slots_are_handed_on_in_turn() -> None:
    """Who waits longest is next, and the limit is never passed."""

    async def turns() -> list[int]:
        throttle = Throttle(2)
        order: list[int] = []

        async def one(number: int) -> None:
            await throttle.enter()
            order.append(number)
            assert throttle.in_flight <= 2
            await asyncio.sleep(0.001)
            throttle.leave()

        await asyncio.gather(*(one(number) for number in range(9)))
        return order

    assert list(range(9)) == asyncio.run(turns())
