"""Tests whose markers name the same cassette: they may play it, but only one may record it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from pytest_llmreplay.errors import ConfigError
from pytest_llmreplay.plugin.markers import named_by
from pytest_llmreplay.plugin.uses import MARKER

from .inner_id import inner_id

__all__ = ["SharedNames"]


class SharedNames:
    """The `name=` of every collected test.

    Args:
        items: The collected tests.
        project_of: The project directory of a file.
    """

    def __init__(self, items: Iterable[pytest.Item], project_of: Callable[[Path], Path]) -> None:
        self._project_of = project_of
        self._users: dict[tuple[Path, str], list[str]] = {}
        for item in items:
            if name := named_by(item):
                self._users.setdefault((project_of(item.path), name), []).append(_name(item))

    def refuse(self, item: pytest.Item, name: str) -> None:
        """Stop a test from recording what another one records too.

        Raises:
            ConfigError: Another collected test names the same cassette.
        """
        users = self._users.get((self._project_of(item.path), name), [])
        others = [node_id for node_id in users if node_id != _name(item)]
        if others:
            more = f" and {len(others) - 1} more" if len(others) > 1 else ""
            raise ConfigError(
                f"@pytest.mark.{MARKER}(name={name!r}): {others[0]}{more} names the same cassette, "
                "and each would replace what the other records; give every test a name of its "
                "own, or leave name= out"
            )


def _name(item: pytest.Item) -> str:
    """The node id, without the number of a repetition."""
    return f"{item.nodeid.partition('::')[0]}::{inner_id(item)}"
