"""Which answers of a stored run diverge, by the checks that are in force now."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from pytest_llmreplay.commands.projects.event_checks import EventChecks
from pytest_llmreplay.commands.projects.project import Project
from pytest_llmreplay.compare.judging import compare
from pytest_llmreplay.runs.recordings import Recordings
from pytest_llmreplay.runs.stored import StoredCall, StoredRun

from .stored_answers import StoredAnswers

__all__ = ["diverging"]


def diverging(
    run: StoredRun, calls: Iterable[StoredCall], *, root: Path, project: Project
) -> Iterator[StoredCall]:
    """Those of some calls whose answers diverge; no judge is asked anew.

    Args:
        run: Where the answers are, with what a judge thought of them.
        calls: Of the run; those without an answer that can be read are passed over.
        root: What names of cassettes begin at.
        project: Has the checks, with each cassette.

    Raises:
        CheckSyntaxError: A check of a cassette cannot be read.
        ConfigError: One of the project cannot; or hooks cannot be loaded.
    """
    recordings, checks = Recordings(root), EventChecks(project, (), told=True)
    answers = StoredAnswers(recordings, run, lambda _stored, _pair: None)
    for stored in calls:
        pair = answers.answered(stored)
        if pair is None:
            continue
        asked = checks.of_event(recordings.document(stored.call), recordings.path(stored.call))
        if compare(pair, answers.opinions(stored).told(asked)).outcome == "diverged":
            yield stored
