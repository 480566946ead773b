"""What a partial file holds, which keeps the calls of a recording that is not finished.

One line of JSON for each call, in the order of finishing, behind a line that says which test is
being recorded. A killed process leaves the file behind; a torn last line is no JSON and is left
out when the file is read.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from pytest_llmreplay.cassette.places.naming import safe_name
from pytest_llmreplay.cassette.places.own_directory import subdirectory
from pytest_llmreplay.errors import CassetteError, CassetteTooNew
from pytest_llmreplay.event import Json

__all__ = [
    "PARTIAL",
    "PARTIAL_SUFFIX",
    "Kept",
    "KeptEntry",
    "KeptPlace",
    "counted",
    "first_line",
    "partial_path",
    "read_partial",
]

PARTIAL = "partial"
"""The directory of all partial files, below our own."""
PARTIAL_SUFFIX = ".jsonl"

_FLAGS = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_VERSION = 1
_KIND = "partial"
"""The key of the first line; its value is the version."""
_HEAD = f'{{"{_KIND}":'.encode()
"""How the first line begins."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptEntry:
    """One call of a partial file, as JSON."""

    path: Path
    line: int | None
    """Counted from 1, where that is known."""
    value: dict[str, Json]

    def read(self) -> KeptEntry:
        """The call, which is at hand already."""
        return self


class KeptPlace(NamedTuple):
    """Where a call stands in a partial file."""

    path: Path
    begin: int
    size: int

    def read(self) -> KeptEntry:
        """The call.

        Raises:
            CassetteError: The file was taken away or changed since the call was written.
        """
        try:
            with self.path.open("rb") as file:
                file.seek(self.begin)
                found = list(_objects(file.read(self.size)))
        except OSError as error:
            raise CassetteError(f"{self.path}: cannot be read: {error.strerror}") from error
        if not found:
            raise CassetteError(f"{self.path}: was changed by somebody else while a test recorded")
        return KeptEntry(path=self.path, line=None, value=found[0])


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What a partial file holds."""

    test: str | None = None
    """Node id of the test that was being recorded."""
    entries: tuple[KeptEntry, ...] = ()
    torn: int = 0
    """Lines without an end, left out."""


def partial_path(project: Path, cassette: Path) -> Path:
    """Where the partial file of a cassette is; makes its directory."""
    try:
        parts = cassette.relative_to(project).with_suffix(PARTIAL_SUFFIX).parts
    except ValueError:
        parts = (safe_name(f"{cassette.stem} of {cassette.parent.as_posix()}") + PARTIAL_SUFFIX,)
    return subdirectory(project, PARTIAL, *parts[:-1]) / parts[-1]


def first_line(test: str | None) -> bytes:
    """The line before all calls, its line feed included."""
    return f"{json.dumps({_KIND: _VERSION, 'test': test})}\n".encode()


def read_partial(path: Path) -> Kept:
    """What a partial file holds; nothing where there is none.

    Raises:
        CassetteError: It cannot be read, or a link is in its place.
        CassetteTooNew: A later version of this package wrote it.
    """
    try:
        with os.fdopen(os.open(path, _FLAGS), "rb") as file:
            return _kept(path, file.read())
    except FileNotFoundError:
        return Kept()
    except OSError as error:
        raise CassetteError(f"{path}: cannot be read: {error.strerror}") from error


def counted(path: Path) -> tuple[str | None, int]:
    """The test of a partial file and how many calls it holds, at little cost: every run asks.

    No call is parsed, so a line that was torn right behind a `}` counts too.

    Raises:
        CassetteTooNew: A later version of this package wrote it.
        OSError: It cannot be read.
    """
    test, calls = None, 0
    with os.fdopen(os.open(path, _FLAGS), "rb") as file:
        for line in file:
            if line.startswith(_HEAD):
                for head in _objects(line):
                    _refuse_later(path, head[_KIND])
                    test = test or _test(head)
            elif line.startswith(b"{") and line.endswith((b"}\n", b"}")):
                calls += 1
    return test, calls


def _test(head: dict[str, Json]) -> str | None:
    test = head.get("test")
    return test if isinstance(test, str) else None


def _kept(path: Path, data: bytes) -> Kept:
    lines = [(number, text) for number, text in enumerate(data.split(b"\n"), start=1) if text]
    whole = [(number, value) for number, text in lines for value in _objects(text)]
    heads = [value for _, value in whole if _KIND in value]
    for head in heads:
        _refuse_later(path, head[_KIND])
    return Kept(
        test=next(filter(None, map(_test, heads)), None),
        entries=tuple(
            KeptEntry(path=path, line=number, value=value)
            for number, value in whole
            if _KIND not in value
        ),
        torn=len(lines) - len(whole),
    )


def _objects(text: bytes) -> Iterator[dict[str, Json]]:
    """The object that a line is; nothing where it was torn."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return
    if isinstance(value, dict):
        yield value


def _refuse_later(path: Path, version: Json) -> None:
    if version != _VERSION:
        raise CassetteTooNew(
            f"{path}: a partial file of format {version!r}, but this version of pytest-llmreplay "
            f"reads format {_VERSION}; upgrade it (pip install --upgrade pytest-llmreplay), or "
            "delete the file to forget the calls that it holds"
        )
