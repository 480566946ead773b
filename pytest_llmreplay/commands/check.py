"""`pytest-llmreplay check`: are the cassettes sound, and do their checks catch regressions?"""

from __future__ import annotations

import os
from argparse import ArgumentParser, Namespace
from collections.abc import Iterable, Sequence
from pathlib import Path

from pytest_llmreplay.cassette.places.roots import others_in
from pytest_llmreplay.commands.projects.project import Project
from pytest_llmreplay.errors import ConfigError
from pytest_llmreplay.report.cassettes.checked import checked_lines
from pytest_llmreplay.report.text.sanitise import json_text

from .checking.finding import Finding
from .checking.leftovers import abandoned_folders, partial_files
from .checking.look import look_at
from .checking.places import absolute, cassettes_of, roots_of
from .checking.revision import Revision
from .command import Command, Exit
from .mutating import mutate

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
    parser.add_argument(
        "--mutate",
        action="store_true",
        help="Put simulated faults into the recorded answers, and say which the checks in force "
        "would miss.",
    )
    parser.add_argument(
        "--check",
        dest="checks",
        metavar="SPEC",
        action="append",
        default=[],
        help="With --mutate: a check in place of the project's, as --llm-check of pytest.",
    )
    parser.add_argument(
        "--least",
        type=float,
        metavar="PERCENT",
        help="With --mutate: exit with 1 below this score.",
    )


def _run(arguments: Namespace) -> Exit:
    _refuse_what_makes_no_sense(arguments)
    paths = [absolute(typed) for typed in arguments.paths]
    project = Project.around(paths)
    roots = roots_of(paths, project)
    if arguments.mutate:
        return mutate(
            list(cassettes_of(roots)),
            project,
            checks=arguments.checks,
            least=arguments.least,
            as_json=arguments.json,
        )
    return _check(arguments, project, roots)


def _refuse_what_makes_no_sense(arguments: Namespace) -> None:
    judging = {"--check": arguments.checks, "--least": arguments.least is not None}
    looking = {"--fix": arguments.fix, "--diff": arguments.diff is not None}
    for flag, given in (looking if arguments.mutate else judging).items():
        if given and arguments.mutate:
            raise ConfigError(f"{flag}: --mutate changes and compares no files; leave one out")
        if given:
            raise ConfigError(f"{flag}: only --mutate runs checks; add it")
    if arguments.least is not None and not 0 <= arguments.least <= 100:  # noqa: PLR2004 - percent
        raise ConfigError(f"--least: {arguments.least:g} is no percentage; write 0 to 100")


def _check(arguments: Namespace, project: Project, roots: Sequence[Path]) -> Exit:
    base = Revision(arguments.diff, _folder(roots[0])) if arguments.diff is not None else None
    found: list[Finding] = []
    others: list[Path] = []
    events = cassettes = 0
    for path in cassettes_of(roots):
        seen, findings = look_at(path, project, base=base, fix=arguments.fix)
        cassettes, events = cassettes + 1, events + seen
        found += findings
    for root in filter(Path.is_dir, roots):
        found += abandoned_folders(root)
        others += others_in(root)
    if not arguments.paths:
        homes = (project.projects.home(root / "-") for root in roots)
        found += partial_files(dict.fromkeys((project.root, *homes)), Path.cwd())
    _print(found, others, cassettes, events, as_json=arguments.json)
    return Exit.OK if all(one.mended for one in found) else Exit.FINDING


def _folder(root: Path) -> Path:
    return root if root.is_dir() else root.parent


def _print(
    found: Iterable[Finding],
    others: Iterable[Path],
    cassettes: int,
    events: int,
    *,
    as_json: bool,
) -> None:
    here = Path.cwd()
    shown = [one.as_json(os.path.relpath(one.path, here)) for one in found]
    left = [os.path.relpath(path, here) for path in dict.fromkeys(others)]
    if as_json:
        report = {"cassettes": cassettes, "events": events, "findings": shown, "left_alone": left}
        print(json_text(report))
    else:
        print("\n".join(checked_lines(shown, left, cassettes, events)))


CHECK = Command(
    name="check",
    help="Validate cassettes, look for secrets and leftovers, and measure what checks would miss.",
    add_arguments=_add_arguments,
    run=_run,
)
