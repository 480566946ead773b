"""What the commands about stored runs have in common: where runs and cassettes are."""

from __future__ import annotations

import os
import re
import sys
from argparse import ArgumentParser, Namespace
from dataclasses import dataclass
from pathlib import Path

from pytest_llmreplay.cassette.places.own_directory import OWN_DIRECTORY
from pytest_llmreplay.report.text.sanitise import safe_line
from pytest_llmreplay.runs.choosing import chosen
from pytest_llmreplay.runs.place import Runs
from pytest_llmreplay.runs.stored import StoredCall, StoredRun

__all__ = ["Place", "add_choice", "add_place", "is_run"]

_RUN = re.compile(r"run-\d+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A project, seen from a directory of it."""

    root: Path
    """What names of cassettes begin at."""
    runs: Runs
    here: Path

    @classmethod
    def of(cls, arguments: Namespace) -> Place:
        """Where the options say, else the nearest directory above that has runs."""
        here = Path.cwd()
        root = Path(os.path.abspath(arguments.rootdir)) if arguments.rootdir else _root(here)  # noqa: PTH100 - resolve() would follow links
        directory = here / arguments.runs if arguments.runs else None
        return cls(root=root, runs=Runs(root, directory), here=here)

    def run(self, name: str) -> StoredRun:
        """A run by its id or its file; what is damaged in it is told."""
        run = self.runs.named(name, self.here)
        if (damage := run.damage) is not None:
            print(safe_line(self.shown(damage)), file=sys.stderr)
        return run

    def calls(
        self, run: StoredRun, arguments: Namespace, *, every_sample: bool = False
    ) -> list[StoredCall]:
        """The calls of a run that are meant."""
        paths = [Path(os.path.abspath(self.here / path)) for path in arguments.paths]  # noqa: PTH100 - as above
        return chosen(run, arguments.keyword, paths, self.root, every_sample=every_sample)

    def shown(self, text: object) -> str:
        """A message with paths as they are typed here."""
        return str(text).replace(f"{self.here}{os.sep}", "")


def is_run(typed: str) -> bool:
    """Whether a name is one of a run, or of its file."""
    return _RUN.fullmatch(typed) is not None or typed.endswith(".jsonl")


def add_place(parser: ArgumentParser) -> None:
    """Add the options that say where runs and cassettes are."""
    parser.add_argument("--runs", metavar="DIR", help="Where run files are, as --llm-runs says it.")
    parser.add_argument(
        "--rootdir",
        metavar="DIR",
        help="Of the project; by default the nearest directory above that has runs.",
    )


def add_choice(parser: ArgumentParser, what: str = "A run, such as run-41, or its file.") -> None:
    """Add the run, and what chooses calls of it.

    Args:
        parser: Of the command.
        what: What can stand in the place of the run.
    """
    parser.add_argument("id", metavar="RUN", help=what)
    parser.add_argument(
        "-k",
        dest="keyword",
        metavar="EXPRESSION",
        default="",
        help="Only events whose node id fits, as pytest's own -k.",
    )
    parser.add_argument(
        "paths",
        metavar="PATH",
        nargs="*",
        default=[],  # or argparse calls it required where the run is missing
        help="Only events of these cassettes, or node ids.",
    )


def _root(here: Path) -> Path:
    above = (folder for folder in (here, *here.parents) if (folder / OWN_DIRECTORY).is_dir())
    return next(above, here)
