"""Where the calls of a fixture with wider scope belong: a file of the project, and a name in it."""

from __future__ import annotations

import inspect
import os
import re
from dataclasses import dataclass
from pathlib import Path

import pytest

__all__ = ["FixturePlace"]

# pytest makes fixtures of these functions, in files of its own:
# https://github.com/pytest-dev/pytest/blob/9.2.0/src/_pytest/python.py
_SET_UP = re.compile(r"_(?:xunit|unittest)_(setup_module|setup_class|setUpClass)_fixture_")
_INSTALLED = {"site-packages", "dist-packages"}
_WRITTEN = "written_by_code"
"""The module of a function that has none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FixturePlace:
    """Where users know a fixture, the same on every machine."""

    file: Path
    """Where it is written; one of an installed plugin has its module for a file, below rootdir."""
    fixture: str
    """What it is called there; `setup_class` and `setUpClass` stand after their class."""
    user: str = ""
    """The package, module or class that it is set up for, where that is less than the file serves.

    pytest sets such a fixture up for each of them, and what it asks may depend on whom it serves.
    """
    parameter: str | None = None
    """A word for what it is set up with; its place among the others where it has none."""

    @classmethod
    def of(
        cls, fixturedef: pytest.FixtureDef[object], request: pytest.FixtureRequest
    ) -> FixturePlace:
        """The place of a fixture that is about to be set up.

        While it is, plugins for asynchronous fixtures may have put a function of theirs into it.
        """
        node = request.node
        if set_up := _SET_UP.match(fixturedef.argname):
            name = ".".join([*_inner(node), set_up[1]])
            return cls(file=node.path, fixture=name, parameter=_parameter(request))
        file = _file(fixturedef, request.config)
        user = "" if fixturedef.scope == "session" else _user(node, file)
        return cls(file=file, fixture=fixturedef.argname, user=user, parameter=_parameter(request))

    @property
    def name(self) -> str:
        """The fixture, and whom it is set up for: `topic@test_refund.TestLate`."""
        return f"{self.fixture}@{self.user}" if self.user else self.fixture


def _file(fixturedef: pytest.FixtureDef[object], config: pytest.Config) -> Path:
    made = inspect.unwrap(fixturedef.func)
    function = made if inspect.isroutine(made) else type(made)
    file = Path(inspect.getfile(function))
    tops = (config.rootpath, config.invocation_params.dir)
    if _INSTALLED.isdisjoint(file.parts) and any(map(file.is_relative_to, tops)):
        return file
    module = config.rootpath.joinpath(*(function.__module__ or _WRITTEN).split("."))
    return module.with_name(f"{module.name}.py")


def _user(node: pytest.Item | pytest.Collector, file: Path) -> str:
    """Who is served, as seen from the file of the fixture."""
    if isinstance(node, pytest.Session):
        return ""
    if node.path == file:
        return ".".join(_inner(node))
    seen = os.path.relpath(node.path.with_suffix(""), file.parent)
    folders = ("__" if part == os.pardir else part for part in Path(seen).parts)
    return ".".join([*folders, *_inner(node)])


def _inner(node: pytest.Item | pytest.Collector) -> list[str]:
    """Classes, and a function, in a node id."""
    return node.nodeid.split("::")[1:]


def _parameter(request: pytest.FixtureRequest) -> str | None:
    value = getattr(request, "param", None)
    if value is None or isinstance(value, (str, int, float)):
        return None if value is None else str(value)
    return str(getattr(request, "param_index", value))
