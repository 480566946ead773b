"""Where `llmreplay.yaml` is, and the rules of redaction that it has for the cassettes below it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import get_close_matches
from pathlib import Path

from pytest_llmreplay.errors import CassetteDamaged, ConfigError
from pytest_llmreplay.event import Json

__all__ = [
    "REDACTION",
    "config_files",
    "find_config",
    "read_config",
    "redaction_in",
    "redaction_lines",
]

_NAME = "llmreplay.yaml"
REDACTION = "redaction"
"""The section."""
_TOP_KEY = re.compile(r"^[\"']?([\w-]+)[\"']?[ ]*:", re.MULTILINE)
_KINDS = ("name", "header", "path")


def find_config(start: Path, top: Path) -> Path | None:
    """The nearest `llmreplay.yaml` in `start` or above it, up to `top`."""
    return next(config_files(start, top), None)


def config_files(start: Path, top: Path) -> Iterator[Path]:
    """Every `llmreplay.yaml` in `start` or above it, up to `top`, the nearest first."""
    for folder in (start, *start.parents):
        if (folder / _NAME).is_file():
            yield folder / _NAME
        if folder == top:
            break


def read_config(path: Path) -> tuple[str, Json]:
    """The text of a config file, and its value.

    Raises:
        ConfigError: It cannot be read.
    """
    from pytest_llmreplay.cassette.yaml_text.reader import parse_document  # noqa: PLC0415 - loads yaml, which few test runs need

    text = _text_of(path)
    try:
        return text, parse_document(text)
    except CassetteDamaged as error:
        raise ConfigError(str(error.at(path))) from None


def redaction_in(path: Path) -> tuple[str, ...]:
    """The rules of a config file, as `llm_redact` takes them.

    Raises:
        ConfigError: The file cannot be read, or a rule is none.
    """
    text = _text_of(path)
    if REDACTION not in text and not any(map(_is_slip, _TOP_KEY.findall(text))):
        return ()
    text, value = read_config(path)
    if value is None:
        return ()
    if not isinstance(value, dict):
        place = _place(path, text)
        raise ConfigError(f"{place}: the file is not a mapping of keys to values")
    if slip := next(filter(_is_slip, value), None):
        place = _place(path, text, slip)
        raise ConfigError(f"{place}: unknown key {slip!r}; did you mean {REDACTION!r}?")
    return redaction_lines(value.get(REDACTION), path, text)


def redaction_lines(section: Json, path: Path | None, text: str) -> tuple[str, ...]:
    """The rules of the section, checked; `name: customer` is a rule with or without quotes.

    Args:
        section: What stands in it.
        path: The file, for messages.
        text: The file as it is written.

    Raises:
        ConfigError: A rule is none.
    """
    if section is None:
        return ()
    from pytest_llmreplay.cassette.redaction.rules import RedactionRules  # noqa: PLC0415 - few config files have rules

    rules = section if isinstance(section, list) else [section]
    found: list[str] = []
    for number, rule in enumerate(rules):
        where = (REDACTION, number) if isinstance(section, list) else (REDACTION,)
        place = f"{_place(path, text, *where)}: {REDACTION}"
        found.append(_rule(rule, place))
        RedactionRules.parse(found[-1:], place)
    return tuple(found)


def _rule(rule: Json, place: str) -> str:
    if isinstance(rule, dict) and len(rule) == 1:
        (kind, value), *_ = rule.items()
        if kind in _KINDS and isinstance(value, str):
            return f"{kind}: {value}"
    if not isinstance(rule, str) or not rule.strip():
        raise ConfigError(
            f"{place}: {rule!r:.60} is no rule; write kinds of personal data (email, phone), "
            "name: FIELD, header: NAME, path: JSON.PATH, or a regular expression"
        )
    return rule.strip()


def _place(path: Path | None, text: str, *where: str | int) -> str:
    """File and line of what stands at a path of the document."""
    from pytest_llmreplay.cassette.yaml_text.reader import line_of  # noqa: PLC0415 - loads yaml, which few test runs need

    return f"{path}:{line_of(text, where)}"


def _is_slip(key: str) -> bool:
    """Whether a key is nearly the section; what it was meant to keep out, it would not."""
    return key != REDACTION and bool(get_close_matches(key, [REDACTION], cutoff=0.6))


def _text_of(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: is not UTF-8: byte {error.start + 1} is no text") from None
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error}") from None
