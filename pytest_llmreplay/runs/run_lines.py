"""The lines of a run file that is read, whoever may have written it."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from pytest_llmreplay.errors import CassetteError
from pytest_llmreplay.event import Json
from pytest_llmreplay.event.strict_json import STRICT_JSON

__all__ = ["Line", "lines_of", "opened", "parsed"]

_LONGEST = 256 * 1024 * 1024
"""Bytes of a line: more than a row of the largest answer that a replay takes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of a run file, and where it stands."""

    number: int
    """Counted from 1."""
    begin: int
    size: int
    value: Json
    """None where it is no JSON."""
    torn: bool
    """Whether its line feed is missing, as a killed process leaves it."""


def opened(path: Path) -> BinaryIO:
    """The file, if it is one: no device, and nothing that a link leads to.

    Raises:
        CassetteError: It cannot be read.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise CassetteError(f"{path}: cannot be read: {error.strerror}") from error
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise CassetteError(f"{path}: is no file")
    return os.fdopen(descriptor, "rb")


def lines_of(file: BinaryIO, path: Path) -> Iterator[Line]:
    """Every line that is not empty.

    Raises:
        CassetteError: One is too long to be that of a call.
    """
    begin, number = 0, 1
    while data := file.readline(_LONGEST):
        if len(data) == _LONGEST:
            raise CassetteError(f"{path}:{number}: a line of {len(data):,} bytes is no call")
        torn = not data.endswith(b"\n")
        if data.strip():
            value = parsed(data)
            yield Line(number=number, begin=begin, size=len(data), value=value, torn=torn)
        begin += len(data)
        number += 1


def parsed(data: bytes) -> Json:
    """The value of a line; none where it is no JSON."""
    try:
        value: Json = STRICT_JSON.decode(data.decode())
    except (ValueError, RecursionError):
        return None
    return value
