"""`--llm-fresh`: the tests play their cassettes first, so that only what they still ask is sent."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from pytest_llmreplay.cassette.places.naming import cassette_path, recorded_by
from pytest_llmreplay.plugin.recording.played_log import PLAYED, played_in
from pytest_llmreplay.plugin.settings.settings import Settings

from .tests import FOUND, WANTED

__all__ = ["FreshRun", "play_tests"]

_SHOWN = 15
_RAN = (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED, pytest.ExitCode.NO_TESTS_COLLECTED)


@dataclass(frozen=True, slots=True, kw_only=True)
class FreshRun:
    """What came of playing the tests."""

    played: Mapping[Path, frozenset[int]] = field(default_factory=dict)
    """Numbers of the events that the tests asked for, by cassette."""
    passed: bool = True
    """Whether all tests passed."""

    @property
    def text(self) -> str:
        """How many events today's tests ask for, and whether all of these pass, in one line."""
        events = sum(map(len, self.played.values()))
        text = f"{events:,} event{' is' if events == 1 else 's are'} asked for by today's tests"
        if self.passed:
            return text
        return f"{text}; not all of them pass in playback: run pytest to see what they miss"


def play_tests(config: pytest.Config, settings: Settings, cassettes: Iterable[Path]) -> FreshRun:
    """Run the tests of cassettes, in a process of their own.

    Raises:
        pytest.UsageError: They cannot be run.
    """
    if PLAYED in os.environ:
        raise pytest.UsageError("--llm-fresh: an option in addopts makes the tests replay again")
    tests = {_test_of(path, settings) for path in cassettes}
    wanted = [] if None in tests else sorted(test for test in tests if test is not None)
    files = list(dict.fromkeys(test.partition("::")[0] for test in wanted))
    files = [file for file in files if Path(file).exists()]
    if wanted and not files:
        return FreshRun()
    with tempfile.TemporaryDirectory(prefix="llmreplay-") as folder:
        log = Path(folder, "played.jsonl")
        log.touch()
        done = subprocess.run(  # noqa: S603 - this very pytest
            [*_command(config), *files],
            cwd=config.invocation_params.dir,
            env={
                **os.environ,
                PLAYED: str(log),
                WANTED: json.dumps(wanted),
                FOUND: "" if config.option.inifilename else "found",
            },
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
        )
        if done.returncode not in _RAN:
            output = (done.stdout + done.stderr).splitlines()[-_SHOWN:]
            raise pytest.UsageError(
                "\n  ".join(["--llm-fresh: the tests could not be played back first:", *output])
            )
        passed = done.returncode != pytest.ExitCode.TESTS_FAILED
        return FreshRun(played=played_in(log), passed=passed)


def _command(config: pytest.Config) -> list[str]:
    return [
        *(sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--llm-unused=ignore"),
        *(f"--rootdir={config.rootpath}", "-p", "pytest_llmreplay.plugin.fresh.tests"),
        *_as_this_run(config),
    ]


def _as_this_run(config: pytest.Config) -> Iterator[str]:
    """What decides how tests are found and run; in one process, whatever addopts says."""
    option = config.option
    yield from ("-c", str(config.inipath)) if config.inipath is not None else ()
    for flag, values in (
        ("-p", option.plugins),
        ("-o", option.override_ini),
        ("-W", option.pythonwarnings),
    ):
        yield from (word for value in values or () for word in (flag, value))
    yield f"--import-mode={option.importmode}"
    given = {"--llm-cassettes": option.llm_cassettes, "--llm-config": option.llm_config}
    yield from (f"{flag}={value}" for flag, value in given.items() if value)
    if config.pluginmanager.has_plugin("xdist"):
        yield "-n0"


def _test_of(cassette: Path, settings: Settings) -> str | None:
    """The test that plays a cassette, or where those are that do; none where that is not known.

    A cassette that has a name of its own, or was moved, may be played by any test.
    """
    project = settings.projects.home(cassette)
    name, _, inner = (recorded_by(cassette) or "").partition("::")
    file = project / name
    if inner.startswith("fixture."):
        place = file.parent if file.name == "conftest.py" else file
        return str(place) if file.is_file() else None
    root = settings.projects.of(project).cassettes
    places = (
        cassette_path(project, root, file, inner, class_alike=alike) for alike in (False, True)
    )
    return f"{file}::{inner}" if inner and cassette in places else None
