"""The rows of LeanLLM's table in a text dump of Postgres: COPY blocks and INSERT statements."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from pytest_llmreplay.errors import InputUnreadable
from pytest_llmreplay.importers.reading.files import LONGEST_LINE, InputFile
from pytest_llmreplay.importers.source import Place, Rejected

from .event import COLUMNS, TABLE, Row
from .statements import COPY, Statement, statements

__all__ = ["dump_rows", "is_archive"]

_ARCHIVE = b"PGDMP"
_NAME = rf'(?:[\w"]+\.)?"?{TABLE}"?'
_INSERT = re.compile(
    rf"INSERT\s+INTO\s+{_NAME}\s*(?:\((?P<columns>[^)]*)\))?[^(]*?VALUES\s*", re.IGNORECASE
)
_CREATE = re.compile(
    rf"CREATE\s+TABLE\s+(?:IF NOT EXISTS\s+)?{_NAME}\s*\((?P<body>.*)\)",
    re.IGNORECASE | re.DOTALL,
)
_COLUMN = re.compile(r'^\s*"?(\w+)"?\s', re.MULTILINE)
_VALUE = re.compile(
    r"\s*(?:(?P<escaped>[eE])'(?P<c>(?>[^'\\]*(?:(?:\\.|'')[^'\\]*)*))'"
    r"|'(?P<text>(?>[^']*(?:''[^']*)*))'"
    r"|(?P<word>[^\s,()':]+))"
    r"(?:::[\w\s\".]+?)?\s*(?P<next>[,)])",
    re.DOTALL,
)
_ROW = re.compile(r"\s*,?\s*\(")
_ESCAPE = re.compile(r"\\(x[0-9a-fA-F]{1,2}|[0-7]{1,3}|.)", re.DOTALL)
_LETTERS = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
_OCTAL = "01234567"
_NOTHING = "\\N"


def is_archive(head: bytes) -> bool:
    """Whether a file that begins so is an archive of pg_dump, and no text."""
    return head.startswith(_ARCHIVE)


def dump_rows(file: InputFile) -> Iterator[tuple[Place, Row] | Rejected]:
    """Every row of the table, in order.

    Raises:
        InputUnreadable: A line is too long, or the file ends in the middle of a statement.
    """
    columns: tuple[str, ...] = COLUMNS
    for statement in statements(_lines(file)):
        if created := _CREATE.match(statement.text):
            columns = _created(created["body"])
        for line, values in _values(statement, columns):
            place = Place(file.path, line)
            if isinstance(values, str):
                yield Rejected(place=place, reason=values)
            else:
                yield place, values


def _values(statement: Statement, columns: tuple[str, ...]) -> Iterator[tuple[int, Row | str]]:
    """The rows of a statement with their lines; a text is what is wrong with one."""
    if statement.copied is not None:
        copied = COPY.match(statement.copied)
        if copied and re.fullmatch(_NAME, copied["table"]):
            names = _listed(copied["columns"], columns)
            yield statement.line, _row(names, map(_copied, statement.text.split("\t")))
    elif inserted := _INSERT.match(statement.text):
        names = _listed(inserted["columns"], columns)
        yield from _inserted(statement, inserted.end(), names)


def _inserted(
    statement: Statement, place: int, names: tuple[str, ...]
) -> Iterator[tuple[int, Row | str]]:
    text, line, counted = statement.text, statement.line, 0
    while begun := _ROW.match(text, place):
        line, counted = line + text.count("\n", counted, begun.end()), begun.end()
        place, values = begun.end(), []
        while found := _VALUE.match(text, place):
            values.append(_value(found))
            place = found.end()
            if found["next"] == ")":
                break
        else:
            yield line, f"cannot be read near {text[place : place + 20]!r}"
            return
        yield line, _row(names, values)


def _row(names: tuple[str, ...], values: Iterable[str | None]) -> Row | str:
    held = list(values)
    if len(held) != len(names):
        return f"expected {len(names)} columns, found {len(held)}"
    if not all(map(_is_text, held)):
        return "holds a text that is not UTF-8"
    return dict(zip(names, held, strict=True))


def _value(found: re.Match[str]) -> str | None:
    if found["escaped"]:
        return _ESCAPE.sub(_unescaped, found["c"].replace("''", "'"))
    if found["text"] is not None:
        return str(found["text"]).replace("''", "'")
    word = str(found["word"])
    return None if word.upper() == "NULL" else word


def _copied(field: str) -> str | None:
    return None if field == _NOTHING else _ESCAPE.sub(_unescaped, field)


def _unescaped(found: re.Match[str]) -> str:
    code = found[1]
    if code[0] == "x" and len(code) > 1:
        return chr(int(code[1:], 16))
    return chr(int(code, 8) & 0xFF) if code[0] in _OCTAL else _LETTERS.get(code, code)


def _listed(columns: str | None, otherwise: tuple[str, ...]) -> tuple[str, ...]:
    if columns is None:
        return otherwise
    return tuple(name.strip().strip('"') for name in columns.split(","))


def _created(body: str) -> tuple[str, ...]:
    """The columns that a table is made with; what begins with a word of SQL is a constraint."""
    constraints = {"CONSTRAINT", "PRIMARY", "UNIQUE", "CHECK", "FOREIGN", "EXCLUDE"}
    return tuple(name for name in _COLUMN.findall(body) if name.upper() not in constraints)


def _lines(file: InputFile) -> Iterator[str]:
    """The lines of the text, blank ones and blanks at their ends included."""
    pending = bytearray()
    for block in file.blocks():
        first, *rest = block.split(b"\n")
        pending += first
        for following in rest:
            yield _decoded(pending)
            pending = bytearray(following)
        if len(pending) > LONGEST_LINE:
            raise InputUnreadable("holds a line longer than 64 MB")
    if pending:
        yield _decoded(pending)


def _decoded(line: bytearray) -> str:
    """The text; bytes that are none stay apart, so that only their row is lost."""
    return line.removesuffix(b"\r").decode(errors="surrogateescape")


def _is_text(value: str | None) -> bool:
    try:
        (value or "").encode()
    except UnicodeEncodeError:
        return False
    return True
