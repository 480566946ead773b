"""The command `pytest-llmreplay`, as a shell would start it."""

from __future__ import annotations

import contextlib
import io
import os
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from types import TracebackType
from typing import Self

from pytest_llmreplay.cli import main
from pytest_llmreplay.providers.endpoints.table import PROVIDERS

__all__ = ["COMMAND", "Serving", "command", "environment", "inside"]

COMMAND = (
    sys.executable,
    "-c",
    "import sys; from pytest_llmreplay.cli import main; sys.exit(main())",
)


def environment(**more: str) -> dict[str, str]:
    """This process's environment without keys and addresses of providers."""
    known = {
        name
        for provider in PROVIDERS
        for name in (*provider.key_variables, *provider.base_url_variables)
    }
    kept = {name: value for name, value in os.environ.items() if name not in known}
    return {**kept, "COLUMNS": "100", **more}


def command(
    *words: str, cwd: Path, env: Mapping[str, str] | None = None, encoding: str | None = None
) -> subprocess.CompletedProcess[str]:
    """Run the command to its end."""
    return subprocess.run(
        [*COMMAND, *words],
        cwd=cwd,
        env=environment() if env is None else dict(env),
        capture_output=True,
        text=True,
        encoding=encoding,
        timeout=60,
        check=False,
    )


def inside(
    *words: str, cwd: Path, env: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """The same within this process: quicker, for commands that start nothing."""
    said, complained = io.StringIO(), io.StringIO()
    surroundings = _environ(environment() if env is None else env)
    with surroundings, contextlib.chdir(cwd), redirect_stdout(said), redirect_stderr(complained):
        try:
            code = main(words)
        except SystemExit as ended:  # of argparse
            code = int(ended.code or 0)
    return subprocess.CompletedProcess(words, code, said.getvalue(), complained.getvalue())


@contextlib.contextmanager
def _environ(variables: Mapping[str, str]) -> Iterator[None]:
    kept = dict(os.environ)
    os.environ.clear()
    os.environ.update(variables)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(kept)


class Serving:
    """A running `serve`."""

    def __init__(self, *words: str, cwd: Path, env: Mapping[str, str]) -> None:
        self._process = subprocess.Popen(
            [*COMMAND, "serve", *words],
            cwd=cwd,
            env=dict(env),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.env: dict[str, str] = {}
        assert self._process.stderr is not None
        self.said = self._process.stderr.readline()
        if self._process.poll() is None and self._process.stdout is not None:
            self._read_exports()

    def _read_exports(self) -> None:
        assert self._process.stdout is not None
        os.set_blocking(self._process.stdout.fileno(), False)
        for line in self._process.stdout.read().splitlines():
            word, assignment = shlex.split(line)
            assert "export" == word
            name, _, value = assignment.partition("=")
            self.env[name] = value

    def stop(self, number: int = signal.SIGTERM) -> tuple[int, str]:
        """Stop it; its exit code, and what it said since it listened."""
        self._process.send_signal(number)
        assert self._process.stderr is not None
        said = self._process.stderr.read()
        return self._process.wait(timeout=30), said

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()
        for stream in (self._process.stdout, self._process.stderr):
            if stream is not None:
                stream.close()
