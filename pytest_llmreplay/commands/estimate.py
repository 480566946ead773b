"""`pytest-llmreplay estimate`: what a replay of cassettes would cost, without sending anything."""

from __future__ import annotations

import os
import re
import shutil
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence

from pytest_llmreplay.commands.projects.event_checks import EventChecks
from pytest_llmreplay.commands.recorded.selection import Selection, add_selection
from pytest_llmreplay.errors import ConfigError
from pytest_llmreplay.replay.money.estimate import Estimate, Estimates
from pytest_llmreplay.replay.overrides import parse_overrides
from pytest_llmreplay.replay.targets.endpoints import Endpoints
from pytest_llmreplay.report.estimate import estimate_json, estimate_lines
from pytest_llmreplay.report.text.sanitise import json_text, safe_line

from .command import Command, Exit
from .forecasts import Forecasts

__all__ = ["ESTIMATE"]

_FLAG = re.compile(r"--llm-(?=model|filter|variant|set|judge)")


def _add_arguments(parser: ArgumentParser) -> None:
    add_selection(parser)
    parser.add_argument(
        "--set",
        dest="overrides",
        metavar="KEY=YAML",
        action="append",
        default=[],
        help="As pytest's --llm-set. May be repeated.",
    )
    parser.add_argument("--judge", metavar="MODEL", help="As pytest's --llm-judge.")
    parser.add_argument(
        "--check",
        dest="checks",
        metavar="SPEC",
        action="append",
        default=[],
        help="As pytest's --llm-check; whether one asks for a judge decides about its calls.",
    )
    parser.add_argument("--json", action="store_true", help="Print JSON.")


def _run(arguments: Namespace) -> Exit:
    try:
        selection = Selection(arguments)
        found = _estimates(arguments, selection)
    except ConfigError as error:
        # Options are called here as pytest calls them, but for their beginning.
        raise ConfigError(_FLAG.sub("--", str(error))) from None
    if arguments.json:
        print(json_text(estimate_json(found)))
    else:
        lines = estimate_lines(found, shutil.get_terminal_size().columns)
        print("\n".join([*lines, *map(safe_line, selection.lines())]))
    return Exit.OK


def _estimates(arguments: Namespace, selection: Selection) -> Sequence[Estimate]:
    overrides = parse_overrides(arguments.overrides)
    estimates = Estimates(overrides, Endpoints(os.environ), allow=selection.allow)
    checks = EventChecks(selection.project, tuple(arguments.checks))
    judges = Forecasts(selection.project, checks, arguments.judge)
    for path, document, target, plan in selection:
        if estimates.add(target, document, plan) is not None:
            judges.add(selection.config(path.parent), path, document, target, plan)
    return [*estimates.all, *judges.all]


ESTIMATE = Command(
    name="estimate",
    help="Tell calls, tokens and cost of a replay, from recorded usage and a list of prices.",
    add_arguments=_add_arguments,
    run=_run,
)
