"""Which events tests have played, told to the process that started them."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pytest_llmreplay.playback.open_cassette import OpenCassette

__all__ = ["PLAYED", "note_played", "played_in"]

PLAYED = "LLMREPLAY_PLAYED"
"""Environment variable: the file that takes what was played."""


def note_played(cassette: OpenCassette) -> None:
    """Tell what a cassette that is closed has played, if anybody asked."""
    if (target := os.environ.get(PLAYED)) is None:
        return
    path, numbers = str(cassette.place.path), sorted(cassette.source.finder.played_numbers())
    # One write, as several processes may share the file.
    with Path(target).open("a", encoding="utf-8") as file:
        file.write(json.dumps([path, numbers]) + "\n")


def played_in(file: Path) -> Mapping[Path, frozenset[int]]:
    """Numbers of the events that were played, by cassette."""
    played: dict[Path, frozenset[int]] = {}
    for line in file.read_text(encoding="utf-8").splitlines():
        path, numbers = json.loads(line)
        known = played.get(Path(path), frozenset())
        played[Path(path)] = known | frozenset(numbers)
    return played
