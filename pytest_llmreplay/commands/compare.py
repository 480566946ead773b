"""`pytest-llmreplay compare`: what two stored runs say to the same events."""

from __future__ import annotations

import shutil
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Mapping, Sequence
from contextlib import redirect_stdout

from pytest_llmreplay.commands.projects.event_checks import EventChecks
from pytest_llmreplay.commands.projects.own_judges import OwnJudges
from pytest_llmreplay.commands.projects.project import Project
from pytest_llmreplay.commands.stored_runs.one_floor import OneFloor
from pytest_llmreplay.commands.stored_runs.over_runs import OverRuns
from pytest_llmreplay.commands.stored_runs.stored_answers import StoredAnswers
from pytest_llmreplay.commands.stored_runs.stored_run import Place, add_place
from pytest_llmreplay.compare.check import Check, Pair
from pytest_llmreplay.compare.judged import Score
from pytest_llmreplay.compare.judging import compare
from pytest_llmreplay.errors import CassetteError, CheckSyntaxError, ConfigError
from pytest_llmreplay.replay.calls.call import Identity
from pytest_llmreplay.replay.calls.result import CallFailed
from pytest_llmreplay.report.summary.result import EventResult, compared
from pytest_llmreplay.report.text.sanitise import json_text
from pytest_llmreplay.report.two_runs.as_json import runs_json
from pytest_llmreplay.report.two_runs.as_lines import runs_lines
from pytest_llmreplay.report.two_runs.moved import TwoRuns
from pytest_llmreplay.runs.choosing import chosen, node_id
from pytest_llmreplay.runs.recordings import Recordings
from pytest_llmreplay.runs.stored import StoredCall, StoredRun

from .command import Command, Exit

__all__ = ["COMPARE"]


def _add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("a", metavar="RUN_A", help="A run, such as run-41, or its file.")
    parser.add_argument("b", metavar="RUN_B", help="The run that is held against it.")
    parser.add_argument(
        "--check",
        dest="checks",
        metavar="SPEC",
        action="append",
        default=[],
        help="A check in place of the project's, as --llm-check of pytest.",
    )
    parser.add_argument("--json", action="store_true", help="Print JSON.")
    add_place(parser)


def _run(arguments: Namespace) -> Exit:
    place = Place.of(arguments)
    project = Project.around([place.root])
    checks = EventChecks(project, tuple(arguments.checks), told=True)
    judges = OwnJudges(project)
    with redirect_stdout(sys.stderr):  # what functions of users print is no part of the report
        both = _Both(place, checks, judges, place.run(arguments.a), place.run(arguments.b))
    judges.stop()
    found, sources = both.found, checks.sources()
    if arguments.json:
        print(json_text(runs_json(both.names, found, sources)))
    else:
        width = shutil.get_terminal_size().columns
        print("\n".join(runs_lines(both.names, found, sources, width)))
    return Exit.FINDING if any(one.worse for one in found) else Exit.OK


class _Both:
    """Two runs, joined by event, target and sample."""

    def __init__(
        self, place: Place, checks: EventChecks, judges: OwnJudges, a: StoredRun, b: StoredRun
    ) -> None:
        self._recordings, self._checks, self._judges = Recordings(place.root), checks, judges
        self._a, self._b = a, b
        self._found: dict[str, TwoRuns] = {}
        self._over: dict[str, OverRuns] = {}
        self._answers = tuple(StoredAnswers(self._recordings, run, self._scores) for run in (a, b))
        self._floor = OneFloor(place.root, self._recordings, self._answers)
        old, new = (chosen(run, "", [], place.root, every_sample=True) for run in (a, b))
        named = _named(old, new)
        then, now = _keyed(old, named), _keyed(new, named)
        if not then.keys() & now.keys():
            raise ConfigError(f"{a.header.id} and {b.header.id} have no event and target in common")
        for key in dict.fromkeys([*then, *now]):
            self._add(key[1], then.get(key), now.get(key))
        for target, over in self._over.items():
            for one in over.found(target):
                self._found[target].add_over(one)

    @property
    def names(self) -> tuple[str, str]:
        """Names of the runs."""
        return self._a.header.id, self._b.header.id

    @property
    def found(self) -> Sequence[TwoRuns]:
        """What was found, for each target that both runs have."""
        return tuple(self._found.values())

    def _add(self, target: str, a: StoredCall | None, b: StoredCall | None) -> None:
        found = self._found.setdefault(target, TwoRuns(target))
        found.alone_a += b is None
        found.alone_b += a is None
        if a is None or b is None:
            return
        try:
            found.add(*self._judged(target, a, b))
        except (CassetteError, CheckSyntaxError) as error:  # of this event; others end it all
            found.unjudged[" ".join(str(error).split())] += 1

    def _judged(self, target: str, a: StoredCall, b: StoredCall) -> tuple[EventResult, EventResult]:
        """The result of each answer, by the checks that the event has now."""
        document = self._recordings.document(b.call)  # held, so that it is parsed once
        checks = self._checks.of_event(document, self._recordings.path(b.call))
        if target not in self._over:
            self._over[target] = OverRuns(
                self._recordings, self._checks, self._answers, self._floor
            )
        self._over[target].take((a, b))
        was, now = map(self._result, self._answers, (a, b), (checks, checks))
        return was, now

    def _scores(self, stored: StoredCall, pair: Pair) -> Mapping[str, Score] | None:
        """What a judge of the project's own says, where a check asks for one."""
        document, path = self._recordings.document(stored.call), self._recordings.path(stored.call)
        if not self._checks.in_force(document, path).asks_judge:
            return None
        return self._judges.scores(pair, path.parent)

    def _result(
        self, answers: StoredAnswers, stored: StoredCall, checks: Sequence[Check]
    ) -> EventResult:
        """What an answer comes to; what only the run itself could find out is taken from it."""
        name, target = node_id(stored.call), stored.call.target
        try:
            pair = answers.pair(stored)
        except CallFailed as failure:
            return EventResult(node_id=name, target=target, outcome="error", reason=str(failure))
        found = compare(pair, answers.opinions(stored).told(checks))
        return compared(pair, found, node_id=name, target=target)


def _named(old: Sequence[StoredCall], new: Sequence[StoredCall]) -> dict[str, str]:
    """What targets are told as; one and another target, in a run each, are one comparison."""
    then, now = ({one.call.target for one in calls} for calls in (old, new))
    if len(then) != 1 or len(now) != 1 or then == now:
        return {}
    both = " \u2192 ".join([*then, *now])
    return dict.fromkeys(then | now, both)


def _keyed(
    calls: Sequence[StoredCall], named: Mapping[str, str]
) -> dict[tuple[Identity, str, int], StoredCall]:
    return {
        (one.call.identity, named.get(one.call.target, one.call.target), one.call.sample): one
        for one in calls
    }


COMPARE = Command(
    name="compare",
    help="Compare the answers of two stored runs: what diverges in which, and what they took.",
    add_arguments=_add_arguments,
    run=_run,
)
