"""`pytest-llmreplay show`: a stored run, a cassette, an event or a session, whole."""

from __future__ import annotations

import shutil
from argparse import ArgumentParser, Namespace

from pytest_llmreplay.commands.recorded.reading import Reading, add_filter
from pytest_llmreplay.commands.recorded.show_recorded import show_recorded
from pytest_llmreplay.commands.stored_runs.stored_run import Place, add_choice, add_place, is_run
from pytest_llmreplay.errors import ConfigError, LlmReplayError
from pytest_llmreplay.report.calls.stored import StoredView, stored_lines
from pytest_llmreplay.runs.choosing import node_id
from pytest_llmreplay.runs.recordings import Recordings, answer_of
from pytest_llmreplay.runs.stored import StoredCall, StoredRun

from .command import Command, Exit

__all__ = ["SHOW"]


def _add_arguments(parser: ArgumentParser) -> None:
    add_choice(
        parser,
        "A run, such as run-41, or its file; a cassette, or a directory of them; an event, as "
        "cassettes/….yaml::0002; or a session, by its id, name or path.",
    )
    parser.add_argument(
        "--json", action="store_true", help="Print JSON: of cassettes, events and sessions."
    )
    add_filter(parser)
    add_place(parser)


def _run(arguments: Namespace) -> Exit:
    if not is_run(arguments.id):
        _refuse_options_of_runs(arguments)
        return _show_recorded(arguments)
    if arguments.json:
        raise ConfigError("--json: the file of a run is JSON Lines already; see `docs/runs.md`")
    if arguments.filters:
        raise ConfigError(f"--filter: {arguments.id!r} is a run; choose its events with -k")
    return _show_run(arguments)


def _refuse_options_of_runs(arguments: Namespace) -> None:
    for flag, given in {"-k": arguments.keyword, "--runs": arguments.runs}.items():
        if given:
            raise ConfigError(f"{flag}: {arguments.id!r} is no run; leave {flag} out")


def _show_recorded(arguments: Namespace) -> Exit:
    reading = Reading(arguments.filters)
    try:
        show_recorded(arguments.id, arguments.paths, reading, as_json=arguments.json)
    finally:
        exit_code = reading.report_damage()
    return exit_code


def _show_run(arguments: Namespace) -> Exit:
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
        scores=run.opinions(stored.call).pair_scores(),
    )


SHOW = Command(
    name="show",
    help="Show answers of a stored run beside the recorded ones, an event whole, or a session.",
    add_arguments=_add_arguments,
    run=_run,
)
