"""Paths of a command line → the cassettes that a replay collects."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from pytest_llmreplay.cassette.naming import project_of, recorded_by

from .settings import Settings

__all__ = ["cassette_arguments"]

_NEVER = {"__pycache__", "build", "dist", "node_modules", "site-packages", "venv"}


def cassette_arguments(config: pytest.Config, settings: Settings) -> list[str]:
    """What pytest shall collect in a replay.

    Without a path that is every cassette root below the root directory; a test file, folder,
    class or node id stands for the cassettes that those tests recorded.

    Raises:
        pytest.UsageError: A path has no cassette.
    """
    if config.args_source is not pytest.Config.ArgsSource.ARGS:
        return _roots_or_refuse(settings)
    here = config.invocation_params.dir
    return list(dict.fromkeys(_all_of(config.args, here, settings)))


def _all_of(arguments: Iterable[str], here: Path, settings: Settings) -> Iterator[str]:
    for argument in arguments:
        name, _, test = argument.partition("::")
        path = Path(os.path.abspath(here / name))  # noqa: PTH100 - resolve() would follow links
        if not path.exists():
            raise pytest.UsageError(f"file or directory not found: {argument}")
        found = list(_cassettes_for(path, test, settings))
        if not found:
            raise pytest.UsageError(
                f"no cassette was recorded by {argument!r}: record it first with "
                f"`pytest {argument} --llm-record`"
            )
        yield from found


def _cassettes_for(path: Path, test: str, settings: Settings) -> Iterator[str]:
    if path.is_file() and path.suffix in {".yaml", ".yml"}:
        yield f"{path}::{test}" if test else str(path)
    elif path.is_dir() and _inside_root(path, settings):
        yield str(path)
    elif path.is_dir():
        yield from (str(root) for root in cassette_roots(path, settings.cassettes))
        yield from (str(found) for found in _recorded_under(path, "", settings))
    elif path.suffix == ".py":
        yield from (str(found) for found in _recorded_under(path, test, settings))


def cassette_roots(top: Path, name: str) -> list[Path]:
    """Directories below `top` that hold cassettes, in a stable order."""
    found: list[Path] = []
    last = Path(name).name
    for folder, below, _ in os.walk(top):
        below[:] = sorted(
            entry for entry in below if not entry.startswith(".") and entry not in _NEVER
        )
        if "pyvenv.cfg" in os.listdir(folder):  # noqa: PTH208 - a virtual environment, whatever its name
            below[:] = []
        here = Path(folder)
        if here.name == last and here.match(f"*/{name}"):
            found.append(here)
            below[:] = []
    return found


def _roots_or_refuse(settings: Settings) -> list[str]:
    roots = cassette_roots(settings.rootdir, settings.cassettes)
    if not roots:
        raise pytest.UsageError(
            f"no directory {settings.cassettes!r} below {settings.rootdir}: record tests first "
            "with `pytest --llm-record`, or say where the cassettes are with --llm-cassettes"
        )
    return [str(root) for root in roots]


def _inside_root(path: Path, settings: Settings) -> bool:
    return any(folder.match(f"*/{settings.cassettes}") for folder in (path, *path.parents))


def _recorded_under(path: Path, test: str, settings: Settings) -> Iterator[Path]:
    """Cassettes whose header names a test in a file, in a folder, or below a node id."""
    project = project_of(path if path.is_file() else path / "-", settings.rootdir)
    root = project / settings.cassettes
    if path.is_dir() and root.is_relative_to(path):
        return  # collected as a root already
    for cassette in sorted(root.rglob("*.yaml")):
        node_id = recorded_by(cassette)
        if node_id is not None and _belongs(node_id, path.relative_to(project), test):
            yield cassette


def _belongs(node_id: str, place: Path, test: str) -> bool:
    file, _, rest = node_id.partition("::")
    if not Path(file).is_relative_to(place):
        return False
    return not test or rest == test or rest.startswith((f"{test}::", f"{test}["))
