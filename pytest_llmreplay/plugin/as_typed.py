"""Commands and paths as the user would type them."""

from __future__ import annotations

import os
import shlex
from functools import lru_cache
from pathlib import Path

import pytest

from pytest_llmreplay.errors import LlmReplayError
from pytest_llmreplay.report.text.sanitise import safe

__all__ = ["paths_as_typed", "record_command", "refused", "relative", "shown"]


def record_command(node_id: str, project: Path, here: Path) -> str:
    """The command that records a test again.

    Args:
        node_id: As it is when pytest is started in the project; `conftest.py::fixture.NAME` for
            a fixture, whose file is none of the project's where an installed plugin has it.
        project: Directory of the project.
        here: Where the user started pytest.
    """
    name, _, inner = node_id.partition("::")
    file = project / name
    if not inner.startswith("fixture."):
        return f"pytest {shlex.quote(f'{relative(file, here)}::{inner}')} --llm-record"
    if not file.is_file():
        return "pytest --llm-record"
    tests = file.parent if file.name == "conftest.py" else file
    return f"pytest {shlex.quote(relative(tests, here))} --llm-record"


@lru_cache(maxsize=64)  # for a file, it is asked in each of its tests
def relative(path: Path, base: Path) -> str:
    """A path from a directory, with `/` on every system."""
    return Path(os.path.relpath(path, base)).as_posix()


def paths_as_typed(text: object, here: Path) -> str:
    """A message whose absolute paths below a directory are as they are typed in it."""
    return str(text).replace(f"{here}{os.sep}", "")


def shown(text: object, here: Path) -> str:
    """A message as it may be printed, its paths as they are typed in a directory."""
    return safe(paths_as_typed(text, here))


def refused(config: pytest.Config, error: LlmReplayError) -> pytest.UsageError:
    """An error as pytest reports wrong use."""
    return pytest.UsageError(shown(error, config.invocation_params.dir))
