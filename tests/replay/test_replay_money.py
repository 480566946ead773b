"""The money of a run: ledgers, what is set aside and charged, and the order of a capped run."""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import os
import random
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from replay.replay_server import CHAT, Answer, Loopback, Seen, as_json, outgoing

from pytest_llmreplay.compare.figures.own_price import Price
from pytest_llmreplay.compare.figures.tokens import recorded_usage
from pytest_llmreplay.errors import CassetteError, ReplayError
from pytest_llmreplay.event import Chunk, Measured, Usage
from pytest_llmreplay.replay.calls.outgoing import Outgoing, Recorded
from pytest_llmreplay.replay.calls.result import CallFailed, FailureKind, NotRun, Reply
from pytest_llmreplay.replay.calls.retry import RetryRules
from pytest_llmreplay.replay.money.charges import charge_of
from pytest_llmreplay.replay.money.ledger import Account, Ledger, Reservation
from pytest_llmreplay.replay.money.reserving import most
from pytest_llmreplay.replay.money.shared import SharedLedger
from pytest_llmreplay.replay.money.spender import Spender
from pytest_llmreplay.replay.money.spread import Place, spread
from pytest_llmreplay.replay.sending.engine import Engine
from pytest_llmreplay.replay.sending.job import Job

CAP = 1.0
DEAR = Price(input=1000, output=1000)
"""A tenth of a cent for a token."""

amounts = st.floats(min_value=0, max_value=0.4)
shares = st.one_of(st.none(), st.floats(min_value=0, max_value=1))


@pytest.fixture(params=["of one process", "shared"])
def account(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Account]:
    """Either kind of ledger, of a dollar."""
    if request.param == "shared":
        shared = SharedLedger.create(tmp_path, CAP)
        yield shared
        shared.remove()
    else:
        yield Ledger(CAP)


def test_money_that_is_set_aside_is_not_there_for_others(account: Account) -> None:
    """It comes back as far as the call cost less, and then another one fits."""
    first = account.reserve(0.7)
    assert first is not None
    assert None is account.reserve(0.7)
    assert account.fits(0.7)
    account.charge(first, 0.2)
    account.charge(first, 0.9)
    assert account.reserve(0.7) is not None
    assert (0.2, 0.7) == (account.sums().charged, account.sums().reserved)


def test_a_cost_that_nobody_knows_is_all_that_was_set_aside(account: Account) -> None:
    """And it is told apart."""
    reservation = account.reserve(0.6)
    assert reservation is not None
    account.charge(reservation, None)
    sums = account.sums()
    assert (0.6, 0.6, 0.0) == (sums.charged, sums.unknown, sums.reserved)
    assert not account.fits(0.5)


@pytest.mark.parametrize("cost", [-5.0, float("nan"), float("inf")])
def test_a_server_cannot_give_money_back(account: Account, cost: float) -> None:
    """A cost that no call can have is not known, and what was set aside is spent."""
    reservation = account.reserve(0.6)
    assert reservation is not None
    account.charge(reservation, cost)
    assert (0.6, 0.6) == (account.sums().charged, account.sums().unknown)


@given(st.lists(st.tuples(amounts, shares)))
def test_the_cap_is_never_passed(calls: list[tuple[float, float | None]]) -> None:
    """Whatever calls come in whatever order, while none costs more than was set aside for it."""
    ledger, open_ = Ledger(CAP), list[tuple[Reservation, float | None]]()
    for amount, share in calls:
        reservation = ledger.reserve(amount)
        if reservation is not None:
            open_.append((reservation, None if share is None else share * amount))
        elif open_:
            ledger.charge(*open_.pop(len(open_) // 2))
        sums = ledger.sums()
        assert CAP >= sums.charged + sums.reserved - 1e-9


def test_a_sum_of_many_cents_is_exact(account: Account) -> None:
    """Ten times a tenth is the whole cap, and not a call more."""
    for _ in range(10):
        reservation = account.reserve(0.1)
        assert reservation is not None
        account.charge(reservation, 0.1)
    assert not account.fits(0.000001)


def test_threads_share_a_ledger(account: Account) -> None:
    """Thirty-two threads never have more than the cap between them."""

    def call(number: int) -> bool:
        reservation = account.reserve(0.05)
        if reservation is not None:
            account.charge(reservation, 0.05 if number % 2 else None)
        return reservation is not None

    with ThreadPoolExecutor(32) as pool:
        made = sum(pool.map(call, range(100)))
    assert 20 == made
    assert CAP == account.sums().charged


def _spend(path: Path, count: int) -> None:
    ledger = SharedLedger(path)
    for _ in range(count):
        reservation = ledger.reserve(0.01)
        if reservation is not None:
            ledger.charge(reservation, 0.01)


def _reserve_and_die(path: Path) -> None:
    SharedLedger(path).reserve(0.25)
    os.kill(os.getpid(), signal.SIGKILL)


def _in_processes(target: Callable[..., None], count: int, *arguments: Any) -> None:
    spawn = multiprocessing.get_context("fork")
    processes = [spawn.Process(target=target, args=arguments) for _ in range(count)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()


def test_processes_share_a_ledger(tmp_path: Path) -> None:
    """Four of them that ask for more than there is spend all there is, and no cent more."""
    ledger = SharedLedger.create(tmp_path, CAP)
    _in_processes(_spend, 4, ledger.path, 40)
    assert (CAP, 0.0) == (ledger.sums().charged, ledger.sums().reserved)


def test_what_a_killed_process_had_set_aside_is_spent(tmp_path: Path) -> None:
    """Its calls may have been charged; nobody waits for it."""
    ledger = SharedLedger.create(tmp_path, CAP)
    _in_processes(_reserve_and_die, 2, ledger.path)
    sums = ledger.sums()
    assert (0.5, 0.5, 0.0) == (sums.charged, sums.unknown, sums.reserved)


def test_ledgers_of_runs_that_are_no_more_are_removed(tmp_path: Path) -> None:
    """A killed run leaves its ledger; the next one begins with a new one, and leaves nothing."""
    directory = SharedLedger.create(tmp_path, CAP).path.parent
    (directory / "999999999.json").write_text("{}")
    ledger = SharedLedger.create(tmp_path, 2.0)
    assert 2.0 == ledger.sums().cap
    ledger.remove()
    assert [] == list(directory.iterdir())


@pytest.mark.parametrize("kind", ["lock", "new", "json"])
def test_a_link_in_the_place_of_a_ledger_leads_nowhere(tmp_path: Path, kind: str) -> None:
    """T7: whoever guesses the process cannot have a file of the user's written."""
    directory = SharedLedger.create(tmp_path, CAP).path.parent
    outside, link = tmp_path / "outside", directory / f"{os.getpid()}.{kind}"
    outside.write_text("as it was")
    link.unlink(missing_ok=True)
    link.symlink_to(outside)
    with nullcontext() if kind == "json" else pytest.raises(CassetteError, match="symbolic links"):
        assert 2.0 == SharedLedger.create(tmp_path, 2.0).sums().cap
    assert "as it was" == outside.read_text()


@pytest.mark.parametrize("text", ["", "{", "[]", '{"cap": 1}', '{"cap": 1.5, "open": {}}'])
def test_a_damaged_ledger_stops_the_spending(tmp_path: Path, text: str) -> None:
    """One sentence, and no money."""
    ledger = SharedLedger.create(tmp_path, CAP)
    ledger.path.write_text(text)
    with pytest.raises(ReplayError, match="ledger of --llm-max-cost cannot be read"):
        ledger.reserve(0.1)


def test_sixteen_calls_at_once_keep_the_cap() -> None:
    """The server itself counts: what it charged is below the cap, and what was left fits no call.

    Each call is set aside as 62 tokens and costs 15; a call that does not fit waits for those
    under way.
    """

    def answer(seen: Seen) -> Answer:
        told = as_json(CHAT)
        told.delay = 0.05 + random.Random(seen.number).random() / 20
        return told

    server = Loopback(answer)
    spender = Spender(Ledger(CAP))
    request = paid(server.url)
    jobs = [Job(target="t", prepare=lambda: request) for _ in range(100)]
    with Engine(concurrency=16, window=100, spender=spender) as engine:
        engine.start(jobs)
        outcomes = Counter(type(engine.result(job)) for job in jobs)
    server.stop()
    charged = 0.015 * len(server.seen)
    assert {Reply: len(server.seen), NotRun: 100 - len(server.seen)} == outcomes
    assert pytest.approx((charged, 0.0)) == (spender.sums().charged, spender.sums().reserved)
    assert CAP - 0.062 < charged <= CAP
    assert 4 < server.most_in_flight


FAILED: list[tuple[FailureKind, float | None]] = [
    ("connect", 0.0),
    ("dns", 0.0),
    ("tls", 0.0),
    ("redirect", 0.0),
    ("timeout", None),
    ("cut", None),
]


@pytest.mark.parametrize(("kind", "charged"), FAILED)
def test_a_failed_call_is_free_where_no_model_had_it(
    kind: FailureKind, charged: float | None
) -> None:
    """Else nobody knows what the provider charged."""
    assert charged == charge_of(CallFailed("it failed", kind=kind))


WORDS = b'data: {"choices": [{"index": 0, "delta": {"content": "Good"}}]}\n\n'
TOKENS = b'data: {"choices": [], "usage": {"prompt_tokens": 12, "completion_tokens": 3}}\n\n'
DONE = b"data: [DONE]\n\n"


@pytest.mark.parametrize(
    ("status", "data", "charged"),
    [
        (200, WORDS + TOKENS + DONE, 0.015),
        (200, WORDS + TOKENS, None),
        (200, WORDS + DONE, None),
        (400, WORDS, 0.0),
        (408, WORDS, None),
        (429, WORDS, 0.0),
        (500, WORDS, None),
        (503, WORDS, 0.0),
    ],
)
def test_what_an_answer_did_cost(status: int, data: bytes, charged: float | None) -> None:
    """A refusal is free; 15 tokens count where the answer is whole and tells them."""
    reply = Reply(
        status=status,
        headers={"content-type": "text/event-stream"},
        chunks=(Chunk(at=0.1, data=data),),
        at="2026-11-20T17:00:00.412Z",
        duration=0.1,
        time_to_first_chunk=0.1,
        outgoing=paid("http://127.0.0.1:9", stream=True),
    )
    assert charged == charge_of(reply)


def test_a_call_that_is_stopped_has_spent_its_money() -> None:
    """It is on its way all the same."""

    async def never(_: Seen) -> Answer:
        await asyncio.sleep(60)
        return as_json(CHAT)

    server = Loopback(never)
    spender = Spender(Ledger(CAP))
    job = Job(target="t", prepare=lambda: paid(server.url))
    with Engine(concurrency=1, spender=spender, rules=RetryRules(retries=0)) as engine:
        engine.start([job])
        while not server.seen:
            time.sleep(0.01)
    server.stop()
    assert 0.062 == pytest.approx(spender.sums().unknown)
    assert 0.0 == spender.sums().reserved


def paid(url: str, **body: Any) -> Outgoing:
    """A call to a server that a price is written down for: 42 tokens read, 4 x 5 written."""
    plain = outgoing(url)
    return Outgoing(
        endpoint=plain.endpoint,
        api=plain.api,
        path=plain.path,
        headers=plain.headers,
        body={**plain.body, **body},
        content=json.dumps({**plain.body, **body}).encode(),
        stream=False,
        model="gpt-5-mini",
        price=DEAR,
        recorded=Recorded(model="gpt-5-mini", usage=Usage(input_tokens=42, output_tokens=5)),
    )


@pytest.mark.parametrize(
    ("body", "tokens"),
    [
        ({}, 20),
        ({"max_tokens": 100}, 100),
        ({"max_completion_tokens": 3}, 3),
        ({"max_tokens": 100, "n": 128}, 12_800),
        ({"max_tokens": -1}, 20),
        ({"max_tokens": 0}, 20),
        ({"max_tokens": 100, "n": -5}, 100),
        ({"max_tokens": 10**400}, 1_000_000_000),
    ],
)
def test_what_may_be_written_at_most(body: dict[str, Any], tokens: int) -> None:
    """As much as the request allows, of each choice; else four times what was recorded."""
    found = most(paid("http://127.0.0.1:1", **body))
    assert pytest.approx((42 + tokens) / 1000) == found.amount


@pytest.mark.parametrize(("body", "limited"), [({}, False), ({"max_tokens": 20}, True)])
def test_a_cost_that_no_limit_holds_is_a_guess(body: dict[str, Any], limited: bool) -> None:
    """What a request allows at most is known; four times the recorded answer is not."""
    assert limited is most(paid("http://127.0.0.1:1", **body)).limited


def test_a_call_without_a_limit_may_cost_what_another_did(account: Account) -> None:
    """The dearest one tells, in all processes, and by how much calls were dearer is added up."""
    for cost in (0.2, 0.9):
        reservation = account.reserve(0.1, "a")
        assert reservation is not None
        account.charge(reservation, cost)
    assert (0.9, 0.1, 0.1) == (
        account.most(0.1, "a"),
        account.most(0.1, "b"),
        account.most(0.1, ""),
    )
    sums = account.sums()
    assert (2, 0.9, 0.1) == (sums.dearer, sums.excess, sums.passed)


@pytest.mark.parametrize("tokens", [None, -5, 10**400])
def test_a_cassette_cannot_make_calls_cheap(tokens: int | None) -> None:
    """Figures that no call ever had count as unknown."""
    told = Measured(input_tokens=tokens, output_tokens=tokens)
    assert Usage() == recorded_usage(told)
    assert None is Price(input=1, output=1).of(Usage(input_tokens=10**400, output_tokens=1))


def test_a_longer_request_than_the_recorded_one_is_counted() -> None:
    """What a person added is read, too."""
    text = [{"role": "user", "content": "word " * 1000}]
    read = 1000 * most(paid("http://127.0.0.1:1", messages=text)).amount - 20
    assert 1000 <= read <= 1300


def test_a_model_without_a_price_cannot_be_paid() -> None:
    """The message says where a price is written down."""
    with pytest.raises(
        ReplayError, match=r"no list price for openai/nobody.*`price:` in llmreplay\.yaml"
    ):
        most(
            Outgoing(
                endpoint=outgoing("https://llm.example/v1").endpoint,
                api="chat_completions",
                path="/chat/completions",
                headers={},
                body={},
                content=b"",
                stream=False,
                model="nobody",
            )
        )


@given(st.lists(st.integers(1, 30), min_size=1, max_size=6), st.floats(0.1, 0.9))
def test_every_beginning_of_a_capped_run_is_a_fair_sample(sizes: list[int], share: float) -> None:
    """Of each prompt the same share, to one event; and every event comes once."""
    places = [
        Place(cassette=f"c{number % 3}", prompt=f"p{prompt}", number=number)
        for prompt, size in enumerate(sizes)
        for number in range(size)
    ]
    order = spread(places)
    assert list(range(len(places))) == sorted(order)
    begun = Counter(places[index].prompt for index in order[: round(share * len(places))])
    for prompt, size in enumerate(sizes):
        assert abs(begun[f"p{prompt}"] - share * size) <= 1 + len(sizes) * size / len(places)


def test_cassettes_of_one_prompt_take_turns() -> None:
    """Whatever the order in which they were collected; the same in each run."""
    places = [
        Place(cassette=f"c{cassette}", prompt="p", number=number)
        for cassette in range(4)
        for number in range(5)
    ]
    begun = [places[index].cassette for index in spread(places)[:8]]
    assert {2} == set(Counter(begun).values())
    assert spread(places) == spread(places)
