"""`judge:` of a config file: who judges, how often, by which rubric."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path

from pytest_llmreplay.compare.project_file import FileRefused, project_text
from pytest_llmreplay.errors import ConfigError
from pytest_llmreplay.event import Json
from pytest_llmreplay.replay.config.file import Config

__all__ = ["DEFAULT_RUBRIC", "JudgeSettings", "read_settings"]

DEFAULT_RUBRIC = """\
Does the answer serve the request as well as a good answer would?
* 1.0: correct, complete, does what was asked in the form that was asked for.
* 0.7: serves the purpose, with small flaws.
* 0.4: partly wrong or incomplete; its reader would have to ask again.
* 0.0: wrong, empty, off the point, or it refuses what it could do.
Length, style and politeness count only where the request asks for them."""

KEYS = ("target", "samples", "rubric", "pairwise")
_MOST_SAMPLES = 99
_PLACE = ("judge",)


def read_rubric(root: Path, name: str) -> str:
    """The text of a rubric.

    Args:
        root: Folder of the config file that names it.
        name: Path from there.

    Raises:
        ConfigError: It is no readable file of words in that folder.
    """
    try:
        text = project_text(name, root).strip()
    except FileRefused as refused:
        raise ConfigError(f"rubric {name!r}: {refused}, looked for in {root}") from None
    if not text:
        raise ConfigError(
            f"rubric {name!r}: is empty; write into it what a good answer is, or leave it out, "
            "and answers are graded by a rubric of our own"
        )
    return text


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgeSettings:
    """How answers are judged."""

    target: str | None = None
    """As a config file or a command line names it."""
    samples: int | None = None
    """How often each question is asked, of which the median counts; none where nobody said."""
    rubrics: Mapping[str, str] = field(default_factory=dict)
    """Texts by the pattern of the prompt names they are for; the first that fits counts."""
    pairwise: bool = False
    """Whether both answers are compared, in both orders, and not scored apart."""

    def rubric(self, prompt: str | None) -> str:
        """The rubric for the events of a prompt."""
        fitting = (text for glob, text in self.rubrics.items() if fnmatchcase(prompt or "", glob))
        return next(fitting, DEFAULT_RUBRIC)


def read_settings(config: Config) -> JudgeSettings:
    """What a config file says about judging.

    Raises:
        ConfigError: It says something that cannot be; the message names file and line.
    """
    section = config.rest.get("judge")
    return JudgeSettings() if section is None else _Reading(config).settings(section)


class _Reading:
    def __init__(self, config: Config) -> None:
        self._file = config.file
        self._root = (config.path or Path()).parent

    def settings(self, section: Json) -> JudgeSettings:
        values = self._file.mapping(section, _PLACE)
        self._file.refuse_others(values, KEYS, _PLACE)
        return JudgeSettings(
            target=self._target(values.get("target")),
            samples=self._samples(values.get("samples")),
            rubrics=self._rubrics(values.get("rubric")),
            pairwise=self._pairwise(values.get("pairwise", False)),
        )

    def _target(self, value: Json) -> str | None:
        if value is not None and not (isinstance(value, str) and value.strip()):
            raise self._wrong(("target",), f"judge.target is {value!r:.60}, not the name of one")
        return value if isinstance(value, str) else None

    def _samples(self, value: Json) -> int | None:
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int) or value < 1:
            raise self._wrong(("samples",), f"judge.samples is {value!r:.60}, not 1 or more")
        if value > _MOST_SAMPLES:
            raise self._wrong(("samples",), f"judge.samples is {value}, at most {_MOST_SAMPLES}")
        return value

    def _pairwise(self, value: Json) -> bool:
        if not isinstance(value, bool):
            raise self._wrong(("pairwise",), f"judge.pairwise is {value!r:.60}, not true or false")
        return value

    def _rubrics(self, value: Json) -> dict[str, str]:
        files = {"*": value} if isinstance(value, str) else {} if value is None else value
        if not isinstance(files, dict):
            raise self._wrong(("rubric",), "judge.rubric is a file, or files by prompt name")
        return {glob: self._rubric(glob, name) for glob, name in files.items()}

    def _rubric(self, glob: str, name: Json) -> str:
        if not isinstance(name, str) or not name.strip():
            raise self._wrong(("rubric", glob), f"rubric {name!r:.60} is not the name of a file")
        try:
            return read_rubric(self._root, name)
        except ConfigError as error:
            raise self._wrong(("rubric", glob), str(error)) from None

    def _wrong(self, keys: tuple[str, ...], problem: str) -> ConfigError:
        return self._file.wrong((*_PLACE, *keys), problem)
