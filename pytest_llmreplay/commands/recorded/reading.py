"""Reads events of cassettes; what is damaged is kept to be told, and the rest goes on."""

from __future__ import annotations

import os
import sys
from argparse import ArgumentParser
from collections.abc import Iterable, Iterator, Sequence
from difflib import get_close_matches
from pathlib import Path

from pytest_llmreplay.cassette.cassette import Cassette
from pytest_llmreplay.cassette.labels import label_at
from pytest_llmreplay.cassette.places.roots import bytes_found
from pytest_llmreplay.commands.checking.damage import damaged, opened
from pytest_llmreplay.commands.checking.finding import Finding
from pytest_llmreplay.commands.checking.places import absolute
from pytest_llmreplay.commands.command import Exit
from pytest_llmreplay.errors import CassetteDamaged, CassetteError, ConfigError
from pytest_llmreplay.replay.selecting.filters import Filtered
from pytest_llmreplay.report.cassettes.checked import finding_lines
from pytest_llmreplay.report.text.sanitise import safe_line

from .recordings import Accepted, RecordedEvent, recorded_at

__all__ = ["Reading", "add_filter"]

_NEAR = 3


def add_filter(parser: ArgumentParser) -> None:
    """Add the option that chooses events."""
    parser.add_argument(
        "--filter",
        dest="filters",
        metavar="KEY=GLOB",
        action="append",
        default=[],
        help="Only events that fit, as --llm-filter of pytest: prompt=, session=, path=, model=, "
        "provider=, api=, status=error, label.KEY=. May be repeated.",
    )


class Reading:
    """Events of cassettes, and what of them cannot be read.

    Args:
        filters: Which events are meant, as `--filter` says it.

    Raises:
        ConfigError: A filter cannot be read.
    """

    def __init__(self, filters: Sequence[str] = ()) -> None:
        self._filter = Filtered(filters, "--filter")
        self._damage: dict[Finding, None] = {}

    @property
    def nothing(self) -> str:
        """What is said where no event is meant: why, with the values that there are."""
        return safe_line(self._filter.told() or "no event")

    def all_of(self, cassettes: Iterable[Path]) -> Iterator[RecordedEvent]:
        """The events of several cassettes."""
        for path in cassettes:
            yield from self.events(path)

    def events(self, path: Path) -> Iterator[RecordedEvent]:
        """The events of a cassette that are meant, and can be read."""
        cassette = _opened(path)
        if isinstance(cassette, Finding):
            self._damage[cassette] = None
            return
        accepted = self._accepted(cassette)
        for place in range(len(cassette.index.events)):
            try:
                if self._filter.means(cassette.document(place)):
                    yield recorded_at(cassette, place, accepted)
            except CassetteDamaged as problem:
                self._damage[damaged(problem, path)] = None

    def _accepted(self, cassette: Cassette) -> Accepted:
        try:
            return cassette.accepted
        except CassetteDamaged as problem:
            self._damage[damaged(problem, cassette.path)] = None
            return {}

    def named(self, typed: str) -> Iterator[RecordedEvent]:
        """The events of `FILE.yaml`, or one of them: `FILE.yaml::LABEL`, `FILE.yaml::2`.

        Raises:
            ConfigError: There is no such event; the message names the nearest.
            CassetteError: The event that is named cannot be read.
        """
        file, colons, label = typed.partition("::")
        path = absolute(file)
        if not path.is_file():
            raise ConfigError(f"{file}: is no file; name a cassette")
        return iter([self._one(path, file, label)]) if colons else self.events(path)

    def _one(self, path: Path, file: str, label: str) -> RecordedEvent:
        cassette = _opened(path)
        if isinstance(cassette, Finding):
            where = f"{file}:{cassette.line}" if cassette.line else file
            raise CassetteError(f"{where}: {cassette.problem}")
        wanted = label.partition("[")[0]
        known: list[str] = []
        for place, slot in enumerate(cassette.index.events):
            known.append(_label(cassette, place))
            if wanted == known[-1] or (wanted.isdecimal() and int(wanted) == slot.number):
                return recorded_at(cassette, place, self._accepted(cassette))
        raise ConfigError(f"{file}: no event {label!r}{_nearest(wanted, known)}")

    def report_damage(self) -> Exit:
        """Tell what could not be read, behind what could; the command's exit code."""
        found = [one.as_json(os.path.relpath(one.path)) for one in self._damage]
        print("".join(f"{line}\n" for line in finding_lines(found)), end="", file=sys.stderr)
        return Exit.FINDING if found else Exit.OK


def _opened(path: Path) -> Cassette | Finding:
    try:
        return opened(path, bytes_found(path))
    except CassetteError as problem:
        return damaged(problem, path)


def _label(cassette: Cassette, place: int) -> str:
    try:
        return label_at(cassette, place)
    except CassetteDamaged:
        return f"{cassette.index.events[place].number:04d}"


def _nearest(wanted: str, known: Sequence[str]) -> str:
    near = get_close_matches(wanted, known, n=_NEAR, cutoff=0.4) or known[:_NEAR]
    return f"; there is {', '.join(near)}"
