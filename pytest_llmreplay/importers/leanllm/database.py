"""LeanLLM's SQLite file, opened so that nothing in it can act.

https://www.sqlite.org/security.html
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from pytest_llmreplay.errors import InputUnreadable
from pytest_llmreplay.importers.reading.files import LONGEST_LINE
from pytest_llmreplay.importers.source import Place, Rejected

from .event import COLUMNS, TABLE, Row

__all__ = ["database_rows", "is_database"]

MAGIC = b"SQLite format 3\0"
_ALLOWED = frozenset({sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ})
_PLAIN = re.compile(rb"CREATE\s+TABLE", re.IGNORECASE)
"""How a table begins that is no virtual one, which would run the code of its module."""
_SCHEMA = "SELECT type, sql FROM sqlite_master WHERE name = ?"


def is_database(head: bytes) -> bool:
    """Whether a file that begins so is one of SQLite's."""
    return head.startswith(MAGIC)


def database_rows(path: Path) -> Iterator[tuple[Place, Row] | Rejected]:
    """The rows of the table of events.

    The file is opened read-only and as one that never changes, so that no lock, journal or write
    touches it; its schema is not trusted, and nothing but reading that table is allowed.

    Raises:
        InputUnreadable: It is damaged, or has no such table.
    """
    _refuse_log(path)
    try:
        with closing(_opened(path)) as database:
            yield from _rows(database, path)
    except sqlite3.Error as error:
        raise InputUnreadable(f"cannot be read as a SQLite database: {error}") from None


def _opened(path: Path) -> sqlite3.Connection:
    uri = f"{path.absolute().as_uri()}?mode=ro&immutable=1"
    database = sqlite3.connect(uri, uri=True)
    database.execute("PRAGMA trusted_schema = OFF")
    database.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, LONGEST_LINE)
    database.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
    database.text_factory = bytes
    return database


def _rows(database: sqlite3.Connection, path: Path) -> Iterator[tuple[Place, Row] | Rejected]:
    names = _columns(database)
    database.set_authorizer(_only_reading)
    listed = ", ".join(f'"{name}"' for name in names)
    query = f'SELECT rowid, {listed} FROM "{TABLE}" ORDER BY rowid'  # noqa: S608  # names of our own
    for number, *values in database.execute(query):
        place = Place(path, f"row {number}")
        try:
            yield place, dict(zip(names, map(_plain, values), strict=True))
        except UnicodeDecodeError:
            yield Rejected(place=place, reason="holds a text that is not UTF-8")


def _columns(database: sqlite3.Connection) -> list[str]:
    """The known columns that the table has."""
    found = database.execute(_SCHEMA, (TABLE,)).fetchall()
    if not any(kind == b"table" and _PLAIN.match(sql) for kind, sql in found):
        raise InputUnreadable(f"has no table {TABLE}; is it a database of LeanLLM?")
    held = {
        row[1].decode(errors="replace") for row in database.execute(f'PRAGMA table_info("{TABLE}")')
    }
    return [name for name in COLUMNS if name in held]


def _only_reading(
    action: int, table: str | None, _column: str | None, _database: str | None, _by: str | None
) -> int:
    own = action == sqlite3.SQLITE_SELECT or table == TABLE
    return sqlite3.SQLITE_OK if action in _ALLOWED and own else sqlite3.SQLITE_DENY


def _plain(value: object) -> str | int | float | None:
    """A value of JSON; texts come as bytes."""
    if isinstance(value, bytes):
        return value.decode()
    return value if isinstance(value, int | float) else None


def _refuse_log(path: Path) -> None:
    """Refuse a database of which the newest rows stand in a file beside it."""
    log = path.with_name(f"{path.name}-wal")
    if log.exists() and log.stat().st_size:
        raise InputUnreadable(
            f"has newer rows in {log.name}: close the program that writes it, or run "
            "`PRAGMA wal_checkpoint(TRUNCATE)` on it with sqlite3, then import again"
        )
