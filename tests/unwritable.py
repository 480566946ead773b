"""Files that cannot be written, also by root: for lack of permission, and for lack of room."""

from __future__ import annotations

import ctypes
import os
import resource
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

__all__ = ["as_any_user", "read_only", "small_disk"]

_VERSION = 0x20080522
"""`_LINUX_CAPABILITY_VERSION_3`: https://man7.org/linux/man-pages/man2/capget.2.html."""
_READ_AND_WRITE_ALL = 0b110
"""`CAP_DAC_OVERRIDE` and `CAP_DAC_READ_SEARCH`."""


@contextmanager
def read_only(path: Path) -> Iterator[None]:
    """A directory in which nobody may write, not even root."""
    path.chmod(0o500)
    try:
        with as_any_user():
            yield
    finally:
        path.chmod(0o700)


@contextmanager
def small_disk(size: int) -> Iterator[None]:
    """No file grows beyond so many bytes; Python ignores the signal that comes with it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    compiles_nothing = sys.dont_write_bytecode
    sys.dont_write_bytecode = True  # Python 3.11 keeps what it compiled, cut short
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        sys.dont_write_bytecode = compiles_nothing


@contextmanager
def as_any_user() -> Iterator[None]:
    """Let permissions of files count for this thread and those that it begins, also as root."""
    if os.geteuid():
        yield
        return
    if sys.platform != "linux":
        pytest.skip("root writes wherever it likes")
    before = _effective()
    _set_effective(before & ~_READ_AND_WRITE_ALL)
    try:
        yield
    finally:
        _set_effective(before)


def _call(name: str, sets: ctypes.Array[ctypes.c_uint32]) -> None:
    header = (ctypes.c_uint32 * 2)(_VERSION, 0)
    if getattr(ctypes.CDLL(None, use_errno=True), name)(header, sets):
        pytest.skip(f"root cannot lay its powers down here: {os.strerror(ctypes.get_errno())}")


def _sets() -> ctypes.Array[ctypes.c_uint32]:
    """Effective, permitted, inheritable; twice, as there are more than 32."""
    sets = (ctypes.c_uint32 * 6)()
    _call("capget", sets)
    return sets


def _effective() -> int:
    return _sets()[0]


def _set_effective(powers: int) -> None:
    sets = _sets()
    sets[0] = powers
    _call("capset", sets)
