"""Where the calls of a fixture with wider scope belong: a file of the project, and a name in it."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import pytest

__all__ = ["fixture_place"]

# pytest makes fixtures of these functions, in files of its own:
# https://github.com/pytest-dev/pytest/blob/9.2.0/src/_pytest/python.py
_SET_UP = re.compile(r"_(?:xunit|unittest)_(setup_module|setup_class|setUpClass)_fixture_")
_INSTALLED = {"site-packages", "dist-packages"}


def fixture_place(
    fixturedef: pytest.FixtureDef[object], request: pytest.FixtureRequest
) -> tuple[Path, str]:
    """The file and the name that users know a fixture by, the same on every machine.

    `setup_module`, `setup_class` and `setUpClass` belong to their test file, under the name of
    their class. A fixture of an installed plugin has its module for a file, below rootdir.
    """
    if set_up := _SET_UP.match(fixturedef.argname):
        classes = request.node.nodeid.split("::")[1:]
        return request.node.path, ".".join([*classes, set_up[1]])
    function = inspect.unwrap(fixturedef.func)
    file, config = Path(inspect.getfile(function)), request.config
    tops = (config.rootpath, config.invocation_params.dir)
    if _INSTALLED.isdisjoint(file.parts) and any(map(file.is_relative_to, tops)):
        return file, fixturedef.argname
    module = config.rootpath.joinpath(*function.__module__.split("."))
    return module.with_name(f"{module.name}.py"), fixturedef.argname
