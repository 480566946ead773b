"""One ledger for the processes of a run, in a file that outlives any of them.

The file is small: it holds sums and what is reserved right now. Each change is a new file that
takes the place of the old one under a lock, so a process may be killed at any moment. What it had
reserved is then taken for spent, as its calls may have been charged.
"""

from __future__ import annotations

import fcntl
import itertools
import json
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from pytest_llmreplay.cassette.places.own_directory import subdirectory, write_own, written
from pytest_llmreplay.errors import ReplayError

from .book import Book, Reservation, Sums

__all__ = ["SharedLedger"]

_DIRECTORY = "money"


class SharedLedger:
    """The ledger of all processes that know its file; any thread may use it.

    Args:
        path: The file, as `create` told it.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._numbers = itertools.count(1)
        self._threads = threading.Lock()

    @classmethod
    def create(cls, rootdir: Path, cap: float) -> SharedLedger:
        """Begin a ledger below `.llmreplay`; ledgers of runs that were killed are removed.

        Args:
            rootdir: Where `.llmreplay` is.
            cap: USD.

        Raises:
            CassetteError: Nothing can be written there.
        """
        directory = subdirectory(rootdir, _DIRECTORY)
        _sweep(directory)
        ledger = cls(directory / f"{os.getpid()}.json")
        with ledger._threads, ledger._file_lock():
            ledger._write(Book.of(cap))
        return ledger

    def reserve(self, amount: float, asked: str = "") -> Reservation | None:
        """Set USD aside; none where they do not fit now."""
        with self._book() as book:
            return book.reserve(f"{os.getpid()}-{next(self._numbers)}", amount, asked)

    def most(self, amount: float, asked: str) -> float:
        """USD to set aside for a call: what it may cost, or what another one like it did."""
        with self._book() as book:
            return book.most(amount, asked)

    def charge(self, reservation: Reservation, cost: float | None) -> None:
        """Replace what was set aside by what the call cost, or keep it where that is unknown."""
        with self._book() as book:
            book.charge(reservation.id, cost, reservation.asked)

    def fits(self, amount: float) -> bool:
        """Whether USD can be set aside at all: now, or once calls under way have cost less."""
        with self._book() as book:
            return book.fits(amount)

    def sums(self) -> Sums:
        """The limit, what was charged and what is set aside, in USD."""
        with self._book() as book:
            return book.sums()

    def remove(self) -> None:
        """Delete the file; the run is over."""
        for path in (self.path, self._lock_path):
            path.unlink(missing_ok=True)

    @property
    def _lock_path(self) -> Path:
        return self.path.with_suffix(".lock")

    @contextmanager
    def _book(self) -> Iterator[Book]:
        """The book, held by nobody else meanwhile, and written where it was changed."""
        with self._threads, self._file_lock():
            book = self._read()
            before = book.told()
            _take_for_spent(book)
            yield book
            if book.told() != before:
                self._write(book)

    @contextmanager
    def _file_lock(self) -> Iterator[None]:
        with written(self._lock_path):
            flags = os.O_CREAT | os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC
            descriptor = os.open(self._lock_path, flags, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)

    def _read(self) -> Book:
        try:
            return Book.loaded(json.loads(self.path.read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError, AttributeError) as error:
            raise ReplayError(
                f"{self.path}: the ledger of --llm-max-cost cannot be read ({error}); "
                "nothing more is sent"
            ) from None

    def _write(self, book: Book) -> None:
        fresh = self.path.with_suffix(".new")
        write_own(fresh, json.dumps(book.told()))
        with written(fresh):
            fresh.replace(self.path)


def _take_for_spent(book: Book) -> None:
    """Charge what processes had reserved that are no more."""
    for owner in {id_.partition("-")[0] for id_ in book.open}:
        if not _lives(owner):
            for id_ in [id_ for id_ in book.open if id_.partition("-")[0] == owner]:
                book.charge(id_, None)


def _sweep(directory: Path) -> None:
    for path in directory.iterdir():
        if not _lives(path.name.partition(".")[0]):
            with suppress(OSError):
                path.unlink()


def _lives(process: str) -> bool:
    """Whether a process is alive; a number that is none is nobody's."""
    try:
        os.kill(int(process), 0)
    except (ValueError, OverflowError, ProcessLookupError):
        return False
    except PermissionError:
        return True
    return True
