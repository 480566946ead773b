"""The directory `.llmreplay`: what a run keeps that nobody else may read and git must not see."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pytest_llmreplay.errors import CassetteError

__all__ = ["OWN_DIRECTORY", "own_directory", "subdirectory", "write_own", "written"]

OWN_DIRECTORY = ".llmreplay"

_FLAGS = os.O_CREAT | os.O_WRONLY | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC


def own_directory(rootdir: Path) -> Path:
    """The directory below rootdir, made for its owner alone if it is not there.

    Raises:
        CassetteError: Something else is in its place, or nothing can be written there.
    """
    directory = rootdir / OWN_DIRECTORY
    _made(directory)
    ignore = directory / ".gitignore"
    with written(ignore):
        empty = not ignore.exists() or not ignore.stat().st_size  # a full disk leaves it empty
    if empty:
        write_own(ignore, "*\n")
    return directory


def subdirectory(rootdir: Path, *parts: str) -> Path:
    """A directory below `.llmreplay`, made if it is not there.

    Raises:
        CassetteError: Something else is in its place, or nothing can be written there.
    """
    directory = own_directory(rootdir)
    for part in parts:
        directory /= part
        _made(directory)
    return directory


def write_own(path: Path, text: str) -> None:
    """Write a small file below `.llmreplay`; a link in its place is not followed.

    Raises:
        CassetteError: It cannot be written.
    """
    with written(path), os.fdopen(os.open(path, _FLAGS, 0o600), "w", encoding="utf-8") as file:
        file.write(text)


@contextmanager
def written(path: Path) -> Iterator[None]:
    """Tell in one sentence what keeps a file from being written: a full disk, a read-only one.

    Raises:
        CassetteError: It cannot be written.
    """
    try:
        yield
    except OSError as error:
        raise CassetteError(f"{path}: cannot be written: {error.strerror}") from error


def _made(directory: Path) -> None:
    with written(directory):
        try:
            directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        except FileExistsError:
            raise _in_the_way(directory) from None
    if not stat.S_ISDIR(os.lstat(directory).st_mode):
        raise _in_the_way(directory)


def _in_the_way(directory: Path) -> CassetteError:
    return CassetteError(
        f"{directory}: expected a directory of its own, not a file or a link; move it away"
    )
