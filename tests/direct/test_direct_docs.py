"""What `docs/python.md` tells people to write."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import fields
from functools import cached_property
from pathlib import Path

import pytest

from pytest_llmreplay import Event, ReplayEngine, ReplayOverrides, ReplayResult
from pytest_llmreplay.direct import ReplayComparison
from pytest_llmreplay.event import Measured, Request, Response, Usage

PAGE = (Path(__file__).parents[2] / "docs" / "python.md").read_text(encoding="utf-8")
EVENT = PAGE.partition("## An event\n")[2].partition("\n## ")[0]
_VIEWS = (property, cached_property)
EXAMPLE = re.search(r"<!-- tested -->\n```python\n(.*?)```", PAGE, re.DOTALL)


def test_the_example_runs(
    recorded: Callable[..., list[Event]], capsys: pytest.CaptureFixture[str]
) -> None:
    """As it stands, in a project with a cassette."""
    recorded()
    assert EXAMPLE is not None
    exec(compile(EXAMPLE[1], "docs/python.md", "exec"), {})
    assert "text \u2261 identical" in capsys.readouterr().out


@pytest.mark.parametrize("known", [ReplayEngine, ReplayResult, ReplayComparison, ReplayOverrides])
def test_everything_that_there_is_has_its_name_there(known: type) -> None:
    """Nobody would find it otherwise."""
    public = [name for name in dir(known) if not name.startswith("_") and name != "of"]
    told = {"live", "asked", "total_configurations", "results"}
    missing = [name for name in public if f"{name}" not in PAGE and name not in told]
    assert [] == missing


@pytest.mark.parametrize("known", [Event, Request, Response, Usage, Measured])
def test_everything_that_an_event_says_is_told(known: type) -> None:
    """Whoever writes a check reads fields, not our code."""
    told = re.findall(r"`(?:\w+\.)?(\w+)`", EVENT)
    views = [name for name, value in vars(known).items() if isinstance(value, _VIEWS)]
    names = {*(field.name for field in fields(known)), *views} - {"decoder"}
    assert set() == names - set(told)
