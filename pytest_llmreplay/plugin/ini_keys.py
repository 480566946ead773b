"""The ini keys: names, defaults and the sentences of `pytest --help`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, TypeAlias

import pytest

__all__ = ["KEYS", "add_ini_keys", "ini_value"]

_Kind: TypeAlias = Literal["string", "linelist", "args", "bool"]

KEYS: dict[str, tuple[_Kind, str]] = {
    "llm_cassettes": ("string", "Root of the cassettes (default: cassettes)."),
    "llm_checks": ("linelist", "Checks of a replay."),
    "llm_fail_on": (
        "string",
        "From which severity on a divergence fails its event, as --llm-fail-on.",
    ),
    "llm_max_age": (
        "string",
        "Age from which on recordings are stale and not replayed, such as 90d or 12w.",
    ),
    "llm_config": ("string", "Config file (default: llmreplay.yaml)."),
    "llm_inconclusive": (
        "string",
        "What --llm-gate run does when it cannot tell: fail (default) or warn.",
    ),
    "llm_runs": ("string", "Where run files are kept (default: .llmreplay/runs)."),
    "llm_unused": (
        "string",
        "Events that a passing test did not play: fail (default), warn or ignore.",
    ),
    "llm_on_loss": (
        "linelist",
        (
            "What is done about an event that loses something when it is converted for a target of "
            "another API format: fail, warn or ignore for all losses, and CODE=WORD for one."
        ),
    ),
    "llm_targets_allow": (
        "args",
        (
            "Providers, hosts and their models (anthropic/claude-*) that targets and judges "
            "of this project may be at; all where it is not set."
        ),
    ),
    "llm_autouse": ("bool", "Give every test a cassette."),
    "llm_guard": ("bool", "Fail LLM calls outside a cassette (implied by llm_autouse)."),
    "llm_hosts": ("args", "Further hosts of LLM calls."),
    "llm_match_ignore": (
        "linelist",
        "JSON paths of request bodies that do not count when calls are matched.",
    ),
    "llm_match_replace": (
        "linelist",
        (
            "Regular expressions, as PATTERN => REPLACEMENT, applied to request texts before calls "
            "are matched."
        ),
    ),
    "llm_redact": (
        "linelist",
        (
            "Personal data to redact in cassettes: email, phone, iban, card, ip, or a regular "
            "expression."
        ),
    ),
    "llm_redact_allow": ("args", "Hashes of texts that look like secrets and are none."),
}
_DEFAULTS: dict[_Kind, Callable[[], object]] = {
    "string": type(None),
    "linelist": list,
    "args": list,
    "bool": bool,
}
"""What makes the value of a key that nobody has set."""
_MAY_BE_MISSING = ("llm_targets_allow",)
"""Keys that are told apart from empty ones."""


def add_ini_keys(parser: pytest.Parser) -> None:
    """Add every `llm_*` ini key."""
    for name, (kind, help_text) in KEYS.items():
        default = None if name in _MAY_BE_MISSING else _DEFAULTS[kind]()
        parser.addini(name, help_text, type=kind, default=default)


def ini_value(config: pytest.Config, key: str) -> Any:
    """The value of one of these keys.

    Raises:
        pytest.UsageError: The value cannot be read; pytest itself does not always say whose it is.
    """
    try:
        return config.getini(key)
    except (ValueError, pytest.UsageError) as error:  # pytest 8 raises the first
        said = str(error)
        raise pytest.UsageError(said if key in said else f"{key}: {said}") from None
