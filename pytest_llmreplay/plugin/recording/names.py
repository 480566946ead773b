"""What a test is called where its cassette is named, and whether another one is called so."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from pytest_llmreplay.errors import ConfigError
from pytest_llmreplay.plugin.markers import named_by
from pytest_llmreplay.plugin.uses import MARKER

__all__ = ["SharedNames", "class_alike", "inner_id"]

# https://github.com/pytest-dev/pytest-repeat/blob/main/pytest_repeat.py
_STEP = "__pytest_repeat_step_number"
_COUNT = re.compile(r"(?P<before>\[|-)\d+-\d+\]\Z")


def inner_id(item: pytest.Item) -> str:
    """What follows the file in a test's node id.

    It is the same for each repetition that pytest-repeat makes of the test, and for each way in
    which pytest-xdist distributes it.
    """
    inner = item.nodeid.partition("::")[2] or item.name
    inner = inner.removesuffix(_group(item))
    if _STEP not in getattr(getattr(item, "callspec", None), "params", ()):
        return inner
    return _COUNT.sub(lambda found: "" if found["before"] == "[" else "]", inner)


def _group(item: pytest.Item) -> str:
    """What pytest-xdist adds to the node id for `--dist loadgroup`, as `@gpu_slow`."""
    # https://github.com/pytest-dev/pytest-xdist/blob/v3.8.0/src/xdist/remote.py
    marks = item.iter_markers("xdist_group")
    names = {str((*mark.args, mark.kwargs.get("name", "default"))[0]) for mark in marks}
    return f"@{'_'.join(sorted(names))}"


def class_alike(item: pytest.Item) -> bool:
    """Whether beside the class of a test stands one whose name differs from its own in case alone.

    All classes of the file count, so that a test has the same cassette whichever tests are run.
    """
    return any(_has_twin(node) for node in item.listchain() if isinstance(node, pytest.Class))


def _has_twin(node: pytest.Class) -> bool:
    beside = vars(getattr(node.parent, "obj", node))
    twins = (name for name in beside if name.casefold() == node.name.casefold())
    return any(name != node.name and isinstance(beside[name], type) for name in twins)


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
                self._users.setdefault((project_of(item.path), name), []).append(_node_id(item))

    def refuse(self, item: pytest.Item, name: str) -> None:
        """Stop a test from recording what another one records too.

        Raises:
            ConfigError: Another collected test names the same cassette.
        """
        users = self._users.get((self._project_of(item.path), name), [])
        others = [node_id for node_id in users if node_id != _node_id(item)]
        if others:
            more = f" and {len(others) - 1} more" if len(others) > 1 else ""
            raise ConfigError(
                f"@pytest.mark.{MARKER}(name={name!r}): {others[0]}{more} names the same cassette, "
                "and each would replace what the other records; give every test a name of its "
                "own, or leave name= out"
            )


def _node_id(item: pytest.Item) -> str:
    """The node id, without the number of a repetition."""
    return f"{item.nodeid.partition('::')[0]}::{inner_id(item)}"
