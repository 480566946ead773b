"""Makes what a process takes along that is started, or works, for a test."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from importlib import import_module

from pytest_llmreplay.capture.active import Number, current_number, failure_in_force, tape_of
from pytest_llmreplay.capture.routing import rules
from pytest_llmreplay.capture.sockets import tripwire

from .answering import place_of, place_that_is_heard, place_to_be
from .asking import Asking, Place, Ticket

__all__ = ["ticket_for_a_fork", "ticket_from_here"]

_BY_FORK = (
    "It was started by fork, before the test. Start it in the test, or by spawn or forkserver, or "
    "let it ask through the fixture llm_server."
)


def ticket_from_here(*, by_fork: bool = False) -> Ticket | None:
    """A ticket for the tape of this context; none where there is none, or where it lets all pass.

    Args:
        by_fork: It is for processes that know the tape if they were started while it was open.
            Nobody listens to others, unless somebody does already: that takes a thread, and
            Python warns of a fork beside one.
    """
    if by_fork:
        return _ticket(lambda _: place_that_is_heard() or _BY_FORK)
    return _ticket(_told(place_of))


def ticket_for_a_fork() -> Ticket | None:
    """A ticket for a process about to be forked, which asks once its tape is closed here."""
    return _ticket(_told(place_to_be))


def _ticket(place_of_tape: Callable[[Number], Place | str]) -> Ticket | None:
    number = current_number()
    tape = tape_of(number)
    if number is None or tape is None or getattr(tape, "lets_pass", False):
        return None
    if isinstance(tape, Asking):
        return tape.ticket
    is_llm_call, own_servers = rules()
    wire = tripwire()
    return Ticket(
        number=number,
        place=place_of_tape(number),
        offline=wire is not None and wire.offline(tape),
        is_llm_call=is_llm_call,
        own_servers=own_servers,
        failure=partial(_made_by, *_name_of(failure_in_force())),
        is_llm_host=None if wire is None else wire.is_llm_host,
    )


def _name_of(failure: Callable[[str], BaseException]) -> tuple[str, str]:
    return failure.__module__, failure.__qualname__


def _made_by(module: str, name: str, message: str) -> BaseException:
    """A failure, whose home (pytest, most likely) is imported by a process that has one."""
    made: BaseException = getattr(import_module(module), name)(message)
    return made


def _told(place_of_tape: Callable[[Number], Place]) -> Callable[[Number], Place | str]:
    """The place, or why there is none."""

    def told(number: Number) -> Place | str:
        try:
            return place_of_tape(number)
        except Exception as problem:  # noqa: BLE001 - a test may have put its own sockets in place
            why = str(problem) or type(problem).__name__
            return f"The test's own process cannot listen to it: {why}"

    return told
