"""Cassettes that are one file where case does not count, as on macOS and Windows.

The name of a file tells two tests apart by more than case (see naming.py); folders are named as
test files and markers name them.
"""

from __future__ import annotations

from pathlib import Path

__all__ = ["twins_of"]


def twins_of(path: Path, root: Path) -> list[Path]:
    """The cassettes whose paths differ from this one's in the case of letters alone.

    None where no folder has a capital letter, as its twin has one.

    Args:
        path: The cassette.
        root: A directory above it.
    """
    folders = path.parent.relative_to(root).parts
    if all(folder == folder.casefold() for folder in folders):
        return []
    found = [root]
    for name in (*folders, path.name):
        found = [below for folder in found for below in _alike(folder, name)]
    return [one for one in sorted(found) if one != path]


def _alike(folder: Path, name: str) -> list[Path]:
    if not folder.is_dir():
        return []
    return [below for below in folder.iterdir() if below.name.casefold() == name.casefold()]
