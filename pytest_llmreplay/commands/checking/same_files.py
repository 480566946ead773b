"""Cassettes that would be one file on another machine."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from pytest_llmreplay.cassette.places.twins import twins_of
from pytest_llmreplay.commands.projects.project import Project
from pytest_llmreplay.report.cassettes.recording import twin_text

from .finding import Finding

__all__ = ["same_files"]


def same_files(path: Path, project: Project) -> Iterator[Finding]:
    """A finding for each cassette that is in the place of this one where case does not count."""
    root = project.root if path.is_relative_to(project.root) else path.parent
    for twin in twins_of(path, root):
        shown = os.path.relpath(twin, Path.cwd())
        yield Finding(kind="same file", path=path, problem=twin_text(shown))
