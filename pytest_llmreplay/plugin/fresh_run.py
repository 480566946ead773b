"""`--llm-fresh`: the tests play their cassettes first, so that only what they still ask is sent."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from pytest_llmreplay.cassette.naming import project_of, recorded_by

from .played_log import PLAYED, played_in
from .settings import Settings

__all__ = ["FreshRun", "play_tests"]

_SHOWN = 15
_YAML = frozenset((".yaml", ".yml"))


@dataclass(frozen=True, slots=True, kw_only=True)
class FreshRun:
    """What came of playing the tests."""

    played: Mapping[Path, frozenset[int]]
    """Numbers of the events that the tests asked for, by cassette."""
    passed: bool
    """Whether all tests passed."""

    @property
    def said(self) -> str:
        """In one line."""
        events = sum(map(len, self.played.values()))
        told = f"{events:,} event{' is' if events == 1 else 's are'} asked for by today's tests"
        if self.passed:
            return told
        return f"{told}; not all of them pass in playback: run pytest to see what they miss"


def play_tests(config: pytest.Config, settings: Settings) -> FreshRun:
    """Run the selected tests on their cassettes, in a process of their own.

    Raises:
        pytest.UsageError: No test ran.
    """
    if PLAYED in os.environ:
        raise pytest.UsageError("--llm-fresh: an option in addopts makes the tests replay again")
    with tempfile.TemporaryDirectory(prefix="llmreplay-") as folder:
        log = Path(folder, "played.jsonl")
        log.touch()
        done = subprocess.run(  # noqa: S603 - this very pytest
            _command(config, settings),
            cwd=config.invocation_params.dir,
            env={**os.environ, PLAYED: str(log)},
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
        )
        if done.returncode not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
            said = (done.stdout + done.stderr).splitlines()[-_SHOWN:]
            raise pytest.UsageError(
                "\n  ".join(["--llm-fresh: the tests could not be played back first:", *said])
            )
        return FreshRun(played=played_in(log), passed=done.returncode == pytest.ExitCode.OK)


def _command(config: pytest.Config, settings: Settings) -> list[str]:
    file = ["-c", str(config.inipath)] if config.inipath is not None else []
    return [
        *(sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--llm-unused=ignore"),
        *(f"--rootdir={config.rootpath}", f"--llm-cassettes={settings.cassettes}", *file),
        *_tests(config, settings),
    ]


def _tests(config: pytest.Config, settings: Settings) -> list[str]:
    """The tests that recorded what is selected; all of the project where that is not known."""
    if config.args_source is not pytest.Config.ArgsSource.ARGS:
        return []
    found = list(dict.fromkeys(_tests_of(config, settings)))
    return [] if None in found else [name for name in found if name is not None]


def _tests_of(config: pytest.Config, settings: Settings) -> Iterator[str | None]:
    for argument in config.args:
        path = Path(config.invocation_params.dir, argument.partition("::")[0])
        if path.suffix in _YAML:
            test = recorded_by(path)
            project = project_of(path.parent / "-", settings.rootdir)
            yield None if test is None else str(project / test)
        else:
            holds_cassettes = any(part == settings.cassettes for part in path.parts)
            yield None if holds_cassettes else argument
