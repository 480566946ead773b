"""Keeps the modules of this package out of pytest's rewriting of assertions.

Pytest rewrites every module of a distribution that has a plugin: it compiles each anew in the first
run, past the bytecode that was installed, and reads what it then keeps value by value (Python's
`marshal.load` of a file). That is some 250 modules where a cassette is played, and none of them
asserts what a user has to read.
"""

from __future__ import annotations

import sys
from importlib.machinery import PathFinder
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from importlib.machinery import ModuleSpec
    from types import ModuleType

__all__ = ["import_as_usual", "import_plainly"]

_OURS = f"{__name__.partition('.')[0]}."


class _Plain:
    """Finds the modules of this package as Python itself does."""

    @staticmethod
    def find_spec(
        name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        return PathFinder.find_spec(name, path, target) if name.startswith(_OURS) else None


def import_plainly() -> None:
    """Go before pytest's hook from here on; it stands first when the plugins are loaded."""
    sys.meta_path.insert(0, _Plain)


def import_as_usual() -> None:
    """Leave no finder behind."""
    if _Plain in sys.meta_path:
        sys.meta_path.remove(_Plain)
