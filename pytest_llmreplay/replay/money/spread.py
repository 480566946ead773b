"""The order in which a run that may end early is a fair sample of the whole."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

__all__ = ["Place", "spread"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Place of an event among prompts and cassettes."""

    cassette: str
    prompt: str
    """Name of its prompt; empty where it has none."""
    number: int
    """Of the event in its cassette."""


def spread(places: Sequence[Place]) -> list[int]:
    """Indexes in an order of which every beginning is spread over prompts and cassettes.

    However far a run comes, it has about the same share of each prompt, and of each cassette in a
    prompt. Which of them come first is left to a hash: another run has the same order.
    """
    chances = [_chance(f"{place.cassette} {place.number}") for place in places]
    of_cassette = _even([f"{place.prompt} {place.cassette}" for place in places], chances)
    of_prompt = _even([place.prompt for place in places], of_cassette)
    return sorted(range(len(places)), key=of_prompt.__getitem__)


def _even(groups: Sequence[str], order: Sequence[float]) -> list[float]:
    """Places between 0 and 1 at which the members of each group follow at equal distances."""
    members: dict[str, list[int]] = defaultdict(list)
    for index, group in enumerate(groups):
        members[group].append(index)
    found = [0.0] * len(groups)
    for group, indexes in members.items():
        start = _chance(group)
        for rank, index in enumerate(sorted(indexes, key=order.__getitem__)):
            found[index] = (rank + start) / len(indexes)
    return found


def _chance(text: str) -> float:
    """A number from 0 to below 1 that looks as if drawn by lot, and stays the same."""
    digest = hashlib.sha256(text.encode(errors="surrogatepass")).digest()
    return int.from_bytes(digest[:7], "big") / 2**56
