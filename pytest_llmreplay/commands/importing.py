"""`pytest-llmreplay import`: other people's logs become cassettes."""

from __future__ import annotations

import errno
import os
import shutil
import sys
from argparse import ArgumentParser, Namespace, RawDescriptionHelpFormatter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final

from pytest_llmreplay.cassette.redaction.redactor import Redactor
from pytest_llmreplay.cassette.redaction.rules import RedactionRules
from pytest_llmreplay.commands.projects.own_redaction import with_own_kinds
from pytest_llmreplay.commands.projects.project import Project
from pytest_llmreplay.errors import ConfigError, did_you_mean
from pytest_llmreplay.importers.helicone.source import Helicone
from pytest_llmreplay.importers.own import OwnSource
from pytest_llmreplay.importers.reading.fetching import Fetcher
from pytest_llmreplay.importers.reading.files import InputFile
from pytest_llmreplay.importers.registry import SOURCES, likely_source
from pytest_llmreplay.importers.source import Source
from pytest_llmreplay.report.cassettes.imported import rejected_line
from pytest_llmreplay.report.text.layout import wrapped

from .command import Command, Exit
from .one_import import Import

__all__ = ["IMPORT"]

_NO_RULES: Final = "none"


def _source_lines(width: int) -> Iterator[str]:
    for source in SOURCES.values():
        yield from wrapped(f"  {source.name:18} {source.help}", width, indent=21 * " ")


def _add_arguments(parser: ArgumentParser) -> None:
    parser.formatter_class = RawDescriptionHelpFormatter
    parser.epilog = "\n".join(["Sources:", *_source_lines(shutil.get_terminal_size().columns)])
    parser.add_argument(
        "source",
        metavar="SOURCE",
        help="What the files are; see below. Sources of your own are those that the hook "
        "pytest_llmreplay_importers names.",
    )
    parser.add_argument(
        "files", metavar="FILE", nargs="+", help="Files, gzip or not, or directories of them."
    )
    parser.add_argument(
        "-o",
        dest="out",
        metavar="DIR",
        help="Where the cassettes go; by default `imported` below the project's cassettes, those "
        "of pytest-recording where their tests look.",
    )
    parser.add_argument(
        "--redact",
        metavar="RULES",
        action="append",
        help="Personal data to replace (email, phone, iban, card, ip) or another rule of "
        "llm_redact; `own` is what the hook pytest_llmreplay_redact finds; may be repeated. `none` "
        "keeps all. Logs of production demand the decision.",
    )
    parser.add_argument(
        "--force", action="store_true", help="Replace cassettes that hold something else."
    )
    parser.add_argument(
        "--fetch",
        action="store_true",
        help="Get bodies that a log of helicone keeps behind an address, from public hosts only.",
    )


def _run(arguments: Namespace) -> Exit:
    project = Project.around([Path.cwd()])
    source = _source(arguments, project)
    if source.personal and arguments.redact is None:
        print(
            f"pytest-llmreplay: import {source.name}: these logs may hold personal data; decide "
            "with --redact email,phone,iban,card,ip, or with --redact none to keep all",
            file=sys.stderr,
        )
        return Exit.UNDECIDED
    if arguments.out is not None:
        _refuse_place(arguments.out)
    paths = list({path.resolve(): path for path in _paths(source, arguments.files)}.values())
    done = Import(
        source=source,
        paths=paths,
        project=project,
        redactor=_redactor(project, arguments.redact or [_NO_RULES]),
        typed_out=arguments.out,
        force=arguments.force,
    ).run()
    if not done.events:
        _tell_other_source(source, paths[0])
    return Exit.OK if done.events and not done.rejected else Exit.FINDING


def _tell_other_source(source: Source, path: Path) -> None:
    """Name the source that the file is likely to be for, where it is another one."""
    likely = likely_source(InputFile(path=path))
    if likely is not None and likely != source.name:
        print(rejected_line(str(path), f"looks like a log for 'import {likely}'"), file=sys.stderr)


def _source(arguments: Namespace, project: Project) -> Source:
    source = SOURCES.get(arguments.source) or _own_source(arguments.source, project)
    if not arguments.fetch:
        return source
    if not isinstance(source, Helicone):
        raise ConfigError(f"--fetch: {source.name} keeps nothing elsewhere; helicone does")
    return source.fetching(Fetcher())


def _own_source(name: str, project: Project) -> Source:
    """A source of the project's hooks, which are loaded only for a name that is not ours."""
    own = project.hooks.importers
    if taken := own.keys() & SOURCES.keys():
        raise ConfigError(f"pytest_llmreplay_importers: {min(taken)!r} is a source of the plugin")
    if name not in own:
        guess = did_you_mean(name, [*own, *SOURCES], ".")
        known = ", ".join([*SOURCES, *own])
        raise ConfigError(f"import: unknown source {name!r}{guess} Known sources: {known}")
    return OwnSource(name=name, function=own[name])


def _refuse_place(typed: str) -> None:
    """Stop where no cassette could be written, rather than tell it of each.

    Raises:
        ConfigError: It is no directory, nor may become one.
    """
    out = Path.cwd() / typed
    there = next(place for place in (out, *out.parents) if os.path.lexists(place))
    if not typed or not there.is_dir() or _is_too_long(out):
        raise ConfigError(f"-o: {typed!r} is no directory, and none can be made there")
    if not os.access(there, os.W_OK, effective_ids=os.access in os.supports_effective_ids):
        raise ConfigError(f"-o: {typed!r} cannot be written to")


def _is_too_long(path: Path) -> bool:
    try:
        path.lstat()
    except OSError as error:
        return error.errno == errno.ENAMETOOLONG
    return False


def _redactor(project: Project, given: Sequence[str]) -> Callable[[Path], Redactor]:
    """What makes a redactor for the cassettes in a folder."""
    if not all(line.strip() for line in given):
        raise ConfigError("--redact: '' names no rule; to keep all, say --redact none")
    rules = [line for line in given if line.strip() != _NO_RULES]
    if rules and len(rules) < len(given):
        raise ConfigError("--redact: 'none' keeps all, so no other rule can stand beside it")
    named, own = with_own_kinds(project, rules)
    RedactionRules.parse(named, "--redact")

    def made(folder: Path) -> Redactor:
        return project.projects.around(folder).redacting(named).redactor(own)

    made(project.root)  # what is wrong there is said before anything is written
    return made


def _paths(source: Source, typed: Sequence[str]) -> Iterator[Path]:
    for path in map(Path, typed):
        if not path.exists():
            raise ConfigError(f"{path}: there is no such file")
        found = sorted(_below(path, source.endings)) if path.is_dir() else [path]
        if not found:
            raise ConfigError(f"{path}: holds no {' or '.join(source.endings)} file")
        yield from found


def _below(directory: Path, endings: Sequence[str]) -> Iterator[Path]:
    for path in directory.rglob("*"):
        if path.name.removesuffix(".gz").endswith(tuple(endings)) and path.is_file():
            yield path


IMPORT = Command(
    name="import",
    help="Make cassettes of other people's logs, one for each session.",
    add_arguments=_add_arguments,
    run=_run,
)
