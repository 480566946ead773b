"""The line of the user's own code from which a call comes."""

from __future__ import annotations

import sys
import sysconfig
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import FrameType

__all__ = ["UserFrame", "user_frame"]

_HERE = str(Path(__file__).resolve().parents[2])
_INSTALLED = ("site-packages", "dist-packages")


@dataclass(frozen=True, slots=True, kw_only=True)
class UserFrame:
    """A place in the user's code."""

    file: str
    line: int
    function: str


def user_frame() -> UserFrame | None:
    """The innermost frame that is neither installed, nor Python's own, nor ours.

    None where a call comes from a thread that the user's code only started.
    """
    for frame in _outwards(sys._getframe(1)):  # noqa: SLF001 - inspect is slow
        code = frame.f_code
        if _is_users(code.co_filename):
            return UserFrame(file=code.co_filename, line=frame.f_lineno, function=code.co_qualname)
    return None


def _outwards(innermost: FrameType) -> Iterator[FrameType]:
    frame: FrameType | None = innermost
    while frame is not None:
        yield frame
        frame = frame.f_back


@cache
def _is_users(file: str) -> bool:
    if file.startswith(("<", _HERE)):
        return False
    path = Path(file)
    if any(part in _INSTALLED for part in path.parts):
        return False
    return not any(path.is_relative_to(directory) for directory in _pythons_own())


@cache
def _pythons_own() -> tuple[str, ...]:
    names = ("stdlib", "platstdlib")
    return tuple({str(Path(sysconfig.get_path(name))) for name in names})
