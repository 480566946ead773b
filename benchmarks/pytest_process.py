"""Whole pytest processes in which this plugin is the only one installed."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib.metadata import entry_points
from pathlib import Path
from tempfile import gettempdir
from time import perf_counter

__all__ = ["Used", "instructions", "pytest_run"]

NOTHING_COLLECTED = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Used:
    """What a process needed."""

    seconds: float
    processor: float
    """Seconds of CPU, user and system."""
    memory: int
    """Bytes at most."""
    said: str
    """Its output."""


def pytest_run(folder: Path, *options: str) -> Used:
    """Run pytest in a folder and wait for its end.

    Other plugins of the environment are blocked. Compiled modules are kept, as they are wherever
    pytest is used more than once.
    """
    began = perf_counter()
    with subprocess.Popen(
        _command(options),
        cwd=folder,
        env=_environ(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    ) as process:
        assert process.stdout is not None
        said = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in (0, NOTHING_COLLECTED):
        raise SystemExit(said.decode()[-4000:])
    return Used(
        seconds=perf_counter() - began,
        processor=usage.ru_utime + usage.ru_stime,
        memory=usage.ru_maxrss * 1024,
        said=said.decode(),
    )


def instructions(folder: Path, *options: str, packages: Path | None = None) -> int:
    """The instructions of the same process, counted by valgrind; it takes fifty times as long.

    Args:
        folder: Where pytest is started.
        options: Its own.
        packages: What is installed, in the place of this environment.
    """
    counter = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={os.devnull}"]
    instead = {} if packages is None else {"PYTHONPATH": str(packages)}
    python, *command = _command(options)
    bare = () if packages is None else ("-S",)
    done = subprocess.run(
        [*counter, python, *bare, *command],
        cwd=folder,
        env={**_environ(), **instead, "PYTHONHASHSEED": "0"},
        capture_output=True,
        text=True,
        check=False,
    )
    found = re.search(r"Collected : (\d+)", done.stderr)
    if found is None:
        raise SystemExit(done.stderr[-4000:])
    return int(found[1])


def _command(options: Iterable[str]) -> list[str]:
    own = ["-q", "-p", "no:cacheprovider", *_alone(), *options]
    return [sys.executable, "-m", "pytest", *own]


def _environ() -> dict[str, str]:
    environ = {**os.environ, "PYTHONPYCACHEPREFIX": f"{gettempdir()}/llmreplay-benchmarks"}
    environ.pop("PYTHONDONTWRITEBYTECODE", None)
    return environ


def _alone() -> Iterator[str]:
    for plugin in entry_points(group="pytest11"):
        if plugin.name != "llmreplay":
            yield from ("-p", f"no:{plugin.name}")
