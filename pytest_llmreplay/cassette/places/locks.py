"""One writer at a time for a file that several processes share."""

from __future__ import annotations

import fcntl
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .own_directory import subdirectory, written

__all__ = ["cassette_lock", "lock_at_once", "unlock"]


@contextmanager
def cassette_lock(rootdir: Path, cassette: Path) -> Iterator[None]:
    """Hold the lock of a cassette; waits for whoever holds it.

    The lock of a killed process is free at once. Lock files stay: removing one while another
    process waits on it would let two in.

    Raises:
        CassetteError: The place of the lock files is taken, or nothing can be written there.
    """
    name = hashlib.sha256(os.fsencode(cassette.resolve())).hexdigest()[:24]
    path = subdirectory(rootdir, "locks") / f"{name}.lock"
    with written(path):
        descriptor = os.open(path, os.O_CREAT | os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    process = os.getpid()
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        unlock(descriptor, process)
        os.close(descriptor)


def lock_at_once(descriptor: int) -> bool:
    """Lock an open file until it is closed; whether nobody else has."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def unlock(descriptor: int, holder: int) -> None:
    """Give the lock of an open file up, which closing it does not while a forked process lives.

    Args:
        descriptor: The open file.
        holder: Id of the process that took the lock; in its forked children nothing is given up.
    """
    if holder == os.getpid():
        fcntl.flock(descriptor, fcntl.LOCK_UN)
