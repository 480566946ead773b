"""What a process that has no tape is told by the one that has it, and what it tells."""

from __future__ import annotations

import asyncio
import pickle
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager, nullcontext
from dataclasses import fields
from multiprocessing import AuthenticationError, popen_forkserver, popen_spawn_posix
from multiprocessing import spawn as spawning
from multiprocessing.connection import Client
from pathlib import Path
from types import ModuleType

import httpx2
import pytest
from capture.capture_tape import MemoryTape, Missed, playing, tape_in

from pytest_llmreplay.capture.active import CallRefused
from pytest_llmreplay.capture.arriving import Arriving
from pytest_llmreplay.capture.patching import check
from pytest_llmreplay.capture.processes import starting
from pytest_llmreplay.capture.processes.answering import answer_inside
from pytest_llmreplay.capture.processes.asking import Asking
from pytest_llmreplay.capture.processes.tickets import ticket_from_here
from pytest_llmreplay.capture.sockets import unwatch, watch
from pytest_llmreplay.capture.tape import (
    Decision,
    Elsewhere,
    LetPass,
    Playback,
    RawRequest,
    Recorder,
)
from pytest_llmreplay.errors import CaptureUnsupported
from pytest_llmreplay.event import Failure

pytestmark = pytest.mark.usefixtures("captured")

URL = "https://api.openai.com/v1/responses"


def no_host(_host: str, _port: int | None) -> bool:
    """The rule of a tripwire that nobody trips over."""
    return False


def request(content: bytes = b'{"input": "hi"}') -> RawRequest:
    """A call."""
    return RawRequest(
        method="POST",
        url=URL,
        headers={"x-name": "value"},
        content=content,
        library="httpx2",
        patience=2.5,
    )


def asking() -> Asking:
    """The tape that a new process of this context would have."""
    ticket = ticket_from_here()
    assert ticket is not None
    return Asking(pickle.loads(pickle.dumps(ticket)))


def told(tape: MemoryTape, content: bytes = b"{}") -> Decision:
    """What another process gets of the decision of a tape."""
    with tape_in(tape):
        return asking().route(request(content))


def test_a_tape_is_asked_for_the_very_call() -> None:
    """Whatever it looks at is as the client made it."""
    tape = playing()
    told(tape, b'{"\xff": 1}')
    [asked] = tape.asked
    assert ("POST", URL, "httpx2", 2.5) == (asked.method, asked.url, asked.library, asked.patience)
    assert {"x-name": "value"} == asked.headers
    assert b'{"\xff": 1}' == asked.content


@pytest.mark.parametrize(
    "answer",
    [
        Playback(status=200, headers=(("a", "b"), ("a", "c")), chunks=(b"x", b"", b"yz")),
        Playback(status=429, headers=(), named=(("request-id", "r"),), chunks=(), ended="cut"),
        Playback(status=599, headers=(), chunks=(), failure=Failure(kind="timeout", message="t")),
    ],
)
def test_an_answer_arrives_as_it_is(answer: Playback) -> None:
    """In its pieces, with what ended it."""
    assert answer == told(MemoryTape(lambda _: answer))


def test_all_of_an_answer_is_among_those() -> None:
    """What an answer gets beside has to travel, too."""
    known = {"status", "headers", "named", "chunks", "ended", "failure"}
    assert known == {field.name for field in fields(Playback)}


def test_a_call_that_is_none_passes() -> None:
    """Nobody answers or records it."""
    assert told(MemoryTape(lambda _: None)) is None


def test_a_refusal_is_raised_where_the_call_is_made() -> None:
    """In the words of the tape."""

    def missed(_: RawRequest) -> Decision:
        raise Missed("no recording")

    with pytest.raises(CallRefused, match=r"^no recording$"):
        told(MemoryTape(missed))


def dictated(act: Callable[[Recorder], None]) -> MemoryTape:
    """A tape that recorded a call of another process."""
    tape = MemoryTape()
    with tape_in(tape):
        recorder = asking().route(request())
        act(recorder)  # type: ignore[arg-type]  # it records, here
    return tape


def test_a_live_call_is_taken_down_where_the_tape_is() -> None:
    """To its end; what comes after it is not listened to."""

    def act(recorder: Recorder) -> None:
        recorder.head(200, iter([("A", "b")]))
        recorder.chunk(b"x")
        recorder.chunk(b"\xff")
        recorder.finish("cut")
        recorder.chunk(b"late")
        recorder.finish()

    [call] = dictated(act).calls
    assert (200, [("a", "b")], [b"x", b"\xff"], "cut") == (
        call.status,
        call.headers,
        call.chunks,
        call.ended,
    )


def test_a_live_call_without_an_answer() -> None:
    """Why there is none is taken down."""
    [call] = dictated(lambda recorder: recorder.fail("connect", "refused")).calls
    assert Failure(kind="connect", message="refused") == call.failure


def test_a_live_call_that_was_not_made() -> None:
    """It is forgotten where the tape is."""
    [call] = dictated(lambda recorder: recorder.forget()).calls
    assert call.forgotten


def test_a_process_goes_on_where_nobody_listens_any_more() -> None:
    """Its live call ends as it does; nobody is left who could record it."""
    tape = MemoryTape()
    with tape_in(tape):
        recorder = asking().route(request())
    recorder._line.close()
    recorder.chunk(b"x")
    recorder.finish()


def test_an_answer_from_elsewhere_is_waited_for() -> None:
    """Other tasks go on meanwhile; a thread may wait as well."""
    answers: list[Future[Playback]] = [Future(), Future()]
    waiting = iter(answers)

    def route(_: RawRequest) -> Decision:
        answer = next(waiting)
        return Elsewhere(ask=answer.result, begin=lambda: answer)

    async def ask() -> bytes:
        async with httpx2.AsyncClient() as client:
            pending = asyncio.create_task(client.post(URL, json={}))
            await asyncio.sleep(0.01)
            answers[0].set_result(Playback(status=200, headers=(), chunks=(b"a",)))
            return (await pending).content

    with tape_in(MemoryTape(route)), tape_in(asking()):
        assert b"a" == asyncio.run(ask())
        answers[1].set_result(Playback(status=200, headers=(), chunks=(b"b",)))
        assert b"b" == httpx2.post(URL, json={}).content


def test_the_pieces_of_an_answer_that_is_still_coming() -> None:
    """Each is passed on when it comes; how the body ended, too."""
    coming = Arriving(lambda: None)
    with tape_in(MemoryTape(lambda _: Playback(status=200, headers=(), chunks=coming))):
        decision = asking().route(request())
        assert isinstance(decision, Elsewhere)
        answer = decision.ask()
        assert isinstance(answer.chunks, Arriving)
        coming.put(b"x")
        assert b"x" == answer.chunks.next_piece()
        coming.put(b"y")
        coming.end("cut", "it broke")
        assert [b"y"] == list(answer.chunks)
        assert ("cut", "it broke") == (answer.ending, answer.reason)


def test_a_reader_that_leaves_an_answer_lets_its_sender_know() -> None:
    """With the next piece that comes."""
    left = threading.Event()
    coming = Arriving(left.set)
    with tape_in(MemoryTape(lambda _: Playback(status=200, headers=(), chunks=coming))):
        decision = asking().route(request())
        assert isinstance(decision, Elsewhere)
        answer = decision.ask()
        answer.close()
        while not left.wait(0.01):
            coming.put(b"x")


def test_a_refusal_after_a_while() -> None:
    """It is raised where the answer is waited for."""

    def refuse() -> Playback:
        raise Missed("not there")

    with tape_in(MemoryTape(lambda _: Elsewhere(ask=refuse, begin=Future))):
        decision = asking().route(request())
        assert isinstance(decision, Elsewhere)
        with pytest.raises(CallRefused, match=r"^not there$"):
            decision.ask()


def test_a_process_that_has_outlived_its_tape_is_refused() -> None:
    """Nobody listens any more; nothing waits."""
    with tape_in(playing()):
        here = asking()
    with pytest.raises(CallRefused, match="outlived its test"):
        here.route(request())


@pytest.mark.timeout(60)
def test_a_tape_can_be_closed_at_any_moment() -> None:
    """Right after a call, too, when whoever listens has not yet begun to wait for the next."""
    assert 200 == sum(told(playing()) is not None for _ in range(200))


def test_a_process_that_does_not_know_the_secret_is_not_listened_to() -> None:
    """Nor does it hinder others; one of another user does not come so far."""
    tape = playing()
    with tape_in(tape):
        here = asking()
        assert isinstance(here.ticket.place, tuple)
        address, secret = here.ticket.place
        assert 0 == Path(address).parent.stat().st_mode & 0o077
        with pytest.raises(AuthenticationError):
            Client(address, authkey=b"wrong")
        assert isinstance(here.route(request()), Playback)
    assert 1 == len(tape.asked)
    assert repr(secret) not in repr(here.ticket)


def test_tapes_are_asked_inside_of_what_was_said() -> None:
    """So that they know what else goes on where they are."""
    entered: list[str] = []

    @contextmanager
    def around() -> Iterator[None]:
        entered.append("here")
        yield

    answer_inside(around)
    try:
        told(playing())
    finally:
        answer_inside(nullcontext)
    assert ["here"] == entered


def test_nobody_gets_a_ticket_where_calls_go_out() -> None:
    """No tape is open, or one that lets all pass."""
    assert ticket_from_here() is None
    with tape_in(LetPass()):
        assert ticket_from_here() is None


def test_a_child_of_a_child_asks_where_that_asks() -> None:
    """The process in between may end before."""
    with tape_in(playing()):
        here = asking()
        with tape_in(here):
            assert here.ticket is ticket_from_here()


def test_a_ticket_says_whether_the_tape_is_offline() -> None:
    """By what the tripwire goes by."""
    watch(no_host, offline=lambda tape: tape is offline, failure=CallRefused)
    try:
        with tape_in(offline := playing()):
            assert asking().offline
        with tape_in(playing()):
            assert not asking().offline
    finally:
        unwatch()


def test_a_process_is_told_before_all_else_and_finds_the_plugin() -> None:
    """Even where that is on no path but the one that its parent has come to."""
    with tape_in(playing()):
        said = pickle.dumps({**spawning.get_preparation_data("child"), "authkey": None})
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", READ], input=said, capture_output=True, check=False
    )
    assert "Asking child" == done.stdout.decode(), done.stderr.decode()


READ = """
import pickle, sys
data = pickle.load(sys.stdin.buffer)
from pytest_llmreplay.capture.active import current_tape
print(type(current_tape()).__name__, data["name"], end="")
"""


def test_a_process_that_is_started_where_no_tape_is_open_is_told_nothing() -> None:
    """It gets what it would get without us."""
    with tape_in(LetPass()):
        assert not [name for name in spawning.get_preparation_data("x") if "llmreplay" in name]


@pytest.mark.parametrize("module", [popen_forkserver, popen_spawn_posix])
def test_processes_are_started_as_expected(
    module: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What all of them get is asked for where they are launched; else a message says so."""
    check(module.__name__, starting.call_sites(module))
    monkeypatch.setattr(module.Popen, "_launch", lambda *_: None)
    with pytest.raises(CaptureUnsupported, match=r"_launch does not go through .*preparation_data"):
        check(module.__name__, starting.call_sites(module))
