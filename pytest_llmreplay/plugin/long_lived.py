"""Spares the garbage collector what lives to the end of a replay anyway.

Modules and items are made in one go and stay; Python's collector would look at all of them again
and again, for an eighth of the time that collecting many events takes. What a replay makes then is
freed without it, and looking as often as Python does takes a twentieth of the processor's time.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["made_to_stay", "seldom_garbage"]

_SELDOM = (50_000, 20, 50)


@contextmanager
def made_to_stay() -> Iterator[None]:
    """Collect no garbage while things are made that stay."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


@contextmanager
def seldom_garbage() -> Iterator[None]:
    """Look for garbage less often."""
    before = gc.get_threshold()
    if before[0]:  # none at all was somebody's wish
        gc.set_threshold(*map(max, before, _SELDOM))
    try:
        yield
    finally:
        gc.set_threshold(*before)
