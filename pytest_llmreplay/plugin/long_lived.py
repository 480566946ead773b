"""Spares the garbage collector what lives to the end of a replay anyway.

Items are made in one go and stay; Python's collector would look at all of them again and again,
for an eighth of the time that collecting many events takes.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["made_to_stay"]


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
