"""Calls on disk until their sessions are complete: a log mixes them, and memory stays small.

Calls are spread over a few files by their session, so that the index of one file is small however
long the log is. The files have no name: whatever ends the process, nothing of them is left.
"""

from __future__ import annotations

import json
import os
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import IO, Final, NamedTuple

from pytest_llmreplay.cassette.json_dump import ascii_json
from pytest_llmreplay.cassette.places.own_directory import subdirectory, written
from pytest_llmreplay.importers.source import Imported

from .spooled import imported_from, spooled

__all__ = ["Spool"]

_FILES: Final = 64


class _Slot(NamedTuple):
    """Where a call stands; slots sort as calls do, those without a moment by their place."""

    moment: str
    begin: int
    size: int


class Spool:
    """Calls by session.

    Args:
        project: The files without a name are made in its `.llmreplay`.
    """

    def __init__(self, project: Path) -> None:
        self._project = project
        self._open = ExitStack()
        self._files: dict[int, IO[bytes]] = {}

    def close(self) -> None:
        """Forget all of them, also where the disk is full."""
        with suppress(OSError):
            self._open.close()

    def add(self, session: str, call: Imported) -> None:
        """Keep a call.

        Args:
            session: What names the session, and no other.
            call: The call.

        Raises:
            CassetteError: The disk is full.
        """
        name = ascii_json([session, call.measured.at]).encode()
        data = ascii_json(spooled(call)).encode()
        with written(self._project):
            self._file(session).write(b"%b\n%d\n%b\n" % (name, len(data), data))

    def sessions(self) -> Iterator[Iterator[Imported]]:
        """The calls of each session in the order of their moments, as far as all have one.

        Raises:
            CassetteError: The disk is full.
        """
        for file in self._files.values():
            with written(self._project):
                file.flush()
            for slots in _index(file).values():
                yield _calls(file, slots)

    def _file(self, session: str) -> IO[bytes]:
        number = zlib.crc32(session.encode(errors="surrogatepass")) % _FILES
        if number not in self._files:
            file = tempfile.TemporaryFile(dir=subdirectory(self._project, "imports"))  # noqa: SIM115 - closed with all others
            self._files[number] = self._open.enter_context(file)
        return self._files[number]


def _index(file: IO[bytes]) -> dict[str, list[_Slot]]:
    found: dict[str, list[_Slot]] = {}
    begin = file.seek(0)
    while head := file.readline():
        session, moment = json.loads(head)
        size = file.readline()
        begin += len(head) + len(size)
        found.setdefault(session, []).append(_Slot(moment or "", begin, int(size)))
        begin = file.seek(begin + int(size) + 1)
    return found


def _calls(file: IO[bytes], slots: list[_Slot]) -> Iterator[Imported]:
    for slot in sorted(slots) if all(slot.moment for slot in slots) else slots:
        yield imported_from(json.loads(os.pread(file.fileno(), slot.size, slot.begin).decode()))
