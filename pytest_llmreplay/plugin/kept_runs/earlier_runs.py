"""The earlier runs whose answers a replay takes over."""

from __future__ import annotations

from collections.abc import Container, Sequence

import pytest

from pytest_llmreplay.errors import ConfigError
from pytest_llmreplay.plugin.settings.settings import Settings
from pytest_llmreplay.replay.calls.call import Call, Identity
from pytest_llmreplay.runs.place import Runs
from pytest_llmreplay.runs.stored import StoredRun

from .notices import earlier_lines
from .selection import RunSelection

__all__ = ["EarlierRuns"]


class EarlierRuns:
    """Finds them, and says what they have.

    Args:
        config: Of pytest; with `--lf` the answers of any run with the same targets count.
        settings: The options of the run; to resume is to go on with runs of the same selection.
        runs: The stored ones.
    """

    def __init__(self, config: pytest.Config, settings: Settings, runs: Runs) -> None:
        self._resumes, self._runs = settings.resume, runs
        self._last_failed = bool(config.getoption("lf", default=False))

    @property
    def are_taken_over(self) -> bool:
        """Whether their answers stand for calls, where there are any."""
        return self._resumes or self._last_failed

    def runs(self, selection: RunSelection) -> list[StoredRun]:
        """The runs that count for what is asked now, the newest first.

        Raises:
            ConfigError: One was to be judged after other numbers of samples.
            CassetteError: One cannot be read.
        """
        if self._resumes:
            found = self._runs.newest_first(lambda one: one.selection == selection.asked)
            unfinished = [run for run in found if not run.whole]
            _refuse_other_stages(unfinished, selection.stages)
            return unfinished
        if not self._last_failed:
            return []
        names = {target.name for target in selection.targets}
        return list(
            self._runs.newest_first(lambda one: any(each.name in names for each in one.targets))
        )

    def lines(
        self,
        runs: Sequence[StoredRun],
        events: Container[tuple[Identity, str]],
        *,
        judges_again: bool,
    ) -> list[str]:
        """What is said of runs before the first call.

        Args:
            runs: Those whose answers are taken over, or judged again.
            events: What is asked now: events, each with the name of a target.
            judges_again: Whether they are judged again.
        """
        answers = len({call for run in runs for call in _answered(run, events)})
        lines = list(earlier_lines(runs, answers, judges_again=judges_again))
        if self._resumes and not runs:
            lines.append("nothing to resume: no unfinished run of this selection is kept")
        return lines


def _refuse_other_stages(runs: Sequence[StoredRun], stages: Sequence[int]) -> None:
    """What a verdict says of its own errors holds for the stages that were planned at first."""
    for run in runs:
        planned = run.header.stages
        if planned and stages and planned != stages:
            raise ConfigError(
                f"--llm-resume: {run.path.stem} was to be judged after {_told(planned)} of each "
                f"event, and now it is {_told(stages)}; go on with the --llm-samples and "
                "gate.schedule that it began with, or begin anew without --llm-resume"
            )


def _told(stages: Sequence[int]) -> str:
    return f"{', '.join(map(str, stages))} sample{'s' * (stages[-1] > 1)}"


def _answered(run: StoredRun, events: Container[tuple[Identity, str]]) -> set[Call]:
    """The calls of these events that a run has answers to; those of judges are not told."""
    return {
        one.call
        for one in run.calls
        if one.answered
        and one.call.purpose != "judge"
        and (one.call.identity, one.call.target) in events
    }
