"""Writes the files beside a cassette, and removes those that it no longer refers to."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from pytest_llmreplay.cassette.places.naming import inside
from pytest_llmreplay.cassette.side_files.files import folder_of, is_side_file
from pytest_llmreplay.errors import CassetteError

__all__ = ["drop_unused", "missing", "write_files"]

_NEW = os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_NOFOLLOW | os.O_CLOEXEC
_BY_UMASK = 0o666


def missing(cassette: Path, files: Mapping[str, bytes]) -> dict[str, bytes]:
    """The side files of a cassette that are not on the disk as they should be."""
    folder = folder_of(cassette)
    return {name: data for name, data in files.items() if not _holds(folder / name, data)}


def write_files(cassette: Path, files: Mapping[str, bytes], *, root: Path) -> None:
    """Write files, each whole or not at all; one that another process wrote is the same.

    Args:
        cassette: The cassette that is going to refer to them.
        files: Contents by name.
        root: Directory that the files must stay in, whatever links say.

    Raises:
        CassetteError: The folder is no place for them.
        OSError: The disk refuses.
    """
    folder = folder_of(cassette)
    if files and folder.is_symlink():
        raise CassetteError(f"{folder}: is a link; files are written to plain folders only")
    lacking = missing(cassette, files)
    if not lacking:
        return
    inside(root, folder)
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in lacking.items():
        _write(folder / name, data)


def drop_unused(cassette: Path, used: frozenset[str] = frozenset()) -> None:
    """Remove files that the cassette does not refer to, and a folder that holds none.

    What has no name of ours stays.
    """
    folder = folder_of(cassette)
    if folder.is_symlink() or not folder.is_dir():
        return
    for path in folder.iterdir():
        if is_side_file(path.name) and path.name not in used:
            path.unlink(missing_ok=True)
    with suppress(OSError):  # somebody else's files are in it
        folder.rmdir()


def _holds(path: Path, data: bytes) -> bool:
    try:
        return not path.is_symlink() and path.is_file() and path.read_bytes() == data
    except OSError:
        return False


def _write(path: Path, data: bytes) -> None:
    temporary = path.with_name(f".{secrets.token_hex(8)}.tmp")
    try:
        with os.fdopen(os.open(temporary, _NEW, _BY_UMASK), "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
