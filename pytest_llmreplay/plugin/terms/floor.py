"""The noise floor of this run: what was kept of the recorded model, and what it answers now."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from pytest_llmreplay.compare.figures.call_figures import Figures
from pytest_llmreplay.plugin.as_typed import relative
from pytest_llmreplay.plugin.items.collection import ReplayItem
from pytest_llmreplay.plugin.kept_runs.keeping import RunKeeping
from pytest_llmreplay.replay.baselines.calibration import (
    CalibratedEvent,
    Calibration,
    Score,
    calibration_keys,
    load_calibration,
    recording_digest,
    request_digest,
    save_calibration,
)
from pytest_llmreplay.report.verdict.noise_floor import NEVER

from .check_settings import MEAN_SCORE, CheckSettings, Parts, differing
from .scores import ItemScores, answered

__all__ = ["Floor"]


class Floor:
    """Finds the scores of the recorded model for an event.

    Args:
        rootdir: Where `.llmreplay` is.
        settings: Knows what decides about checks now.
        runs: Knows which run keeps the answers of now, and of which the file is there.

    Raises:
        ConfigError: What was kept cannot be read.
    """

    def __init__(self, rootdir: Path, settings: CheckSettings, runs: RunKeeping) -> None:
        self._rootdir, self._settings, self._runs = rootdir, settings, runs
        self._kept = load_calibration(rootdir)
        self._new: Calibration = {}
        self._keys: dict[Path, Sequence[str]] = {}
        self._settings_now: dict[ReplayItem, Mapping[str, Parts]] = {}

    def note(self, calibrated: Iterable[ItemScores]) -> None:
        """Take over what the recorded model's answers were worth, and took."""
        now = datetime.now(UTC).isoformat(timespec="seconds")
        for scores in calibrated:
            event = scores.item.document.event
            self._new[self._key(scores.item)] = CalibratedEvent(
                at=scores.at or now,
                by=scores.item.target.name,
                model=scores.model,
                request=request_digest(event),
                recording=recording_digest(event),
                run=self._runs.told_by,
                scores={spec: tuple(values) for spec, values in scores.by_check.items()},
                settings=self._settings.of(scores.item),
                figures=answered(scores.figures),
            )

    @property
    def noted(self) -> Mapping[str, Sequence[float]]:
        """What was noted, by check; answers that could not be measured are left out."""
        found: dict[str, list[float]] = {}
        for event in self._new.values():
            for spec, scores in event.scores.items():
                found.setdefault(spec, []).extend(score for score in scores if score is not None)
        return {spec: scores for spec, scores in found.items() if scores}

    def save(self) -> Path | None:
        """Keep what was noted; the file, if there was anything.

        Raises:
            LlmReplayError: It cannot be written.
        """
        return save_calibration(self._rootdir, self._new) if self._new else None

    def scores(self, item: ReplayItem, spec: str) -> tuple[Score, ...]:
        """What the recorded model's answers to an event are worth; nothing where none fits."""
        found = self.fitting(item)
        if found is None or self._others(item, found, spec):
            return ()
        return found.scores.get(spec, ())

    def figures(self, item: ReplayItem) -> tuple[Figures, ...]:
        """What these answers took; nothing where none fits, or nothing is sent to a target."""
        found = None if item.target.kind == "recorded" else self.fitting(item)
        return () if found is None else found.figures

    def scored_otherwise(self, item: ReplayItem) -> str | None:
        """What decided about the scores in the figures, and is another now."""
        found = self.fitting(item)
        if found is None or all(one.judge is None for one in found.figures):
            return None
        return self._others(item, found, MEAN_SCORE)

    def missing(self, items: Iterable[ReplayItem], spec: str) -> Counter[str]:
        """Why events have no noise floor for a check, with their number."""
        reasons = (self._reason(item, spec) for item in items)
        return Counter(reason for reason in reasons if reason is not None)

    def anew(self, items: Sequence[ReplayItem]) -> str | None:
        """The options that measure the answers to these events anew, where a run keeps them all."""
        found = [self.fitting(item) for item in items]
        names = {None if one is None else one.run for one in found}
        name = names.pop() if len(names) == 1 else None
        if name is None or not self._runs.has(name):
            return None
        judged = any(check.asks_judge for item in items for check in item.checks)
        return f"--llm-rejudge {name} --llm-calibrate{' --llm-judge NAME' * judged}"

    def oldest(self, items: Iterable[ReplayItem]) -> str | None:
        """Day of the oldest calibration of these events."""
        found = (self._found(item) for item in items)
        return min((one.at[:10] for one in found if one is not None), default=None)

    def fitting(self, item: ReplayItem) -> CalibratedEvent | None:
        """What is kept of the recorded model's answers to an event; none where nothing fits."""
        found = self._found(item)
        return None if found is None or self._misfit(item, found) else found

    def unfit(self, item: ReplayItem) -> str | None:
        """Why nothing fits an event; none where something does."""
        found = self._found(item)
        return NEVER if found is None else self._misfit(item, found)

    def _reason(self, item: ReplayItem, spec: str) -> str | None:
        found = self._found(item)
        if found is None:
            return NEVER
        if (misfit := self._misfit(item, found)) is not None:
            return misfit
        if all(score is None for score in found.scores.get(spec, ())):
            return f"calibrated without {spec}"
        others = self._others(item, found, spec)
        return f"calibrated with another {others} for {spec}" if others else None

    def _others(self, item: ReplayItem, found: CalibratedEvent, spec: str) -> str | None:
        """What decided beside the words of a check, and is another now."""
        if item not in self._settings_now:
            self._settings_now[item] = self._settings.of(item)
        return differing(self._settings_now[item].get(spec, {}), found.settings.get(spec, {}))

    def _found(self, item: ReplayItem) -> CalibratedEvent | None:
        key = self._key(item)
        return self._new.get(key) or self._kept.get(key)

    def _misfit(self, item: ReplayItem, found: CalibratedEvent) -> str | None:
        event = item.document.event
        if found.request != request_digest(event):
            return "calibrated with another request"
        if found.recording != recording_digest(event):
            return "recorded anew since"
        if found.by != "same" and item.target.kind != "simulated":
            return f"calibrated with {found.by}"
        return None

    def _key(self, item: ReplayItem) -> str:
        if item.path not in self._keys:
            self._keys[item.path] = calibration_keys(item.parent.cassette)
        return f"{relative(item.path, self._rootdir)}::{self._keys[item.path][item.place]}"
