"""What the rules of the variants of a run are for: told when one of them is for no event at all."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase

from pytest_llmreplay.cassette.document import Head
from pytest_llmreplay.errors import CassetteError
from pytest_llmreplay.replay.selecting import Selector, values_of
from pytest_llmreplay.replay.variants import Rule

from .collection import ReplayItem

__all__ = ["VariantRules"]

_SHOWN = 5
"""Values that a line lists."""


class VariantRules:
    """Looks at all events of a run before the first is sent."""

    def __init__(self) -> None:
        self._of: dict[str, tuple[str, Rule]] = {}
        """Every rule by its place, with its variant."""
        self._matched: set[str] = set()
        self._said: dict[str, dict[str, None]] = {}
        """What events say of the keys that rules choose by."""

    def look(self, items: Iterable[ReplayItem]) -> None:
        """Note which rules are for which events.

        Raises:
            ConfigError: Two rules want the same thing differently for one event.
        """
        for item in items:
            if (variant := item.target.variant) is None or not variant.rules:
                continue
            self._of |= {rule.place: (variant.name, rule) for rule in variant.rules}
            if (head := _head(item)) is not None:
                variant.edit_for(head)
                self._matched |= {rule.place for rule in variant.matching(head)}
                self._note(head, {key for rule in variant.rules for key in rule.when.globs})

    def lines(self) -> Iterator[str]:
        """One for each rule that was for nothing."""
        for place, (variant, rule) in self._of.items():
            if place not in self._matched:
                yield f"{place}: variant {variant!r}: no event here has {self._why(rule.when)}"

    def _note(self, head: Head, keys: Iterable[str]) -> None:
        for key in keys:
            self._said.setdefault(key, {}).update(dict.fromkeys(values_of(head, key)))

    def _why(self, when: Selector) -> str:
        """The first key that fits no event, with what there is; all where each fits some."""
        for key, globs in when.globs.items():
            there = list(self._said.get(key, ()))
            if not any(fnmatchcase(value, glob) for value in there for glob in globs):
                return f"{Selector(globs={key: globs})}{_told(there, globs[0])}"
        return f"{when} together"


def _told(there: list[str], glob: str) -> str:
    """The values that there are, the nearest first."""
    if not there:
        return "; none says any"
    near = difflib.get_close_matches(glob, there, n=_SHOWN, cutoff=0.3)
    listed = list(dict.fromkeys([*near, *there]))
    more = f" and {len(listed) - _SHOWN:,} more" if len(listed) > _SHOWN else ""
    return f"; there are: {', '.join(listed[:_SHOWN])}{more}"


def _head(item: ReplayItem) -> Head | None:
    try:
        return item.document.head
    except CassetteError:
        return None
