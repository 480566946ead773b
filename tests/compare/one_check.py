"""One check, asked about two events."""

from __future__ import annotations

from typing import Any

from pytest_llmreplay.compare.check import Pair
from pytest_llmreplay.compare.specs.parsing import parse_checks
from pytest_llmreplay.event import Event


def judged(spec: str, baseline: Event, replayed: Event, **pair: Any) -> Any:
    """What a check finds in a live answer; further fields of the pair may be given."""
    (check,) = parse_checks([spec])
    return check.judge(Pair(baseline=baseline, replayed=replayed, **({"live": True} | pair)))
