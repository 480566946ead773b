"""Which directories and files below a place are cassettes."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from itertools import filterfalse
from pathlib import Path

from pytest_llmreplay.errors import CassetteError, ConfigError

from .naming import PROJECT_FILES, recorded_by

__all__ = [
    "begins_as_cassette",
    "bytes_found",
    "cassette_roots",
    "cassettes_in",
    "holds_cassettes",
    "is_cassette",
    "is_named",
    "is_root",
    "others_in",
]

_NEVER = {"__pycache__", "build", "dist", "node_modules", "site-packages", "venv"}
_PROJECT_FILES = frozenset(PROJECT_FILES)
_ENDINGS = {".yaml", ".yml"}
_OTHERS = (b"interactions:", b"http_interactions:", b"version:")
"""How a cassette of vcrpy, VCR or go-vcr begins, after the mark of a document."""
_MARK = b"---\n"


def cassette_roots(top: Path, name_in: Callable[[Path], str]) -> list[Path]:
    """Directories below `top` that hold cassettes, in a stable order.

    Args:
        top: Where to look.
        name_in: What the root of the cassettes of a project is called.
    """
    found: list[Path] = []
    names = {str(top.parent): name_in(top)}
    for folder, below, files in os.walk(top):
        names[folder] = name = names[os.path.dirname(folder)]  # noqa: PTH120 - one of thousands
        if not _PROJECT_FILES.isdisjoint(files):
            with suppress(ConfigError):  # told where a cassette is below it
                names[folder] = name = name_in(Path(folder))
        meant = Path(name).parts
        below[:] = sorted(
            entry
            for entry in below
            if entry in meant or not (entry.startswith(".") or entry in _NEVER)
        )
        if "pyvenv.cfg" in os.listdir(folder):  # noqa: PTH208 - a virtual environment, whatever its name
            below[:] = []
        here = Path(folder)
        if is_named(here, name):
            found += [] if _is_others(here) else [here]
            below[:] = []
        found += [here / entry for entry in below if _is_linked_root(here / entry, name, top)]
    return found


def _is_linked_root(folder: Path, name: str, top: Path) -> bool:
    """Whether a directory has that name and is a link to another one below `top`."""
    if not folder.is_symlink() or not is_named(folder, name):
        return False
    return folder.resolve().is_relative_to(top.resolve())


def _is_others(root: Path) -> bool:
    """Whether a directory holds cassettes of other tools alone."""
    files = (path for ending in _ENDINGS for path in root.rglob(f"*{ending}"))
    return any(files) and not any(cassettes_in(root))


def is_named(folder: Path, name: str) -> bool:
    """Whether a directory's path is this, or ends with it."""
    parts = Path(name).parts
    return folder.parts[-len(parts) :] == parts


def is_root(folder: Path, name: str) -> bool:
    """Whether a directory that a person names is meant with all its cassettes.

    It is one of that name or below one, or holds a file that calls itself a cassette.
    """
    if any(is_named(one, name) for one in (folder, *folder.parents)):
        return True
    return _is_among(sorted(folder.glob("*")))


def holds_cassettes(folder: Path) -> bool:
    """Whether a cassette stands anywhere below a directory, as below that of an import."""
    return _is_among(folder.rglob("*"))


def _is_among(paths: Iterable[Path]) -> bool:
    """Whether any of the paths is a file that calls itself a cassette."""
    return any(map(begins_as_cassette, paths))


def begins_as_cassette(path: Path) -> bool:
    """Whether a path is a file that calls itself a cassette."""
    if path.suffix not in _ENDINGS or not path.is_file():
        return False
    try:
        with path.open("rb") as file:
            return file.read(16).startswith(b"cassette:")
    except OSError:
        return False


def cassettes_in(root: Path) -> Iterator[Path]:
    """The cassettes below a root, in a stable order; links to directories are not followed."""
    return filter(is_cassette, _yaml_in(root))


def others_in(root: Path) -> Iterator[Path]:
    """The cassettes of other tools below a root, in the same order."""
    return filterfalse(is_cassette, _yaml_in(root))


def _yaml_in(root: Path) -> Iterator[Path]:
    for folder, below, files in os.walk(root):
        below.sort()
        paths = (Path(folder, name) for name in sorted(files))
        yield from (path for path in paths if path.suffix in _ENDINGS and path.is_file())


def bytes_found(path: Path) -> bytes:
    """What a cassette holds that was found in a folder, where anybody may have put a link.

    Raises:
        CassetteError: It is a link, or cannot be read.
    """
    if path.is_symlink():
        problem = "is a link; a cassette is a plain file, put one in its place"
        raise CassetteError(problem, path=path)
    try:
        return path.read_bytes()
    except OSError as error:
        raise CassetteError(f"cannot be read: {error.strerror}", path=path) from None


def is_cassette(path: Path) -> bool:
    """Whether a file below a cassette root is ours; cassettes of vcrpy may lie beside them."""
    if path.suffix not in _ENDINGS:
        return False
    if recorded_by(path) is not None:
        return True
    try:
        with path.open("rb") as file:
            return not file.read(64).removeprefix(_MARK).startswith(_OTHERS)
    except OSError:  # whoever reads it says why it cannot be read
        return True
