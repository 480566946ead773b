"""Which tape a call belongs to: the innermost one that is open where the call is made.

Each context (thread, task) sees the tapes that were opened in it or around it. A thread that a
library started sees none; its calls go to the innermost open tape of the process when there is no
doubt which one that is, and are refused when there is.
"""

from __future__ import annotations

import itertools
import os
import threading
from collections.abc import Callable
from contextvars import ContextVar
from typing import Final, TypeAlias

from .tape import Tape

__all__ = [
    "OUTSIDE",
    "CallRefused",
    "Number",
    "after_closing",
    "anything_open",
    "close_tape",
    "current_number",
    "current_tape",
    "failure_in_force",
    "open_tape",
    "possible_tapes",
    "refusal",
    "refuse_with",
    "set_outside",
    "tape_of",
]


class CallRefused(BaseException):
    """An LLM call that cannot be let through; no SDK swallows or retries it."""


Number: TypeAlias = tuple[int, int]
"""By which other processes know a tape: of the process that opened it, and of the tape there."""
OUTSIDE: Final[Number] = (0, 0)
"""The tape that is asked when none is open, in whichever process."""
_numbers: Final = itertools.count(1)


def _nothing() -> None:
    """What is to be done after most tapes."""


class _Opening:
    """A tape that is open in a context, and the ones opened before it."""

    __slots__ = ("number", "parent", "tape")

    def __init__(self, tape: Tape, parent: _Opening | None) -> None:
        self.number: Number = (os.getpid(), next(_numbers))
        self.tape: Tape | None = tape
        self.parent = parent

    @property
    def nearest(self) -> _Opening | None:
        """This opening or the first around it that is not closed."""
        found: _Opening | None = self
        while found is not None and found.tape is None:
            found = found.parent
        return found


class _Registry:
    """All open tapes of the process."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.openings: list[_Opening] = []
        self.innermost: tuple[_Opening, ...] = ()
        self.outside: Tape | None = None
        self.busy = False
        self.failure: Callable[[str], BaseException] = CallRefused
        self.afterwards: Callable[[], object] = _nothing

    def add(self, opening: _Opening) -> None:
        with self.lock:
            self.openings.append(opening)
            self._settle()

    def remove(self, tape: Tape) -> _Opening:
        with self.lock:
            for opening in reversed(self.openings):
                if opening.tape is tape:
                    self.openings.remove(opening)
                    opening.tape = None
                    self._settle()
                    return opening
        raise ValueError(f"{tape!r} is not open")

    def _settle(self) -> None:
        around = {id(one.parent.nearest) for one in self.openings if one.parent is not None}
        self.innermost = tuple(one for one in self.openings if id(one) not in around)
        self.settle_busy()

    def settle_busy(self) -> None:
        self.busy = bool(self.openings) or self.outside is not None


_registry: Final = _Registry()
_here: ContextVar[_Opening | None] = ContextVar("pytest_llmreplay_tape", default=None)


def open_tape(tape: Tape) -> None:
    """Let the LLM calls of this context, and of what it starts from now on, go to `tape`."""
    top = _here.get()
    opening = _Opening(tape, None if top is None else top.nearest)
    _registry.add(opening)
    _here.set(opening)


def close_tape(tape: Tape) -> None:
    """Take `tape` out again, from whichever context; the order of closing does not matter."""
    closed = _registry.remove(tape)
    if _here.get() is closed:
        _here.set(closed.nearest)
    _registry.afterwards()


def after_closing(action: Callable[[], object] | None) -> None:
    """Do this whenever a tape has been closed; none takes it away."""
    _registry.afterwards = action or _nothing


def set_outside(tape: Tape | None) -> Tape | None:
    """The tape that is asked when none is open, in the whole process; none takes it away.

    Returns:
        The one that was asked so far.
    """
    with _registry.lock:
        before, _registry.outside = _registry.outside, tape
        _registry.settle_busy()
    return before


def refuse_with(failure: Callable[[str], BaseException]) -> None:
    """How a refused call fails: `failure` makes the exception from the message."""
    _registry.failure = failure


def failure_in_force() -> Callable[[str], BaseException]:
    """What makes the failure of a refused call: the function that `refuse_with` was given last."""
    return _registry.failure


def anything_open() -> bool:
    """Whether any call could belong to a tape; as cheap as a look."""
    return _registry.busy


def current_tape() -> Tape | None:
    """The tape of this context.

    Raises:
        CallRefused: Several tapes are open and none of them in this context (or what
            `refuse_with` was given instead).
    """
    opening = _here.get()
    tape = None if opening is None else opening.tape
    return _tape_of_stranger(opening) if tape is None else tape


def possible_tapes() -> tuple[Tape, ...]:
    """The tape of this context, or all that could be meant where `current_tape` would refuse."""
    try:
        tape = current_tape()
    except BaseException:  # noqa: BLE001  (whatever `refuse_with` was given)
        return tuple(one.tape for one in _registry.innermost if one.tape is not None)
    return () if tape is None else (tape,)


def current_number() -> Number | None:
    """The number of the tape of this context.

    None where none is open, or nobody can say which it is.
    """
    tapes = possible_tapes()
    if len(tapes) != 1:
        return None
    numbers = (one.number for one in _registry.openings if one.tape is tapes[0])
    return next(numbers, OUTSIDE)


def tape_of(number: Number | None) -> Tape | None:
    """The tape with this number, while it is open in this process or was when it was forked."""
    if number == OUTSIDE:
        return _registry.outside
    return next((one.tape for one in _registry.openings if one.number == number), None)


def refusal(message: str) -> BaseException:
    """The exception of a call that cannot be let through."""
    return _registry.failure(message)


def _tape_of_stranger(stale: _Opening | None) -> Tape | None:
    """The tape of a context in which none is open any more, or never was."""
    innermost = _registry.innermost
    if not innermost:
        return _registry.outside
    if len(innermost) == 1:
        return innermost[0].tape
    around = None if stale is None else stale.nearest
    if around is not None:
        return around.tape
    raise refusal(
        f"LLM call from a thread that belongs to no cassette while {len(innermost)} are open: "
        "it could be anyone's. Start the thread in a copy of the context "
        "(threading.Thread(target=contextvars.copy_context().run, args=(work,)), "
        "asyncio.to_thread) or open one cassette at a time."
    )
