"""`pytest-llmreplay estimate`: what a replay of cassettes would cost, without sending anything."""

from __future__ import annotations

import json
import os
import shutil
from argparse import ArgumentParser, Namespace
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path

from pytest_llmreplay.cassette.cassette import Cassette
from pytest_llmreplay.cassette.naming import recorded_by
from pytest_llmreplay.errors import ConfigError
from pytest_llmreplay.replay.config import Config, find_config, load_config
from pytest_llmreplay.replay.endpoints import Endpoints
from pytest_llmreplay.replay.money.estimate import Estimate, Estimates
from pytest_llmreplay.replay.overrides import Overrides
from pytest_llmreplay.replay.simulated import FAULTS
from pytest_llmreplay.replay.targets import Target, TargetSettings, resolve_all
from pytest_llmreplay.report.estimate import estimate_json, estimate_lines, price_list

from .command import Command, Exit

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
    parser.add_argument("--json", action="store_true", help="Print JSON.")


def _run(arguments: Namespace) -> Exit:
    if arguments.samples < 1:
        raise ConfigError(f"--samples: {arguments.samples} is no number of 1 or more")
    found = _estimates(arguments)
    told = {"prices": price_list(), "samples": arguments.samples}
    if arguments.json:
        print(json.dumps(estimate_json(found, **told), indent=2))
    else:
        print("\n".join(estimate_lines(found, shutil.get_terminal_size().columns, **told)))
    return Exit.OK


def _estimates(arguments: Namespace) -> Sequence[Estimate]:
    estimates = Estimates(Overrides(), Endpoints(os.environ), samples=arguments.samples)
    loaded = cache(lambda path: Config() if path is None else load_config(path))
    for path in _cassettes(arguments.paths):
        targets = _targets(arguments, loaded(find_config(path.parent, Path(path.anchor))))
        for document in Cassette.load(path).documents:
            for target in targets:
                estimates.add(target, document)
    return estimates.all


def _targets(arguments: Namespace, config: Config) -> tuple[Target, ...]:
    settings = TargetSettings(config=config, base_url=arguments.base_url, simulated=FAULTS)
    return resolve_all(arguments.model, settings)


def _cassettes(paths: Iterable[str]) -> Iterator[Path]:
    seen: set[Path] = set()
    for text in paths:
        found = [path for path in _below(text) if path not in seen]
        if not found and not seen:
            raise ConfigError(f"{text}: there is no cassette in it")
        seen.update(found)
        yield from found


def _below(text: str) -> list[Path]:
    path = Path(os.path.abspath(text))  # noqa: PTH100  # `resolve` would follow links
    if path.is_dir():
        return sorted(file for file in path.rglob("*.yaml") if recorded_by(file) is not None)
    if not path.is_file():
        raise ConfigError(f"{text}: there is no such file or folder")
    return [path]


ESTIMATE = Command(
    name="estimate",
    help="Tell calls, tokens and cost of a replay, from recorded usage and a list of prices.",
    add_arguments=_add_arguments,
    run=_run,
)
