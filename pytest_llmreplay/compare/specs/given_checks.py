"""What stands against a check of a user, told before a call is paid for."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from typing import Any

from .known import KNOWN, subject

__all__ = ["unfit", "wrong_name"]

_NAME = re.compile(r"[a-z][a-z0-9_]*")
_TAKEN = {"judge", "run", "session", "warn", *map(subject, KNOWN)}


def wrong_name(name: object) -> str | None:
    """Why a check cannot be asked for by a name; none where it can."""
    if not isinstance(name, str) or _NAME.fullmatch(name) is None:
        return f"{name!r} is no name; write it as my_check"
    return f"{name!r} is a check of the plugin; choose another name" if name in _TAKEN else None


def unfit(function: Callable[..., Any]) -> str | None:
    """What keeps a function from being called."""
    if inspect.iscoroutinefunction(function):
        return "is async; a check is a plain function"
    try:
        takes = inspect.signature(function)
    except ValueError:
        return None  # one that is written in C need not say what it takes
    try:
        takes.bind(None, None, None)
    except TypeError:
        return f"takes {takes}; a check takes (baseline, replayed, argument)"
    return None
