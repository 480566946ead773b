"""Spares the garbage collector what lives to the end of a replay anyway.

Modules and items are made in one go and stay; Python's collector would look at all of them again
and again, for an eighth of the time that collecting many events takes, and pytest twice more at its
end. What a replay makes then is freed without it, and looking as often as Python does takes a
twentieth of the processor's time.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

__all__ = ["made_to_stay", "seldom_garbage", "spares"]

_SELDOM = (50_000, 20, 50)
_OF_PYTHON = 5_000
"""More objects than Python 3.12 spares by itself, as they are immortal; `gc.freeze` spares all."""


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


def spares(config: pytest.Config) -> Callable[[], None]:
    """What lets the collector look no more at what there is, until pytest has done all else.

    Asked for before pytest prepares its own end, which undoes things in the opposite order.
    """
    if gc.get_freeze_count() > _OF_PYTHON:  # somebody has reasons of his own
        return lambda: None
    config.add_cleanup(gc.unfreeze)
    return gc.freeze


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
