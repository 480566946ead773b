"""`llmreplay.yaml`: what it says to a replay of the cassettes below it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

from pytest_llmreplay.cassette.projects.config_file import REDACTION, read_config, redaction_lines
from pytest_llmreplay.event import Json

from .gate import GateEntry, gate_entry
from .target_entry import TargetEntry, target_entry
from .text import ConfigText

__all__ = ["Config", "load_config"]

KEYS = ("targets", "variants", "prompts", "checks", "gate", "judge", REDACTION)
"""`targets`, `checks` and `gate` are read here, the others by those who know them."""

_READ = frozenset(("targets", "checks", "gate"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """What a config file says."""

    path: Path | None = None
    targets: Mapping[str, TargetEntry] = field(default_factory=dict)
    checks: tuple[str, ...] | None = None
    gate: GateEntry = field(default_factory=GateEntry)
    rest: Mapping[str, Json] = field(default_factory=dict)
    """Sections that others read."""
    text: str = field(default="", repr=False)
    """The file as it is written."""

    @property
    def file(self) -> ConfigText:
        """The file, for messages about what stands in it."""
        return ConfigText(self.path, self.text)


def load_config(path: Path) -> Config:
    """Read a config file.

    Raises:
        ConfigError: The file cannot be read, or says something that nobody understands.
    """
    text, value = read_config(path)
    return _config({} if value is None else value, ConfigText(path, text))


def _config(value: Json, file: ConfigText) -> Config:
    sections = file.mapping(value, ())
    file.refuse_others(sections, KEYS, ())
    redaction_lines(sections.get(REDACTION), file.path, file.text)
    targets = file.mapping(sections.get("targets") or {}, ("targets",))
    return Config(
        path=file.path,
        targets={name: target_entry(name, entry, file) for name, entry in targets.items()},
        checks=_checks(sections.get("checks"), file),
        gate=gate_entry(sections.get("gate"), file),
        rest={key: sections[key] for key in sections if key not in _READ},
        text=file.text,
    )


def _checks(value: Json, file: ConfigText) -> tuple[str, ...] | None:
    if value is None:
        return None
    specs = [value] if isinstance(value, str) else value
    if not isinstance(specs, list) or not all(isinstance(spec, str) for spec in specs):
        raise file.wrong(("checks",), "checks is a list of texts, or one text")
    return tuple(cast("list[str]", specs))
