"""The recorded model's own answers that two runs are held against: one noise floor for both."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TypeAlias

from pytest_llmreplay.compare.figures.call_figures import Figures, has_figures
from pytest_llmreplay.replay.baselines.calibration import (
    Calibration,
    calibration_keys,
    load_calibration,
    recording_digest,
    request_digest,
)
from pytest_llmreplay.replay.calls.call import Identity
from pytest_llmreplay.replay.gate_plan import SAME
from pytest_llmreplay.replay.targets.target import SIMULATED
from pytest_llmreplay.runs.recordings import Recordings
from pytest_llmreplay.runs.stored import StoredCall

from .stored_answers import StoredAnswers

__all__ = ["OneFloor"]

_Floor: TypeAlias = dict[Identity, tuple[Figures, ...]]


class OneFloor:
    """Finds it: the calibration that is kept, else that of the second run, else of the first.

    Args:
        root: Of the project.
        recordings: Know the cassettes.
        both: The answers of the runs.
    """

    def __init__(self, root: Path, recordings: Recordings, both: Sequence[StoredAnswers]) -> None:
        self._root, self._recordings, self._both = root, recordings, both
        self._keys: dict[str, Sequence[str]] = {}
        """Of the events of a cassette, by its name."""

    def of(self, calls: Mapping[Identity, StoredCall], *, judged: bool) -> _Floor | None:
        """What the answers to some events took; none where no calibration has all of them.

        Args:
            calls: One to each event.
            judged: Whether their scores are wanted; which judge gave those that are kept nobody
                knows here.

        Raises:
            ConfigError: The calibration that is kept cannot be read.
        """
        for floor in self._floors(calls):
            if all(has_figures(floor.get(key, ()), judged=judged) for key in calls):
                return floor
        return None

    def _floors(self, calls: Mapping[Identity, StoredCall]) -> Iterator[_Floor]:
        yield {key: self._fitting(stored) for key, stored in calls.items()}
        yield from (answers.floor for answers in reversed(self._both))

    def _fitting(self, stored: StoredCall) -> tuple[Figures, ...]:
        call, name = stored.call, stored.call.identity.cassette
        if name not in self._keys:
            self._keys[name] = calibration_keys(self._recordings.cassette(call))
        key = self._keys[name][self._recordings.place(call)]
        found = self._kept.get(f"{name}::{key}")
        event = self._recordings.document(call).event
        if (
            found is None
            or found.request != request_digest(event)
            or found.recording != recording_digest(event)
            or (found.by != SAME and not call.target.startswith(SIMULATED))
        ):
            return ()
        return tuple(replace(one, judge=None) for one in found.figures)

    @cached_property
    def _kept(self) -> Calibration:
        return load_calibration(self._root)
