"""Files as a revision of git has them, asked of git itself; nothing is checked out."""

from __future__ import annotations

import os
import subprocess
from functools import cached_property
from pathlib import Path

from pytest_llmreplay.errors import ConfigError

__all__ = ["Revision"]

_QUIET = {"GIT_TERMINAL_PROMPT": "0", "GIT_OPTIONAL_LOCKS": "0", "GIT_NO_LAZY_FETCH": "1"}


class Revision:
    """One commit of the repository around a directory.

    Args:
        name: As git takes it: `main`, `HEAD~1`, a hash.
        directory: A directory of the repository.

    Raises:
        ConfigError: There is no repository, no git, or no such revision.
    """

    def __init__(self, name: str, directory: Path) -> None:
        self.name = name
        self._directory = directory
        self._top = Path(self._said("rev-parse", "--show-toplevel").strip())
        commit = self._said("rev-parse", "--verify", "--end-of-options", f"{name}^{{commit}}")
        self._commit = commit.strip()

    def read(self, path: Path) -> bytes | None:
        """The bytes of a file; none where the revision does not have it."""
        shown = Path(os.path.relpath(path.resolve(), self._top.resolve())).as_posix()
        if shown not in self._files:
            return None
        return self._run("cat-file", "blob", f"{self._commit}:{shown}")

    @cached_property
    def _files(self) -> frozenset[str]:
        """Paths of all files below the top."""
        listed = self._run("ls-tree", "-r", "-z", "--name-only", "--full-tree", self._commit)
        return frozenset(os.fsdecode(name) for name in listed.split(b"\0"))

    def _said(self, *words: str) -> str:
        return os.fsdecode(self._run(*words))

    def _run(self, *words: str) -> bytes:
        try:
            done = subprocess.run(  # noqa: S603 - no shell; the revision is one word
                ["git", "-C", str(self._directory), *words],  # noqa: S607 - git as the user has it
                capture_output=True,
                check=True,
                env={**os.environ, **_QUIET},
            )
        except FileNotFoundError:
            raise ConfigError("--diff: git is not installed") from None
        except subprocess.CalledProcessError as error:
            problem = os.fsdecode(error.stderr).strip().partition("\n")[0]
            raise ConfigError(f"--diff {self.name}: git says: {problem}") from None
        return done.stdout
