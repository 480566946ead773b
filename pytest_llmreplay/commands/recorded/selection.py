"""What `estimate` is asked about: events, targets, and how often each event goes to each."""

from __future__ import annotations

import os
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

from pytest_llmreplay.cassette.cassette import Cassette
from pytest_llmreplay.cassette.documents.document import EventDocument
from pytest_llmreplay.cassette.places.roots import begins_as_cassette, bytes_found
from pytest_llmreplay.commands.projects.project import Project
from pytest_llmreplay.errors import ConfigError
from pytest_llmreplay.replay.config.gate import GateEntry
from pytest_llmreplay.replay.gate_plan import GatePlan, SamplePlan, models_of, refuse_changed_floor
from pytest_llmreplay.replay.selecting.filters import Filtered
from pytest_llmreplay.replay.simulated import FAULTS
from pytest_llmreplay.replay.targets.target import Target, TargetSettings, matrix, resolve_all
from pytest_llmreplay.replay.variants.used import UsedRules
from pytest_llmreplay.replay.variants.variants import Variants

from .reading import add_filter

__all__ = ["Selection", "add_selection"]


class Selection:
    """The events that are meant, each with its targets, as a replay has them.

    Args:
        arguments: As `add_selection` takes them.

    Raises:
        ConfigError: An option cannot be read, or a path is none of a cassette.
    """

    def __init__(self, arguments: Namespace) -> None:
        if arguments.samples is not None and arguments.samples < 1:
            raise ConfigError(f"--samples: {arguments.samples} is no number of 1 or more")
        if arguments.calibrate:
            refuse_changed_floor("--calibrate", {"--variant": arguments.variants})
        self._arguments = arguments
        self._cassettes = _cassettes(arguments.paths)
        self._filtered = Filtered(arguments.filters)
        self._used = UsedRules()
        self.project = Project.around([path.parent for path in self._cassettes])
        self.config = cache(self.project.config)
        self._targets = cache(self._found)
        self._plan = GatePlan(
            tuple(arguments.model),
            self._gate,
            gate=arguments.gate,
            samples=arguments.samples,
            calibrate=arguments.calibrate,
            elsewhere=arguments.base_url is not None,
        )

    @property
    def allow(self) -> Sequence[str]:
        """Kinds of calls that are made because they are asked for."""
        return (*self._arguments.allow, *self._filtered.lets_through)

    def __iter__(self) -> Iterator[tuple[Path, EventDocument, Target, SamplePlan]]:
        for path in self._cassettes:
            for document in filter(self._filtered.means, _opened(path).documents):
                for target in self._targets(path.parent):
                    self._used.look(target.variant, document)
                    yield path, document, target, self._plan.planned(path.parent, target)
        if self._filtered and not self._filtered.meant:
            raise ConfigError(f"--filter: {self._filtered.told()}")

    def lines(self) -> Iterator[str]:
        """How many events are meant, and the rules of variants that are for none."""
        if told := self._filtered.told():
            yield told
        yield from self._used.lines()

    def _gate(self, folder: Path) -> GateEntry:
        return self.config(folder).gate

    def _found(self, folder: Path) -> tuple[Target, ...]:
        arguments, config = self._arguments, self.config(folder)
        settings = TargetSettings(
            config=config, base_url=arguments.base_url, simulated=FAULTS, asked_by="--model"
        )
        models = models_of(tuple(arguments.model), calibrate=arguments.calibrate)
        targets = resolve_all(models, settings)
        if not arguments.variants:
            return targets
        known = Variants(config, self.project.hooks.variants)
        return matrix(targets, known.chosen(arguments.variants))


def add_selection(parser: ArgumentParser) -> None:
    """Add the options that say what would be sent, named as those of pytest are."""
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
    add_filter(parser)
    for flag, name, metavar in (("--variant", "variants", "GLOB"), ("--allow", "allow", "KIND")):
        parser.add_argument(
            flag,
            dest=name,
            action="append",
            default=[],
            metavar=metavar,
            help=f"As pytest's --llm-{flag[2:]}. May be repeated.",
        )
    parser.add_argument(
        "--samples", type=int, metavar="N", help="How often each event is sent, as --llm-samples."
    )
    parser.add_argument(
        "--gate", choices=("each", "run"), default="each", help="As pytest's --llm-gate."
    )
    parser.add_argument(
        "--calibrate", action="store_true", help="With the noise floor, as --llm-calibrate."
    )


def _opened(path: Path) -> Cassette:
    return Cassette.of(bytes_found(path), path=path)


def _cassettes(paths: Sequence[str]) -> Sequence[Path]:
    """The cassettes of all paths, each once."""
    return tuple(dict.fromkeys(path for text in paths for path in _below(text)))


def _below(text: str) -> list[Path]:
    path = Path(os.path.abspath(text))  # noqa: PTH100  # `resolve` would follow links
    if path.is_file():
        return [path]
    if not path.is_dir():
        raise ConfigError(f"{text}: there is no such file or folder")
    found = sorted(filter(begins_as_cassette, path.rglob("*")))
    if not found:
        raise ConfigError(f"{text}: there is no cassette in it")
    return found
