"""Paths of the command line → the cassettes that are meant."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from pytest_llmreplay.cassette.places.naming import project_or_none, root_of
from pytest_llmreplay.cassette.places.roots import (
    cassette_roots,
    cassettes_in,
    holds_cassettes,
    is_named,
    is_root,
)
from pytest_llmreplay.commands.projects.project import Project
from pytest_llmreplay.errors import ConfigError

__all__ = ["absolute", "cassettes_of", "home_of", "roots_of"]

_ENDINGS = {".yaml", ".yml"}


def absolute(typed: str) -> Path:
    """A path of the command line.

    Raises:
        ConfigError: Nothing is there.
    """
    path = Path(os.path.abspath(typed))  # noqa: PTH100 - `resolve` would follow links
    if not path.exists():
        raise ConfigError(f"{typed}: no such file or directory")
    return path


def roots_of(paths: Iterable[Path], project: Project) -> list[Path]:
    """Directories of cassettes, and single ones, that the paths mean.

    Args:
        paths: Cassettes, and directories inside or above the roots of cassettes; none for all of
            the project.
        project: Where the cassettes are.

    Raises:
        ConfigError: A path holds no cassette, or the root is outside of the project.
    """
    asked = list(paths)
    found = dict.fromkeys(root for path in asked for root in _roots(path, project))
    if not asked:
        found = dict.fromkeys(cassette_roots(project.root, project.projects.name_in))
    if not found:
        name = project.projects.run.cassettes
        root_of(project.root, name)
        raise ConfigError(
            f"no directory {name!r} of recordings below {project.root}: record tests "
            "first with `pytest --llm-record`, take over those of other tools with "
            "`pytest-llmreplay import`, or name a cassette or its directory"
        )
    return list(found)


def cassettes_of(roots: Iterable[Path]) -> Iterator[Path]:
    """The cassettes, each once, in a stable order."""
    found = (path for root in roots for path in ([root] if root.is_file() else cassettes_in(root)))
    yield from dict.fromkeys(found)


def home_of(cassette: Path, project: Project) -> Path | None:
    """The directory that a cassette's test is told from; none where nothing says which it is."""
    found = project_or_none(cassette)
    if found is not None:
        return found
    name = project.projects.name_in(cassette.parent)
    depth = len(Path(name).parts)
    tops = (folder for folder in cassette.parents if is_named(folder, name))
    return next((top.parents[depth - 1] for top in tops), None)


def _roots(path: Path, project: Project) -> list[Path]:
    if path.is_file() and path.suffix in _ENDINGS:
        return [path]
    if path.is_dir() and is_root(path, project.projects.name_in(path)):
        return [path]
    roots = cassette_roots(path, project.projects.name_in)
    if not roots and holds_cassettes(path):
        roots = [path]
    if not path.is_dir() or not roots:
        raise ConfigError(
            f"{path}: no cassette is below it; name a cassette (.yaml) or a directory of cassettes"
        )
    return roots
