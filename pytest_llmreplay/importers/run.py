"""Reads a source and writes its cassettes, a session at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from itertools import chain, groupby
from pathlib import Path

from pytest_llmreplay.cassette.redaction.redactor import Redactor
from pytest_llmreplay.importers.reading.files import InputFile
from pytest_llmreplay.importers.writing.cassettes import Cassettes
from pytest_llmreplay.importers.writing.clean import redacted_session
from pytest_llmreplay.importers.writing.naming import Names, node_id, session_key, test_cassette
from pytest_llmreplay.importers.writing.spool import Spool

from .source import Imported, PassedOver, Source

__all__ = ["Destination", "import_files"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Destination:
    """Where an import writes its cassettes."""

    out: Path
    """Directory of the cassettes of sessions and files."""
    project: Path
    """Root directory of the command: `.llmreplay` is there."""
    name_in: Callable[[Path], str]
    """Root of the cassettes of tests, relative to their project, which it is asked about."""


def import_files(
    source: Source, files: Sequence[InputFile], destination: Destination, cassettes: Cassettes
) -> None:
    """Import all that a source finds in some files.

    Calls of no session are written as they come, those of a session when all have come.

    Raises:
        CassetteError: The disk is full.
    """
    names = Names(destination.out, [file.path for file in files], source.endings)
    with closing(cassettes), closing(Spool(destination.project)) as spool:
        alone = _without_sessions(_imported(source, files, cassettes), spool)
        for (file, test), calls in groupby(alone, key=lambda call: (call.place.path, call.test)):
            if test is None:
                cassettes.write(names.of_file(file), calls)
            else:
                path = test_cassette(destination.project, destination.name_in, test)
                cassettes.write(path, calls, test=node_id(destination.project, test))
        for calls in spool.sessions():
            _write_session(calls, names, cassettes, cassettes.redactor(destination.out))
        cassettes.end()


def _imported(
    source: Source, files: Sequence[InputFile], cassettes: Cassettes
) -> Iterator[Imported]:
    for found in source.read(files):
        if isinstance(found, Imported):
            cassettes.tally.found += 1
            yield found
        elif isinstance(found, PassedOver):
            cassettes.tally.pass_over(found)
        else:
            cassettes.tally.reject(found.place, found.reason)


def _without_sessions(calls: Iterable[Imported], spool: Spool) -> Iterator[Imported]:
    """The calls of no session; the others wait in the spool."""
    for call in calls:
        key = session_key(call.session)
        if key is None or call.test is not None:
            yield call
        else:
            spool.add(key, call)


def _write_session(
    calls: Iterator[Imported], names: Names, cassettes: Cassettes, redactor: Redactor
) -> None:
    first = next(calls)
    session = redacted_session(first.session, redactor)
    key = session_key(first.session)
    shown = session_key(session)
    assert session is not None
    assert shown is not None
    if shown != key:
        shown = names.apart(shown)
        session = replace(session, id=shown)
    cassettes.write(
        names.of_session(shown), chain([first], calls), redactor=redactor, session=session
    )
