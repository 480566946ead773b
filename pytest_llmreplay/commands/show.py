"""`pytest-llmreplay show`: the events of a stored run, recorded against replayed, whole."""

from __future__ import annotations

import shutil
from argparse import ArgumentParser, Namespace

from pytest_llmreplay.errors import LlmReplayError
from pytest_llmreplay.report.stored import StoredView, stored_lines
from pytest_llmreplay.runs.choosing import node_id
from pytest_llmreplay.runs.recordings import Recordings, answer_of
from pytest_llmreplay.runs.stored import StoredCall, StoredRun

from .command import Command, Exit
from .stored_run import Place, add_choice, add_place

__all__ = ["SHOW"]


def _add_arguments(parser: ArgumentParser) -> None:
    add_choice(parser)
    add_place(parser)


def _run(arguments: Namespace) -> Exit:
    place = Place.of(arguments)
    run = place.run(arguments.id)
    recordings, width = Recordings(place.root), shutil.get_terminal_size().columns
    for index, stored in enumerate(place.calls(run, arguments, every_sample=True)):
        view = _view(run, stored, recordings, place)
        print("\n".join([*[""] * bool(index), *stored_lines(view, width)]))
    return Exit.OK


def _view(run: StoredRun, stored: StoredCall, recordings: Recordings, place: Place) -> StoredView:
    """What is known of a call; what cannot be read is its problem."""
    baseline = replayed = problem = None
    kind = "recorded"
    try:
        baseline, kind = recordings.baseline(stored.call)
        replayed = answer_of(run, stored, baseline)
    except LlmReplayError as error:
        problem = place.shown(error)
    return StoredView(
        node_id=node_id(stored.call),
        target=stored.call.target,
        sample=stored.call.sample,
        baseline=baseline,
        kind=kind,
        replayed=replayed,
        problem=problem,
        taken_from=stored.taken_from,
    )


SHOW = Command(
    name="show",
    help="Show answers of a stored run beside the recorded ones, whole.",
    add_arguments=_add_arguments,
    run=_run,
)
