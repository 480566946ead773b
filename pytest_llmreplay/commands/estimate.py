"""`pytest-llmreplay estimate`: what a replay of cassettes would cost, without sending anything."""

from __future__ import annotations

import json
import os
import shutil
from argparse import ArgumentParser, Namespace
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path

from pytest_llmreplay.cassette.cassette import Cassette
from pytest_llmreplay.cassette.naming import recorded_by
from pytest_llmreplay.errors import ConfigError
from pytest_llmreplay.replay.config import Config
from pytest_llmreplay.replay.endpoints import Endpoints
from pytest_llmreplay.replay.money.estimate import Estimate, Estimates
from pytest_llmreplay.replay.overrides import Overrides
from pytest_llmreplay.replay.simulated import FAULTS
from pytest_llmreplay.replay.targets import Target, TargetSettings, resolve_all
from pytest_llmreplay.report.estimate import estimate_json, estimate_lines

from .command import Command, Exit
from .event_checks import EventChecks
from .forecasts import Forecasts
from .project import Project

__all__ = ["ESTIMATE"]


def _add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "paths", metavar="PATH", nargs="+", help="A cassette, or a folder with cassettes in it."
    )
    parser.add_argument(
        "--model",
        action="append",
        required=True,
        metavar="MODEL",
        help="As pytest's --llm-model. May be repeated.",
    )
    parser.add_argument("--base-url", metavar="URL", help="As pytest's --llm-base-url.")
    parser.add_argument(
        "--samples", type=int, default=1, metavar="N", help="How often each event is sent."
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
    if arguments.samples < 1:
        raise ConfigError(f"--samples: {arguments.samples} is no number of 1 or more")
    found = _estimates(arguments)
    if arguments.json:
        print(json.dumps(estimate_json(found), indent=2))
    else:
        print("\n".join(estimate_lines(found, shutil.get_terminal_size().columns)))
    return Exit.OK


def _estimates(arguments: Namespace) -> Sequence[Estimate]:
    estimates = Estimates(Overrides(), Endpoints(os.environ))
    cassettes = _cassettes(arguments.paths)
    project = Project.around([path.parent for path in cassettes])
    judges = Forecasts(EventChecks(project, tuple(arguments.checks)), arguments.judge)
    configured = cache(project.config)
    for path in cassettes:
        config = configured(path.parent)
        targets = _targets(arguments, config)
        for document in Cassette.load(path).documents:
            for target in targets:
                if estimates.add(target, document, samples=arguments.samples) is not None:
                    judges.add(config, path, document, target, answers=arguments.samples)
    return [*estimates.all, *judges.all]


def _targets(arguments: Namespace, config: Config) -> tuple[Target, ...]:
    settings = TargetSettings(config=config, base_url=arguments.base_url, simulated=FAULTS)
    return resolve_all(arguments.model, settings)


def _cassettes(paths: Iterable[str]) -> Sequence[Path]:
    """The cassettes of all paths, each once."""
    return tuple(dict.fromkeys(path for text in paths for path in _below(text)))


def _below(text: str) -> list[Path]:
    path = Path(os.path.abspath(text))  # noqa: PTH100  # `resolve` would follow links
    if path.is_file():
        return [path]
    if not path.is_dir():
        raise ConfigError(f"{text}: there is no such file or folder")
    found = sorted(file for file in path.rglob("*.yaml") if recorded_by(file) is not None)
    if not found:
        raise ConfigError(f"{text}: there is no cassette in it")
    return found


ESTIMATE = Command(
    name="estimate",
    help="Tell calls, tokens and cost of a replay, from recorded usage and a list of prices.",
    add_arguments=_add_arguments,
    run=_run,
)
