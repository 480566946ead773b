"""Replaces a cassette whole, or not at all."""

from __future__ import annotations

import os
import secrets
import stat
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from types import MappingProxyType

from pytest_llmreplay.cassette.places.naming import inside
from pytest_llmreplay.errors import CassetteError

from .side_writer import drop_unused, missing, write_files

__all__ = ["replace_cassette"]

_NEW = os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_NOFOLLOW | os.O_CLOEXEC
_BY_UMASK = 0o666


def replace_cassette(
    path: Path,
    text: str,
    *,
    root: Path,
    checks: tuple[Callable[[bytes], object], ...],
    files: Mapping[str, bytes] = MappingProxyType({}),
    used: frozenset[str] = frozenset(),
) -> bool:
    """Write a cassette through a temporary file beside it; whether anything changed.

    Any failure leaves the old file as it was.

    Args:
        path: The cassette.
        text: Its new text.
        root: Directory that the file must stay in, whatever links say.
        checks: Each is given the bytes before anything is replaced and raises to refuse them:
            the scan for secrets, the reading back.
        files: New files beside the cassette, by name; they are written first.
        used: Names of all that it refers to; other files of such names are removed at last.

    Raises:
        CassetteError: The place is no place for a cassette, or the disk refuses.
        SecretFound: The bytes hold a secret.
    """
    data = text.encode()
    try:
        mode = _mode(inside(root, path))
        if mode is not None and path.read_bytes() == data and not missing(path, files):
            return False
        for check in checks:
            check(data)
        if not path.parent.is_dir():
            path.parent.mkdir(parents=True, exist_ok=True)
            inside(root, path)
        write_files(path, files, root=root)
        _swap(path, data, mode)
        drop_unused(path, used)
    except OSError as error:
        raise CassetteError(f"{path}: cannot be written: {error.strerror}") from error
    return True


def _mode(path: Path) -> int | None:
    """Permissions of the file that is there."""
    try:
        found = path.lstat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        return None
    if not stat.S_ISREG(found):
        kind = "a link" if stat.S_ISLNK(found) else "no file"
        raise CassetteError(f"{path}: is {kind}; a cassette is written to plain files only")
    return stat.S_IMODE(found)


def _swap(path: Path, data: bytes, mode: int | None) -> None:
    temporary = path.with_name(f".{secrets.token_hex(8)}.tmp")
    try:
        with os.fdopen(os.open(temporary, _NEW, _BY_UMASK), "wb") as file:
            file.write(data)
            file.flush()
            if mode is not None:
                os.fchmod(file.fileno(), mode)
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    _sync_directory(path.parent)


def _sync_directory(directory: Path) -> None:
    """Make the new name survive a power cut; not every file system can."""
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        with suppress(OSError):
            os.fsync(descriptor)
    finally:
        os.close(descriptor)
