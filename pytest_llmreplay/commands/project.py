"""What a command knows of the project it is started in: its root, and pytest's ini keys.

Of its keys only those of this package are looked at.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from os.path import commonpath
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_llmreplay.cassette.ini_file import INI_FILES, keys_in
from pytest_llmreplay.cassette.match_rules import MatchRules
from pytest_llmreplay.cassette.naming import project_of
from pytest_llmreplay.cassette.redaction import Redactor
from pytest_llmreplay.cassette.replacements import replacement_of
from pytest_llmreplay.compare.around import Surroundings
from pytest_llmreplay.errors import ConfigError
from pytest_llmreplay.replay.config import Config, find_config, load_config

if TYPE_CHECKING:
    from pytest_llmreplay.plugin.shell_hooks import ProjectHooks

__all__ = ["Project"]


@dataclass(frozen=True, kw_only=True)
class Project:
    """The root directory, and the ini keys of this package."""

    root: Path
    file: Path | None = None
    """The file of the keys."""
    keys: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def around(cls, paths: Sequence[Path]) -> Project:
        """The project that some paths belong to.

        Raises:
            ConfigError: Its ini file cannot be read.
        """
        top = Path(commonpath(paths)) if paths else Path.cwd()
        folders = [folder for folder in (top, *top.parents) if folder.is_dir()]
        for folder in folders:
            for name in INI_FILES:
                keys = keys_in(folder / name)
                if keys is not None:
                    return cls(root=folder, file=folder / name, keys=keys)
        return cls(root=next((f for f in folders if (f / "setup.py").is_file()), Path.cwd()))

    @property
    def cassettes(self) -> str:
        """Root of the cassettes, relative to the directories of projects."""
        named = self.keys.get("llm_cassettes")
        return named if isinstance(named, str) and named else "cassettes"

    @cached_property
    def redactor(self) -> Redactor:
        """Knows the project's rules of redaction and its false alarms."""
        return Redactor(self.lines("llm_redact"), self.words("llm_redact_allow"))

    @cached_property
    def rules(self) -> MatchRules:
        """What does not count when a call is matched, but for what markers add."""
        return MatchRules(
            ignore=self.lines("llm_match_ignore"),
            replace=tuple(map(replacement_of, self.lines("llm_match_replace"))),
            redaction=self.redactor.fingerprint,
        )

    def config(self, folder: Path) -> Config:
        """The config file that holds for the cassettes in a folder.

        Raises:
            ConfigError: It is not there, or says something that nobody understands.
        """
        named = self.keys.get("llm_config")
        path = self.root / named if isinstance(named, str) else find_config(folder, self.root)
        if path is not None and not path.is_file():
            raise ConfigError(f"llm_config: there is no file {str(path)!r}")
        return Config() if path is None else load_config(path)

    @cached_property
    def hooks(self) -> ProjectHooks:
        """Its plugins and `conftest.py`: code of the project, run when the first hook is asked."""
        from pytest_llmreplay.plugin.shell_hooks import ProjectHooks  # noqa: PLC0415 - loads pytest

        return ProjectHooks(self.root)

    def surroundings(self, folder: Path) -> Surroundings:
        """What the checks of the cassettes in a folder may refer to; no hook is asked."""
        return Surroundings(project=project_of(folder / "-", self.root), own_unknown=True)

    def lines(self, key: str) -> tuple[str, ...]:
        """A key that is a list of lines."""
        value = self.keys.get(key, "")
        lines = map(str, value) if isinstance(value, list) else str(value).splitlines()
        return tuple(line.strip() for line in lines if line.strip())

    def words(self, key: str) -> tuple[str, ...]:
        """A key that is a list of words.

        Raises:
            ConfigError: A quote is not closed.
        """
        value = self.keys.get(key, "")
        try:
            return tuple(map(str, value) if isinstance(value, list) else shlex.split(str(value)))
        except ValueError as error:
            raise ConfigError(f"{self.file}: {key}: {str(error).lower()}") from None
