"""`pytest-llmreplay check --mutate`: the checks in force, tried on simulated faults."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator, Sequence
from contextlib import redirect_stdout
from dataclasses import replace
from functools import partial
from pathlib import Path

from pytest_llmreplay.cassette.cassette import Cassette
from pytest_llmreplay.cassette.documents.document import EventDocument
from pytest_llmreplay.cassette.labels import labels
from pytest_llmreplay.cassette.places.roots import bytes_found
from pytest_llmreplay.commands.projects.event_checks import EventChecks
from pytest_llmreplay.commands.projects.own_judges import OwnJudges
from pytest_llmreplay.commands.projects.project import Project
from pytest_llmreplay.commands.recorded.recordings import shown_path
from pytest_llmreplay.replay.mutation.trying import Subject, mutation_score
from pytest_llmreplay.report.mutation import mutation_json, mutation_lines
from pytest_llmreplay.report.summary.force import CheckSource
from pytest_llmreplay.report.text.sanitise import json_text

from .command import Exit

__all__ = ["mutate"]


def mutate(
    cassettes: Sequence[Path],
    project: Project,
    *,
    checks: Sequence[str],
    least: float | None,
    as_json: bool,
) -> Exit:
    """Print the score; a finding where it is below `least` percent.

    Args:
        cassettes: Whose events are judged.
        project: Its ini keys and config files ask for checks.
        checks: Of the command line; they take the place of the project's.
        least: The lowest score that is good enough; without, any is.
        as_json: Whether to print JSON.

    Raises:
        CassetteDamaged: A cassette cannot be read.
        ConfigError: A check cannot be read, or a user's cannot be loaded.
    """
    tried = _Tried(project, EventChecks(project, tuple(checks)))
    with redirect_stdout(sys.stderr):  # what functions of users print is no part of the report
        score = mutation_score(tried.subjects(cassettes))
    sources = tried.sources()
    if as_json:
        print(json_text(mutation_json(score, sources)))
    else:
        width = shutil.get_terminal_size().columns
        print("\n".join(mutation_lines(score, sources, width)))
    reached = least is None or (score.percent is not None and score.percent >= least)
    return Exit.OK if reached else Exit.FINDING


class _Tried:
    """The events of cassettes, with the checks that can be tried on faults of them."""

    def __init__(self, project: Project, checks: EventChecks) -> None:
        self._checks, self._judges = checks, OwnJudges(project)
        self._unasked: set[str] = set()
        """Checks that want a judge, where none is a function of the project."""

    def subjects(self, cassettes: Sequence[Path]) -> Iterator[Subject]:
        """What faults are put into: the events of the cassettes, one by one."""
        for path in cassettes:
            cassette = Cassette.of(bytes_found(path), path=path)
            for label, document in zip(labels(cassette), cassette.documents, strict=True):
                node_id = f"{shown_path(path)}::{label}"
                yield self._subject(node_id, document, path)
        self._judges.stop()

    def sources(self) -> list[CheckSource]:
        """What was in force, and what of it was left out because a model would have to judge."""
        return [
            replace(one, source=f"{one.source}; not tried: no model is asked")
            if one.spec.removeprefix("warn:") in self._unasked
            else one
            for one in self._checks.sources()
        ]

    def _subject(self, node_id: str, document: EventDocument, path: Path) -> Subject:
        checks, event = self._checks.of_event(document, path), document.event
        wants = {check.spec for check in checks if check.asks_judge}
        if not wants:
            return Subject(node_id=node_id, event=event, checks=checks)
        if self._judges.of(path.parent) is not None:
            judge = partial(self._judges.scores, folder=path.parent)
            return Subject(node_id=node_id, event=event, checks=checks, judge=judge)
        self._unasked |= wants
        others = [check for check in checks if check.spec not in wants]
        return Subject(node_id=node_id, event=event, checks=others)
