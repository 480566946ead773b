"""Sources that users name by the hook `pytest_llmreplay_importers`."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from pytest_llmreplay.errors import InputUnreadable
from pytest_llmreplay.event import Json
from pytest_llmreplay.importers.reading.bounded_json import json_of
from pytest_llmreplay.importers.reading.files import InputFile

from .jsonl import found_in
from .source import Found, Place, Rejected

__all__ = ["OwnImporter", "OwnSource"]

OwnImporter: TypeAlias = Callable[[Path], Iterable[Mapping[str, Any]]]
"""Yields the calls of a file, each as a line of the general form tells it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnSource:
    """A source whose files a function of the user reads."""

    name: str
    function: OwnImporter
    help: str = "A source of your own."
    personal: bool = True
    endings: tuple[str, ...] = ("",)
    """All files of a directory."""

    def read(self, files: Sequence[InputFile]) -> Iterator[Found]:
        """Every call of every file; what the function raises ends its file, and is told."""
        for file in files:
            number = 0
            try:
                for number, given in enumerate(self.function(file.path), 1):
                    yield _found(Place(file.path, f"record {number}"), given)
            except Exception as error:  # noqa: BLE001 - it is the user's code
                after = f" after record {number}" if number else ""
                reason = f"{self.name} raised {type(error).__name__}{after}: {error}"
                yield Rejected(place=Place(file.path), reason=reason)
            file.advance(file.path.stat().st_size)


def _found(place: Place, given: object) -> Found:
    try:
        return found_in(place, _json(given))
    except InputUnreadable as problem:
        return Rejected(place=place, reason=str(problem))


def _json(given: object) -> dict[str, Json]:
    """What a function of the user gave, as JSON; only JSON can be written.

    Raises:
        InputUnreadable: It is none.
    """
    try:
        value = json_of(json.dumps(given, allow_nan=False).encode())
    except (TypeError, ValueError, RecursionError) as error:
        raise InputUnreadable(f"is no JSON: {error}") from None
    if not isinstance(value, dict):
        raise InputUnreadable(f"expected a dict, found {type(given).__name__}")
    return value
