"""The ini keys: names, defaults and the sentences of `pytest --help`."""

from __future__ import annotations

import pytest

__all__ = ["add_ini_keys"]


def add_ini_keys(parser: pytest.Parser) -> None:
    """Add every `llm_*` ini key."""
    parser.addini("llm_cassettes", "Root of the cassettes (default: cassettes).", default=None)
    parser.addini("llm_checks", "Checks of a replay.", type="linelist", default=[])
    parser.addini(
        "llm_fail_on",
        "From which severity on a divergence fails its event, as --llm-fail-on.",
        default=None,
    )
    parser.addini(
        "llm_max_age",
        "Age from which on recordings are stale and not replayed, such as 90d or 12w.",
        default=None,
    )
    parser.addini("llm_config", "Config file (default: llmreplay.yaml).", default=None)
    parser.addini(
        "llm_inconclusive",
        "What --llm-gate run does when it cannot tell: fail (default) or warn.",
        default=None,
    )
    parser.addini("llm_runs", "Where run files are kept (default: .llmreplay/runs).", default=None)
    parser.addini("llm_unused", "Events that a passing test did not play.", default=None)
    parser.addini(
        "llm_on_loss",
        "What is done about an event that loses something when it is converted for a target of "
        "another API format: fail, warn or ignore for all losses, and CODE=WORD for one.",
        type="linelist",
        default=[],
    )
    parser.addini(
        "llm_targets_allow",
        "Providers, hosts and their models (anthropic/claude-*) that targets and judges of this "
        "project may be at; all where it is not set.",
        type="args",
        default=[],
    )
    parser.addini("llm_autouse", "Give every test a cassette.", type="bool", default=False)
    parser.addini(
        "llm_guard",
        "Fail LLM calls outside a cassette (implied by llm_autouse).",
        type="bool",
        default=False,
    )
    parser.addini("llm_hosts", "Further hosts of LLM calls.", type="args", default=[])
    parser.addini(
        "llm_match_ignore",
        "JSON paths of request bodies that do not count when calls are matched.",
        type="linelist",
        default=[],
    )
    parser.addini(
        "llm_match_replace",
        "Regular expressions, as PATTERN => REPLACEMENT, applied to request texts before calls "
        "are matched.",
        type="linelist",
        default=[],
    )
    parser.addini(
        "llm_redact",
        "Personal data to redact in cassettes: email, phone, iban, card, ip, or a regular "
        "expression.",
        type="linelist",
        default=[],
    )
    parser.addini(
        "llm_redact_allow",
        "Hashes of texts that look like secrets and are none.",
        type="args",
        default=[],
    )
