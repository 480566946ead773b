"""`pytest-llmreplay check`: are the cassettes sound, and do their checks catch regressions?"""

from __future__ import annotations

import json
import os
from argparse import ArgumentParser, Namespace
from collections.abc import Iterable, Sequence
from pathlib import Path

from pytest_llmreplay.report.checked import checked_lines

from .checking.finding import Finding
from .checking.leftovers import abandoned_folders, partial_files
from .checking.look import look_at
from .checking.places import absolute, cassettes_of, roots_of
from .checking.revision import Revision
from .command import Command, Exit
from .project import Project

__all__ = ["CHECK"]


def _add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "paths",
        metavar="PATH",
        nargs="*",
        help="Cassettes, or directories of them; by default all of the project.",
    )
    parser.add_argument("--json", action="store_true", help="Print JSON.")
    parser.add_argument(
        "--fix",
        action="store_true",
        help="Write outdated keys anew and remove files beside cassettes that nothing refers to.",
    )
    parser.add_argument(
        "--diff",
        metavar="BASE",
        help="A revision of git: list tool calls, URLs and unseen characters that are new since.",
    )


def _run(arguments: Namespace) -> Exit:
    paths = [absolute(typed) for typed in arguments.paths]
    project = Project.around(paths)
    roots = roots_of(paths, project)
    return _check(arguments, project, roots)


def _check(arguments: Namespace, project: Project, roots: Sequence[Path]) -> Exit:
    base = Revision(arguments.diff, _folder(roots[0])) if arguments.diff is not None else None
    found: list[Finding] = []
    events = cassettes = 0
    for path in cassettes_of(roots):
        seen, findings = look_at(path, project, base=base, fix=arguments.fix)
        cassettes, events = cassettes + 1, events + seen
        found += findings
    for root in filter(Path.is_dir, roots):
        found += abandoned_folders(root)
    if not arguments.paths:
        found += partial_files(project.root, Path.cwd())
    _print(found, cassettes, events, as_json=arguments.json)
    return Exit.OK if all(one.mended for one in found) else Exit.FINDING


def _folder(root: Path) -> Path:
    return root if root.is_dir() else root.parent


def _print(found: Iterable[Finding], cassettes: int, events: int, *, as_json: bool) -> None:
    here = Path.cwd()
    shown = [one.as_json(os.path.relpath(one.path, here)) for one in found]
    if as_json:
        report = {"cassettes": cassettes, "events": events, "findings": shown}
        print(json.dumps(report, indent=2))
    else:
        print("\n".join(checked_lines(shown, cassettes, events)))


CHECK = Command(
    name="check",
    help="Validate cassettes, look for secrets and leftovers, and measure what checks would miss.",
    add_arguments=_add_arguments,
    run=_run,
)
