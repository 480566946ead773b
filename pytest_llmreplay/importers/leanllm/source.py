"""The importer of LeanLLM's events."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from pytest_llmreplay.errors import InputUnreadable
from pytest_llmreplay.importers.reading.files import InputFile
from pytest_llmreplay.importers.records.logs import found_call
from pytest_llmreplay.importers.source import Found, Place, Rejected

from .database import database_rows, is_database
from .dump import dump_rows, is_archive
from .event import TABLE, Row, call_of

__all__ = ["LEANLLM"]


@dataclass(frozen=True, slots=True, kw_only=True)
class LeanLlm:
    """What LeanLLM stored."""

    name: str = "leanllm"
    help: str = "Events of LeanLLM: its SQLite file, or a text dump of its Postgres table."
    personal: bool = True
    endings: tuple[str, ...] = (".db", ".sqlite", ".sqlite3", ".sql")

    def read(self, files: Sequence[InputFile]) -> Iterator[Found]:
        """Every row of every file."""
        for file in files:
            none = True
            try:
                for row in _rows(file):
                    none = False
                    yield row if isinstance(row, Rejected) else _found(*row)
                if none:
                    yield Rejected(place=Place(file.path), reason=f"holds no rows of {TABLE}")
            except InputUnreadable as problem:
                yield Rejected(place=Place(file.path), reason=str(problem))


def _rows(file: InputFile) -> Iterator[tuple[Place, Row] | Rejected]:
    head = next(InputFile(path=file.path).blocks(), b"")
    if is_archive(head):
        raise InputUnreadable("is an archive of pg_dump; make it a text: pg_restore -f FILE.sql")
    if not is_database(head):
        yield from dump_rows(file)
        return
    file.advance(file.path.stat().st_size)
    yield from database_rows(file.path)


def _found(place: Place, row: Row) -> Found:
    return found_call(place, partial(call_of, row))


LEANLLM = LeanLlm()
