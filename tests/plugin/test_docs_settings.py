"""docs/settings.md, and the providers in docs/replay.md."""

from __future__ import annotations

import re

import pytest
from written_docs import DOCS

from pytest_llmreplay.judge.settings import KEYS as JUDGE_KEYS
from pytest_llmreplay.plugin.ini_keys import KEYS as INI_KEYS
from pytest_llmreplay.plugin.markers import ARGUMENTS
from pytest_llmreplay.providers.endpoints.table import PROVIDERS
from pytest_llmreplay.replay.config.file import KEYS
from pytest_llmreplay.replay.config.gate import KEYS as GATE_KEYS
from pytest_llmreplay.replay.config.target_entry import TARGET_KEYS


def _rows(file: str, heading: str) -> list[str]:
    """The rows of the first table below a heading."""
    below = (DOCS / file).read_text(encoding="utf-8").partition(f"{heading}\n\n")[2]
    table = re.search(r"(?:^\|.*\n)+", below, re.MULTILINE)
    assert table is not None
    return table[0].splitlines()[2:]


@pytest.mark.parametrize(
    ("heading", "keys"),
    [
        ("## Ini keys", INI_KEYS),
        ("## The marker", ARGUMENTS),
        ("## llmreplay.yaml", KEYS),
        ("### A target", TARGET_KEYS),
        ("### Gate", GATE_KEYS),
    ],
)
def test_every_key_is_told(heading: str, keys: tuple[str, ...]) -> None:
    """By its name, and none that there is not."""
    named = [re.findall(r"`(\w+)`", row.split("|")[1]) for row in _rows("settings.md", heading)]
    assert sorted(keys) == sorted(key for names in named for key in names)


def test_every_key_of_a_judge_is_told() -> None:
    """In the row of its section."""
    row = next(row for row in _rows("settings.md", "## llmreplay.yaml") if "`judge`" in row)
    assert list(JUDGE_KEYS) == re.findall(r"`(\w+)`", row)[1:]


def test_every_provider_is_told() -> None:
    """With the variables of its keys and of its address."""
    rows = _rows("replay.md", "### Providers")
    told = {name: set(rest) for name, *rest in (re.findall(r"`(\w+)`", row) for row in rows)}
    assert told == {
        provider.name: {*provider.key_variables, *provider.base_url_variables}
        for provider in PROVIDERS
    }
