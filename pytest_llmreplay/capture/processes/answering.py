"""Hears the LLM calls of processes that were started for a test.

They ask over a socket, in a directory that nobody else may enter. One thread listens, from the
first such process on until a tape is closed and none is left, and one more answers each call. For
a process that is forked, which knows the tape that is open, nobody listens before that is closed:
Python warns of a fork beside a thread.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from contextlib import nullcontext, suppress
from typing import Final

from pytest_llmreplay.capture.active import Number, after_closing

from .asking import Place
from .deciding import Around, decide

__all__ = [
    "answer_inside",
    "answer_no_more",
    "listen",
    "place_of",
    "place_that_is_heard",
    "place_to_be",
]

_BACKLOG: Final = 128
_SECRET: Final = 32
"""Bytes."""
_PAUSE: Final = 0.01
"""Seconds until somebody may connect where nobody could, as all files are open."""
_PATIENCE: Final = 5.0
"""Seconds that a process has which has begun to connect."""


class _Answering:
    """May be asked from its making to its stop, and hears it from `listen` on."""

    def __init__(self) -> None:
        from multiprocessing.connection import Listener  # noqa: PLC0415 - only processes pay for it

        self._process = os.getpid()
        secret = os.urandom(_SECRET)
        self._listener = Listener(backlog=_BACKLOG, authkey=secret)
        self.place: Place = (str(self._listener.address), secret)
        self._stopped = False
        self._thread: threading.Thread | None = None

    @property
    def is_copy(self) -> bool:
        """Whether another process listens, which this one was forked from."""
        return self._process != os.getpid()

    @property
    def is_heard(self) -> bool:
        """Whether somebody listens, here or where this process was forked."""
        return self._thread is not None

    def listen(self) -> None:
        """Hear who asks, from now on."""
        if self._thread is None:
            self._thread = _started(self._listen)

    def stop(self) -> None:
        """Listen no more; a call that is under way ends with its tape."""
        self._stopped = True
        if self._thread is not None:
            with suppress(Exception):  # a test may have put its own sockets in place
                self._wake(self._thread)
        self._listener.close()

    def _wake(self, thread: threading.Thread) -> None:
        """Let the thread see that it is to stop, if it still waits; it may have seen it."""
        from multiprocessing.connection import Client  # noqa: PLC0415 - as above

        address, _ = self.place
        Client(address).close()  # without the secret, so that nobody has to answer
        thread.join(_PATIENCE)

    def _listen(self) -> None:
        while not self._stopped:
            try:
                connection = self._listener.accept()
            except Exception:  # noqa: BLE001 - whatever is wrong with one, others will come
                time.sleep(_PAUSE)
            else:
                _started(decide, connection, _Here.around)


class _Here:
    """Who answers in this process, or where it was forked, and inside of what."""

    lock: Final = threading.Lock()
    answering: _Answering | None = None
    around: Around = staticmethod(nullcontext)


def place_of(number: Number) -> Place:
    """Where to ask the tape with this number, from now on.

    Raises:
        OSError: No socket can be opened.
    """
    with _Here.lock:
        found = _answering(number)
        found.listen()
        return found.place


def place_to_be(number: Number) -> Place:
    """Where to ask once this process listens; raises as `place_of` does."""
    with _Here.lock:
        return _answering(number).place


def place_that_is_heard() -> Place | None:
    """Where to ask, if somebody listens already."""
    found = _Here.answering
    return found.place if found is not None and found.is_heard else None


def listen() -> None:
    """Hear who asks where he may, if anybody was told such a place."""
    with _Here.lock:
        if _Here.answering is not None and not _Here.answering.is_copy:
            _Here.answering.listen()


def _answering(number: Number) -> _Answering:
    """Who answers, here or where this process was forked."""
    found = _Here.answering
    if found is None or (found.is_copy and (number[0] == os.getpid() or not found.is_heard)):
        found = _Here.answering = _Answering()
        after_closing(_stop_if_alone)
    return found


def answer_inside(around: Around) -> None:
    """Open this around each call of another process that is decided here."""
    _Here.around = staticmethod(around)


def answer_no_more() -> None:
    """Stop, whoever may still ask."""
    found = _Here.answering
    if found is None or found.is_copy:
        return
    _Here.answering = None
    after_closing(None)
    found.stop()


def _stop_if_alone() -> None:
    """Stop, unless there is a process that may serve further tests, as that of a wide fixture."""
    from multiprocessing import active_children  # noqa: PLC0415 - as above

    if not active_children():
        answer_no_more()


def _started(work: Callable[..., None], *arguments: object) -> threading.Thread:
    thread = threading.Thread(target=work, args=arguments, name="llmreplay-answer", daemon=True)
    thread.start()
    return thread
