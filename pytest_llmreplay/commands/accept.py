"""`pytest-llmreplay accept`: answers of a stored run become baselines, without another call."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Iterable, Iterator
from contextlib import redirect_stdout
from pathlib import Path

from pytest_llmreplay.commands.projects.event_checks import EventChecks
from pytest_llmreplay.commands.projects.project import Project
from pytest_llmreplay.commands.stored_runs.stored_answers import StoredAnswers
from pytest_llmreplay.commands.stored_runs.stored_run import Place, add_choice, add_place
from pytest_llmreplay.compare.figures.numbers import many
from pytest_llmreplay.compare.judging import compare
from pytest_llmreplay.report.text.sanitise import safe_line
from pytest_llmreplay.runs.accepting.accepting import AcceptedFile, Refused, accept_run
from pytest_llmreplay.runs.accepting.promoting import promote_run
from pytest_llmreplay.runs.choosing import node_id
from pytest_llmreplay.runs.recordings import Recordings
from pytest_llmreplay.runs.stored import StoredCall, StoredRun

from .command import Command, Exit

__all__ = ["ACCEPT"]


def _add_arguments(parser: ArgumentParser) -> None:
    add_choice(parser)
    parser.add_argument(
        "--promote",
        action="store_true",
        help="End a migration: the requests as sent and the answers become the recordings, which "
        "the tests play.",
    )
    add_place(parser)


def _run(arguments: Namespace) -> Exit:
    place = Place.of(arguments)
    run = place.run(arguments.id)
    calls = place.calls(run, arguments)
    refused, store = False, promote_run if arguments.promote else accept_run
    word = "promoted" if arguments.promote else "accepted"
    project = Project.around([place.root])
    told = arguments.promote or not (arguments.keyword or arguments.paths)
    with redirect_stdout(sys.stderr):  # what hooks of users print is no part of the report
        worse = {
            node_id(stored.call): place.root / stored.call.identity.cassette
            for stored in diverging(run, calls if told else (), root=place.root, project=project)
        }
    for result in store(run, calls, root=place.root, redactor=project.redactor):
        if isinstance(result, Refused):
            refused = True
            worse.pop(result.node_id, None)
            line = f"{result.node_id}: not {word}: {place.shown(result.reason)}"
            print(safe_line(line), file=sys.stderr)
        else:
            diverged = [*worse.values()].count(result.path)
            for remark in (_told(result, word), *_diverged(diverged), *result.remarks):
                print(safe_line(f"{place.shown(result.path)}: {remark}"))
    return Exit.FINDING if refused else Exit.OK


def _diverged(count: int) -> Iterator[str]:
    if count:
        verb = "diverges" if count == 1 else "diverge"
        yield f"{count:,} of these {verb} by the checks of the project and the cassette"


def _told(file: AcceptedFile, word: str) -> str:
    text = f"{many(file.answers, 'answer')} {word}"
    if file.dropped:
        text += f", {many(file.dropped, 'event')} dropped that the target had no need of"
    if file.left:
        asks, it = ("asks", "it") if file.left == 1 else ("ask", "them")
        text += (
            f"; {many(file.left, 'event')} still {asks} the old model: --llm-record asks {it} of "
            "the new one"
        )
    if file.converted:
        text += (
            f", converted to {file.converted}: the tests play them once your code asks so; where "
            "it tells answers in another way, --llm-record asks for the calls that it misses"
        )
    return text if file.changed else f"{text} before, nothing new"


ACCEPT = Command(
    name="accept",
    help="Store answers of a run as accepted baselines of their targets, or as recordings.",
    add_arguments=_add_arguments,
    run=_run,
)


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
