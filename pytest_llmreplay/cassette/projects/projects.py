"""The projects of a run, and what each of them says of its cassettes."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from functools import cache
from itertools import chain
from pathlib import Path

from pytest_llmreplay.cassette.places.naming import checkout_of, project_of
from pytest_llmreplay.errors import ConfigError

from .config_file import config_files, redaction_in
from .ini_file import IniFile, refuse_beyond_checkout
from .settings import CassetteSettings

__all__ = ["Projects"]


class Projects:
    """Finds out once for each project, and reads no ini file that is read already.

    Args:
        run: What holds where a project says nothing of its own.
        root: The root directory of the run.
        read: The ini file that it comes from, if there is one.
        typed: Keys that a person typed for this run, which no file changes.
        alone: Whether a person named that ini file, so that no other one counts.
    """

    def __init__(
        self,
        run: CassetteSettings,
        *,
        root: Path,
        read: Path | None = None,
        typed: Collection[str] = (),
        alone: bool = False,
    ) -> None:
        self.run = run
        self._root, self._read, self._typed, self._alone = root, read, typed, alone
        self._top = cache(lambda: checkout_of(root) or root)
        self._home = cache(self._project)
        self._of = cache(self._settings)
        self._found = cache(self._config_files)
        self._redaction = cache(redaction_in)
        self.own_file = cache(self._own_file)

    def home(self, file: Path) -> Path:
        """The directory of the project that a file belongs to."""
        return self._home(file.parent)

    def of(self, project: Path) -> CassetteSettings:
        """What is said of the cassettes of a project, but for what config files redact.

        Raises:
            ConfigError: Its ini file cannot be read.
        """
        return self._of(project)

    def around(self, folder: Path) -> CassetteSettings:
        """What is said of the cassettes in a folder.

        Config files above that which holds count, too, in what they redact.

        Raises:
            ConfigError: The ini file of its project, or a config file, cannot be read.
        """
        rules = chain.from_iterable(map(self._redaction, self._found(folder)))
        return self._of(self._home(folder)).redacting(tuple(rules))

    def name_in(self, folder: Path) -> str:
        """The root of the cassettes of the project that a folder belongs to."""
        if "llm_cassettes" in self._typed:
            return self.run.cassettes
        return self._of(self._home(folder)).cassettes

    def config_file(self, folder: Path) -> Path | None:
        """The config file that holds for the cassettes in a folder, if there is one.

        Raises:
            ConfigError: One is named that is not there, or by an ini file outside the checkout.
        """
        return next(iter(self._found(folder)), None)

    def own_files(self, files: Iterable[Path]) -> Sequence[IniFile]:
        """The ini files of the projects of some files, but for that of the run.

        Raises:
            ConfigError: One cannot be read.
        """
        homes = sorted({self.home(file) for file in files})
        found = filter(None, map(self.own_file, homes))
        return list({own.path: own for own in found}.values())

    def _project(self, folder: Path) -> Path:
        return project_of(folder / "-", self._root)

    def _settings(self, project: Path) -> CassetteSettings:
        own = self.own_file(project)
        held = self.run if self._is_for(project) else self.run.only(self._typed)
        return held if own is None else held.under(own, self._typed)

    def _own_file(self, project: Path) -> IniFile | None:
        """The ini file of a project, where it is another one than that of the run."""
        return None if self._alone else IniFile.of(project, self._read)

    def _is_for(self, project: Path) -> bool:
        """Whether the ini file of the run is found from a project, too."""
        return self._alone or self._read is None or project.is_relative_to(self._read.parent)

    def _config_files(self, folder: Path) -> Sequence[Path]:
        named = self._of(self._home(folder)).config
        if named is None:
            return list(config_files(folder, self._top()))
        typed = "llm_config" in self._typed
        if not named.is_file():
            name = "--llm-config" if typed else "llm_config"
            raise ConfigError(f"{name}: there is no file {str(named)!r}")
        if not typed:
            refuse_beyond_checkout("llm_config", named, self._root)
        return [named]
