"""`pytest-llmreplay compare`: what two stored runs say to the same events."""

from __future__ import annotations

import json
import shutil
from argparse import ArgumentParser, Namespace
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from pytest_llmreplay.compare.call_figures import NO_FIGURES, Figures, figures_of
from pytest_llmreplay.compare.check import Pair
from pytest_llmreplay.compare.outcome import compare
from pytest_llmreplay.errors import ConfigError, LlmReplayError
from pytest_llmreplay.replay.calls import Identity
from pytest_llmreplay.replay.result import CallFailed
from pytest_llmreplay.report.result import EventResult
from pytest_llmreplay.report.sanitise import finished
from pytest_llmreplay.report.table import blocks, count_row, figure_rows
from pytest_llmreplay.report.tally import Tally
from pytest_llmreplay.runs.choosing import chosen, node_id
from pytest_llmreplay.runs.recordings import Recordings, answer_of
from pytest_llmreplay.runs.stored import StoredCall, StoredRun

from .command import Command, Exit
from .event_checks import EventChecks
from .project import Project
from .stored_run import Place, add_place

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
    checks = EventChecks(Project.around([place.root]), tuple(arguments.checks))
    both = _Both(place, checks, place.run(arguments.a), place.run(arguments.b))
    if arguments.json:
        print(json.dumps(both.as_json(), indent=2))
    else:
        print("\n".join(finished(both.lines(shutil.get_terminal_size().columns))))
    return Exit.FINDING if any(one["only_b"] for one in both.counts.values()) else Exit.OK


class _Both:
    """Two runs, joined by event, target and sample."""

    def __init__(self, place: Place, checks: EventChecks, a: StoredRun, b: StoredRun) -> None:
        self._recordings, self._checks, self._a, self._b = Recordings(place.root), checks, a, b
        self.counts: dict[str, Counter[str]] = {}
        self._tallies: dict[str, Tally] = {}
        self._worse: list[str] = []
        old, new = (chosen(run, "", [], place.root, every_sample=True) for run in (a, b))
        named = _named(old, new)
        then, now = _keyed(old, named), _keyed(new, named)
        if not then.keys() & now.keys():
            raise ConfigError(f"{a.header.id} and {b.header.id} have no event and target in common")
        for key in dict.fromkeys([*then, *now]):
            self._add(key[1], then.get(key), now.get(key))

    def lines(self, width: int) -> Iterator[str]:
        """A table for each target, then the events in which only the second run diverges."""
        a, b = self._a.header.id, self._b.header.id
        rows = {
            "events in both": "joined",
            f"diverged only in {a}": "only_a",
            f"diverged only in {b}": "only_b",
            "diverged in both": "both",
            "not judged": "unjudged",
            f"not in {b}": "missing_b",
            f"not in {a}": "missing_a",
        }
        for target, count in self.counts.items():
            told = [count_row(label, [count[name]]) for label, name in rows.items()]
            told += figure_rows([self._tallies[target]])
            yield from (target, *blocks([b], told, width, before=a), "")
        if self._worse:
            yield from (f"diverged only in {b}", *(f"  {name}" for name in self._worse))

    def as_json(self) -> dict[str, object]:
        """The same for a program."""
        runs = [self._a.header.id, self._b.header.id]
        return {"runs": runs, "targets": self.counts, "diverged_only_in_b": self._worse}

    def _add(self, target: str, a: StoredCall | None, b: StoredCall | None) -> None:
        count = self.counts.setdefault(target, Counter())
        tally = self._tallies.setdefault(target, Tally(target))
        if a is None or b is None:
            count["missing_a" if a is None else "missing_b"] += 1
            return
        count["joined"] += 1
        try:
            (then, old), (now, new) = self._judged(self._a, a), self._judged(self._b, b)
        except LlmReplayError:
            count["unjudged"] += 1
            return
        names = {(True, True): "both", (True, False): "only_a", (False, True): "only_b"}
        count[names.get((then, now), "neither")] += 1
        if now and not then:
            self._worse.append(node_id(b.call))
        told = EventResult(
            node_id=node_id(b.call), target=target, outcome="ok", recorded=old, replayed=new
        )
        tally.add_sample(told)

    def _judged(self, run: StoredRun, stored: StoredCall) -> tuple[bool, Figures]:
        """Whether an answer diverges or is none, and what it took."""
        document = self._recordings.document(stored.call)
        baseline, _ = self._recordings.baseline(stored.call)
        checks = self._checks.of_event(document, self._recordings.path(stored.call))
        try:
            replayed = answer_of(run, stored, document.event)
        except CallFailed:
            return True, NO_FIGURES
        found = compare(Pair(baseline=baseline, replayed=replayed, live=True), checks)
        return found.outcome in {"diverged", "error"}, figures_of(replayed)


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
