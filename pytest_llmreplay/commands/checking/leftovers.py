"""What earlier runs left: files beside cassettes that nothing refers to, calls in no cassette."""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Iterable, Iterator
from pathlib import Path

from pytest_llmreplay.cassette.partial.unfinished import Unfinished, unfinished
from pytest_llmreplay.cassette.side_files.files import folder_of, is_side_file, names_in_text
from pytest_llmreplay.report.cassettes.recording import left_text

from .finding import Finding

__all__ = ["abandoned_folders", "partial_files", "side_files", "unused_files"]

_FOLDER = ".files"
_TEMPORARY = re.compile(r"\.[0-9a-f]{16}\.tmp")


def side_files(cassette: Path) -> list[Path]:
    """The files beside a cassette that have names of ours."""
    return _ours(folder_of(cassette))


def unused_files(cassette: Path, data: bytes) -> Iterator[Finding]:
    """Files beside a cassette that it does not refer to."""
    used = names_in_text(data.decode(errors="replace"))
    for file in side_files(cassette):
        if file.name not in used:
            problem = f"{cassette.name} does not refer to it"
            yield Finding(kind="unused file", path=file, problem=problem, fixable=True)


def abandoned_folders(root: Path) -> Iterator[Finding]:
    """Folders of files whose cassette is gone, and files that a killed run was writing."""
    for top, folders, files in os.walk(root):
        folders.sort()
        for name in folders:
            folder = Path(top, name)
            cassettes = (folder.with_suffix(ending) for ending in (".yaml", ".yml"))
            if name.endswith(_FOLDER) and not any(map(Path.exists, cassettes)) and _ours(folder):
                problem = "the cassette that it belongs to is gone; restore that, or delete this"
                yield Finding(kind="unused file", path=folder, problem=problem)
        for name in sorted(filter(_TEMPORARY.fullmatch, files)):
            problem = "a run was killed while it wrote this; delete it when no run is under way"
            yield Finding(kind="unused file", path=Path(top, name), problem=problem)


def partial_files(projects: Iterable[Path], here: Path) -> Iterator[Finding]:
    """Calls that a killed or failed recording has kept."""
    for project in projects:
        for file in unfinished(project):
            command = _record(file, project, here)
            problem = left_text(os.path.relpath(file.path, here), file.events, command)
            yield Finding(kind="partial file", path=file.path, problem=problem)


def _record(file: Unfinished, project: Path, here: Path) -> str:
    if not file.test:
        return "--llm-record"
    name, colons, inner = file.test.partition("::")
    test = f"{os.path.relpath(project / name, here)}{colons}{inner}"
    return f"pytest {shlex.quote(test)} --llm-record"


def _ours(folder: Path) -> list[Path]:
    if folder.is_symlink() or not folder.is_dir():
        return []
    found = (path for path in sorted(folder.iterdir()) if is_side_file(path.name))
    return [path for path in found if path.is_file() and not path.is_symlink()]
