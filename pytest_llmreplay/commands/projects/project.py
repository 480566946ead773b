"""What a command knows of the project it is started in: its root, and pytest's ini keys.

Of its keys only those of this package are looked at.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from os.path import commonpath
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_llmreplay.cassette.matching.rules import MatchRules
from pytest_llmreplay.cassette.projects.ini_file import IniFile
from pytest_llmreplay.cassette.projects.projects import Projects
from pytest_llmreplay.cassette.projects.settings import CassetteSettings
from pytest_llmreplay.cassette.redaction.redactor import Redactor
from pytest_llmreplay.compare.syntax.surroundings import Surroundings
from pytest_llmreplay.replay.config.file import Config, load_config

if TYPE_CHECKING:
    from pytest_llmreplay.plugin.shell_hooks import ProjectHooks

__all__ = ["Project"]


@dataclass(frozen=True, kw_only=True)
class Project:
    """The root directory, and the ini keys of this package."""

    root: Path
    file: IniFile | None = None

    @classmethod
    def around(cls, paths: Sequence[Path]) -> Project:
        """The project that some paths belong to.

        Raises:
            ConfigError: Its ini file cannot be read.
        """
        top = Path(commonpath(paths)) if paths else Path.cwd()
        file = IniFile.of(top)
        if file is not None:
            return cls(root=file.path.parent, file=file)
        folders = (folder for folder in (top, *top.parents) if folder.is_dir())
        return cls(root=next((f for f in folders if (f / "setup.py").is_file()), Path.cwd()))

    @cached_property
    def projects(self) -> Projects:
        """What is said of the cassettes of this project, and of those inside it."""
        file = self.file
        settings = CassetteSettings() if file is None else CassetteSettings.of(file)
        return Projects(settings, root=self.root, read=None if file is None else file.path)

    def redactor(self, folder: Path) -> Redactor:
        """Knows the rules of redaction and the false alarms of the cassettes in a folder."""
        return self.projects.around(folder).redactor()

    def rules(self, folder: Path) -> MatchRules:
        """What does not count when a call is matched, but for what markers add."""
        settings = self.projects.around(folder)
        return settings.rules(settings.redactor())

    def config(self, folder: Path) -> Config:
        """The config file that holds for the cassettes in a folder.

        Raises:
            ConfigError: It is not there, or says something that nobody understands.
        """
        path = self.projects.config_file(folder)
        return Config() if path is None else load_config(path)

    def words(self, key: str) -> tuple[str, ...]:
        """A key of the ini file that is a list of words.

        Raises:
            ConfigError: A quote is not closed.
        """
        return () if self.file is None else self.file.words(key)

    @cached_property
    def hooks(self) -> ProjectHooks:
        """Its plugins and `conftest.py`: code of the project, run when the first hook is asked."""
        from pytest_llmreplay.plugin.shell_hooks import ProjectHooks  # noqa: PLC0415 - loads pytest

        return ProjectHooks(self.root)

    def surroundings(self, folder: Path) -> Surroundings:
        """What the checks of the cassettes in a folder may refer to; no hook is asked."""
        return Surroundings(project=self.projects.home(folder / "-"), own_unknown=True)
