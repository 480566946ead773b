"""Versions of prompts, and the variants that their combinations are."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from math import prod
from pathlib import Path as FilePath

from pytest_llmreplay.cassette.yaml_text.fields import Fields, Path, WrongField
from pytest_llmreplay.compare.project_file import FileRefused, project_text
from pytest_llmreplay.event import Json
from pytest_llmreplay.providers.editing import WordsEdit
from pytest_llmreplay.replay.selecting.selector import Selector

from .edit import Edit
from .names import check_name
from .variant import Rule, Variant

__all__ = ["Version", "combinations_of", "read_versions", "variant_of"]

_VERSION = frozenset(("name", "file", "text"))
_MOST = 10_000
"""Combinations that a file may describe."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One version of the system prompt of a prompt."""

    prompt: str
    name: str
    text: str | None
    file: str | None
    """Path from the folder of the config file, where the text does not stand there."""
    path: Path
    """Where the config file has it."""

    def read(self, folder: FilePath) -> str:
        """The text; the line feeds that end a file are no part of it.

        Raises:
            WrongField: It is no file of the project.
        """
        if self.file is None:
            return self.text or ""
        try:
            return project_text(self.file, folder).rstrip("\r\n")
        except FileRefused as refused:
            problem = f"the prompt file {self.file!r} {refused}"
            raise WrongField((*self.path, "file"), problem) from None


def read_versions(section: Json) -> Sequence[Sequence[Version]]:
    """The versions of each prompt.

    Raises:
        WrongField: It cannot be understood.
    """
    path: Path = ("prompts",)
    if not isinstance(section, dict):
        raise WrongField(path, "expected the names of prompts, each with its versions")
    found = [_versions(name, value, (*path, name)) for name, value in section.items()]
    if (count := prod(len(one) for one in found)) > _MOST:
        raise WrongField(path, f"{count:,} combinations, more than {_MOST:,}; leave versions out")
    return found


def combinations_of(
    versions: Sequence[Sequence[Version]],
) -> Iterator[tuple[str, Sequence[Version]]]:
    """Each combination with its name, such as `v1-a1`; the first versions come first."""
    for combination in product(*versions):
        if combination:
            yield "-".join(version.name for version in combination), combination


def variant_of(
    name: str,
    versions: Sequence[Version],
    text: Callable[[Version], str],
    place: Callable[[Path], str],
) -> Variant:
    """The variant that a combination is: each version replaces the system prompt of its prompt.

    Raises:
        WrongField: A version is no file of the project.
    """
    return Variant(
        name=name,
        rules=tuple(
            Rule(
                when=Selector(globs={"prompt": (_exactly(version.prompt),)}),
                edit=Edit(system=WordsEdit(replace=text(version))),
                place=place(version.path),
            )
            for version in versions
        ),
    )


def _versions(prompt: str, value: Json, path: Path) -> Sequence[Version]:
    if not isinstance(value, list) or not value:
        raise WrongField(path, "expected a list of versions")
    found = [_version(prompt, one, (*path, at)) for at, one in enumerate(value)]
    names = [version.name for version in found]
    twice = next((at for at, name in enumerate(names) if name in names[:at]), None)
    if twice is not None:
        raise WrongField((*path, twice), f"a second version {names[twice]!r}")
    return found


def _version(prompt: str, value: Json, path: Path) -> Version:
    fields = Fields(value, path, _VERSION)
    if ("file" in fields) == ("text" in fields):
        raise WrongField(path, "a version has either a `text` or a `file`")
    name = check_name(fields.text("name"), (*path, "name"))
    return Version(
        prompt=prompt,
        name=name,
        text=fields.text_or_none("text"),
        file=fields.text_or_none("file"),
        path=path,
    )


def _exactly(name: str) -> str:
    """The glob that fits this name alone."""
    return "".join(f"[{sign}]" if sign in "*?[" else sign for sign in name)
