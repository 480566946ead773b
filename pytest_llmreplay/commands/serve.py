"""`pytest-llmreplay serve`: a cassette behind a loopback address, until it is stopped."""

from __future__ import annotations

import os
import shlex
import shutil
import signal
import sys
import threading
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import get_args

from pytest_llmreplay.capture.tape import Decision, RawRequest
from pytest_llmreplay.cassette.places.naming import SUFFIX, project_or_none
from pytest_llmreplay.cassette.record_mode import RecordMode
from pytest_llmreplay.commands.projects.own_redaction import with_own_kinds
from pytest_llmreplay.commands.projects.project import Project
from pytest_llmreplay.errors import ConfigError, LlmReplayError
from pytest_llmreplay.playback.commit import Committed
from pytest_llmreplay.playback.open_cassette import OpenCassette
from pytest_llmreplay.playback.place import Place
from pytest_llmreplay.playback.tape import CassetteTape
from pytest_llmreplay.replay.calls.endpoint import Endpoint
from pytest_llmreplay.replay.targets.allowed import ALLOW, Allowed
from pytest_llmreplay.report.cassettes.misses import MissTexts
from pytest_llmreplay.report.text.sanitise import safe
from pytest_llmreplay.serve import CassetteServer, Places

from .command import Command, Exit

__all__ = ["SERVE"]


def _add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("cassette", metavar="CASSETTE", help="The file, made if it is recorded.")
    modes = parser.add_mutually_exclusive_group()
    modes.add_argument(
        "--record",
        dest="mode",
        action="store_const",
        const="new",
        help="Ask what the cassette does not hold live, and add it (--record-mode new).",
    )
    modes.add_argument(
        "--record-mode",
        dest="mode",
        choices=get_args(RecordMode),
        help="As pytest's --llm-record-mode; none plays back and is the default.",
    )
    parser.add_argument(
        "--port", type=int, default=0, help="Where to listen; by default any free port."
    )
    parser.add_argument(
        "--upstream", metavar="URL", help="Where all live calls go, in place of their providers."
    )
    parser.add_argument(
        "--redact",
        action="append",
        default=[],
        metavar="RULE",
        help="A further rule, as llm_redact of the project's ini file; `own` is what the hook "
        "pytest_llmreplay_redact finds.",
    )
    parser.add_argument(
        "--match-ignore",
        action="append",
        default=[],
        metavar="PATH",
        help="A further path, as llm_match_ignore of the project's ini file.",
    )


def _run(arguments: Namespace) -> Exit:
    mode: RecordMode = arguments.mode or "none"
    path = _path(arguments.cassette, mode)
    if arguments.port not in range(65536):
        raise ConfigError(f"--port: {arguments.port} is no port; write one of 0 to 65535")
    places = Places(os.environ, arguments.upstream)
    if arguments.upstream is not None:
        _refuse_other_places(arguments.upstream, path)
    opened, hosts = _opened(arguments, path, mode)
    try:
        tape = _Telling(opened.tape)
        server = CassetteServer(tape, places, hosts=hosts, port=arguments.port)
        with _signals() as stopped:
            _serve(server, opened, stopped)
    finally:
        opened.close()
    kept = _kept(opened)
    return Exit.FINDING if tape.problems or not kept else Exit.OK


class _Telling:
    """The tape of the cassette; says at once what it refuses, and counts it."""

    def __init__(self, tape: CassetteTape) -> None:
        self._tape = tape
        self.problems = 0

    @property
    def offline(self) -> bool:
        """Whether nothing goes live."""
        return self._tape.offline

    def route(self, request: RawRequest) -> Decision:
        """Ask the tape, and say on stderr what it refuses."""
        try:
            return self._tape.route(request)
        except Exception as problem:
            self.problems += 1
            _tell(str(problem))
            raise


class _Missed(Exception):
    """A call that the cassette does not hold."""


def _path(text: str, mode: RecordMode) -> Path:
    path = Path(os.path.abspath(text))  # noqa: PTH100  # `resolve` would follow links
    if path.suffix != SUFFIX:
        raise ConfigError(f"{text}: the name of a cassette ends in {SUFFIX}")
    if mode == "none" and not path.exists():
        raise ConfigError(f"{text}: there is no such cassette; --record makes it")
    return path


def _refuse_other_places(upstream: str, cassette: Path) -> None:
    """Keep to what the project of the cassette allows; which models are asked is not known yet."""
    allowed = Allowed.of(Project.around([cassette.parent]).words(ALLOW))
    allowed.check("--upstream", Endpoint(provider="", base_url=upstream), None)


def _opened(
    arguments: Namespace, path: Path, mode: RecordMode
) -> tuple[OpenCassette, frozenset[str]]:
    """The cassette, and the further hosts of LLM calls that its project names."""
    here = Path.cwd()
    root = project_or_none(path) or (here if path.is_relative_to(here) else path.parent)
    project = Project.around([path.parent])
    typed, own = with_own_kinds(project, arguments.redact)
    settings = project.projects.around(path.parent).redacting(typed)
    redactor, hosts = settings.redactor(own), frozenset(settings.hosts)
    texts = MissTexts(here, shutil.get_terminal_size().columns, served=True)
    command = f"pytest-llmreplay serve {shlex.quote(arguments.cassette)} --record"
    opened = OpenCassette(
        place=Place(path=path, root=root, shown=arguments.cassette, record=command),
        header=None,
        mode=mode,
        rules=settings.rules(redactor, tuple(arguments.match_ignore)),
        redactor=redactor,
        hosts=hosts,
        explain=lambda cassette, raw, number: _Missed(texts(cassette, raw, number)),
    )
    return opened, hosts


@contextmanager
def _signals() -> Iterator[threading.Event]:
    """An event that Ctrl-C and SIGTERM set."""
    stopped = threading.Event()
    before = {
        number: signal.signal(number, lambda *_: stopped.set())
        for number in (signal.SIGINT, signal.SIGTERM)
    }
    try:
        yield stopped
    finally:
        for number, action in before.items():
            signal.signal(number, action)


def _serve(server: CassetteServer, opened: OpenCassette, stopped: threading.Event) -> None:
    try:
        server.start()
    except OSError as error:
        raise ConfigError(f"--port: cannot listen there: {error.strerror}") from None
    try:
        for name, value in server.env.items():
            print(f"export {name}={shlex.quote(value)}")
        sys.stdout.flush()
        doing = f"recording ({opened.mode})" if opened.records else "playing back"
        _tell(f"{doing} {opened.place.shown} at {server.base_url}; Ctrl-C stops")
        stopped.wait()
    finally:
        server.stop()


def _kept(opened: OpenCassette) -> bool:
    """Make what was recorded the cassette; whether nothing went wrong."""
    try:
        if opened.problems:
            raise opened.problems[0]
        if opened.records and opened.called:
            _tell_change(opened.commit())
    except LlmReplayError as error:
        _tell(f"{error}\nnot written; finished calls are kept in {opened.partial}")
        return False
    return True


def _tell_change(committed: Committed | None) -> None:
    if committed is not None:
        _tell(committed.text)


def _tell(text: str) -> None:
    print(safe(text), file=sys.stderr, flush=True)


SERVE = Command(
    name="serve",
    help="Serve a cassette on a loopback port: play it back, or record what clients ask.",
    add_arguments=_add_arguments,
    run=_run,
)
