"""`llmreplay.yaml`: targets and checks for the cassettes below it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

from pytest_llmreplay.cassette.reader import parse_document
from pytest_llmreplay.errors import CassetteDamaged, ConfigError
from pytest_llmreplay.event import Json

from .config_text import ConfigText
from .gate_config import GateEntry, gate_entry
from .target_entry import TargetEntry, target_entry

__all__ = ["Config", "find_config", "load_config"]

NAME = "llmreplay.yaml"

KEYS = ("targets", "variants", "prompts", "checks", "gate", "judge")
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


def find_config(start: Path, root: Path) -> Path | None:
    """The nearest `llmreplay.yaml` in `start` or above it, up to `root`."""
    for folder in (start, *start.parents):
        if (folder / NAME).is_file():
            return folder / NAME
        if folder == root:
            break
    return None


def load_config(path: Path) -> Config:
    """Read a config file.

    Raises:
        ConfigError: The file cannot be read, or says something that nobody understands.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
        value = parse_document(text, first_line=1)
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: cannot be read: {error}") from None
    except CassetteDamaged as error:
        raise ConfigError(str(error.at(path))) from None
    return _config({} if value is None else value, ConfigText(path, text))


def _config(value: Json, file: ConfigText) -> Config:
    sections = file.mapping(value, ())
    file.refuse_others(sections, KEYS, ())
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
