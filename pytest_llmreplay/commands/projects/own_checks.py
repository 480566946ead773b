"""Checks that the project's `conftest.py` names, for commands of the shell."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cache

from pytest_llmreplay.compare.syntax.surroundings import OwnCheck

__all__ = ["OwnChecks"]


class OwnChecks(Mapping[str, OwnCheck]):
    """All of them by name, loaded when a name is looked for that no built-in check has.

    Args:
        ask: Loads them.
    """

    def __init__(self, ask: Callable[[], Mapping[str, OwnCheck]]) -> None:
        self._known = cache(ask)

    def __getitem__(self, name: str) -> OwnCheck:
        return self._known()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._known())

    def __len__(self) -> int:
        return len(self._known())
