"""One import, and what is said about it."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from pytest_llmreplay.cassette.redaction.redactor import Redactor
from pytest_llmreplay.commands.projects.project import Project
from pytest_llmreplay.importers.reading.files import InputFile
from pytest_llmreplay.importers.run import Destination, import_files
from pytest_llmreplay.importers.source import Rejected, Source
from pytest_llmreplay.importers.writing.cassettes import Cassettes
from pytest_llmreplay.importers.writing.tally import Tally
from pytest_llmreplay.report.cassettes.imported import (
    imported_line,
    rejected_line,
    unknown_hosts_line,
)

from .progress import Progress

__all__ = ["Import"]

_MOST_TOLD: Final = 100
"""Things not imported that are told one by one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Import:
    """One import, and what is said about it."""

    source: Source
    paths: Sequence[Path]
    project: Project
    redactor: Callable[[Path], Redactor]
    """Makes one for a cassette in a folder."""
    typed_out: str | None
    """What `-o` says."""
    force: bool
    """Whether cassettes that hold something else are replaced."""

    @property
    def out(self) -> Path:
        """Where the cassettes of sessions and files go."""
        if self.typed_out is None:
            return self.project.root / self.project.projects.run.cassettes / "imported"
        return Path.cwd() / self.typed_out

    def run(self) -> Tally:
        """Write the cassettes, and say what became of the logs."""
        progress = Progress(sum(path.stat().st_size for path in self.paths))

        def show() -> None:
            progress.show(f"{tally.events:,} of {tally.found:,} calls imported")

        def advance(count: int) -> None:
            progress.advance(count)
            show()

        hosts = frozenset(self.project.projects.run.hosts)
        files = [InputFile(path=path, advance=advance, hosts=hosts) for path in self.paths]
        tally = Tally(
            tell=lambda found: self._tell(found, tally, progress), wrote_one=show, hosts=hosts
        )
        try:
            import_files(self.source, files, self._destination, self._cassettes(tally))
        finally:
            progress.clear()
            self._tell_all(tally)
        return tally

    @property
    def _destination(self) -> Destination:
        return Destination(
            out=self.out,
            project=self.project.root,
            name_in=self._name_in,
        )

    def _name_in(self, project: Path) -> str:
        """Root of the cassettes of tests, relative to their project."""
        return str(self.out) if self.typed_out else self.project.projects.name_in(project)

    def _cassettes(self, tally: Tally) -> Cassettes:
        inside = self.out.resolve().is_relative_to(self.project.root.resolve())
        return Cassettes(
            root=self.project.root if inside else self.out,
            redactor=self.redactor,
            rules=cache(self.project.rules),
            own=cache(self.project.redactor),
            force=self.force,
            tally=tally,
        )

    def _tell(self, found: Rejected, tally: Tally, progress: Progress) -> None:
        if tally.rejected <= _MOST_TOLD:
            progress.clear()
            print(rejected_line(str(found.place), found.reason), file=sys.stderr)

    def _tell_all(self, tally: Tally) -> None:
        untold = tally.rejected - _MOST_TOLD
        if untold > 0:
            print(f"and {untold:,} more that are not imported", file=sys.stderr)
        if tally.unknown_hosts:
            print(unknown_hosts_line(tally.unknown_hosts), file=sys.stderr)
        print(
            imported_line(
                events=tally.events,
                reconstructed=tally.reconstructed,
                cassettes=tally.cassettes,
                unchanged=tally.unchanged,
                rejected=tally.rejected,
                passed_over=tally.passed_over,
                folder=None if tally.folder is None else os.path.relpath(tally.folder),
            )
        )
