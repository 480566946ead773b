"""What the rules of the variants of a run are for: told when one of them is for no event at all."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, TypeAlias

from pytest_llmreplay.cassette.document import EventDocument
from pytest_llmreplay.cassette.sessions import head_of
from pytest_llmreplay.replay.seen_values import SeenValues

if TYPE_CHECKING:
    from .variant import Rule, Variant

__all__ = ["UsedRules"]

_Key: TypeAlias = tuple[str, str]


class UsedRules:
    """Looks at all events of a run before the first is sent."""

    def __init__(self) -> None:
        self._of: dict[_Key, tuple[str, Rule]] = {}
        """Every rule, with a variant that has it."""
        self._matched: set[_Key] = set()
        self._seen = SeenValues()

    def look(self, variant: Variant | None, document: EventDocument) -> None:
        """Note which rules of a variant are for an event.

        Raises:
            ConfigError: Two rules want the same thing differently for it.
        """
        if variant is None or not variant.rules:
            return
        self._of |= {_key(rule): (variant.name, rule) for rule in variant.rules}
        if (head := head_of(document)) is not None:
            variant.edit_for(head)
            self._matched |= set(map(_key, variant.matching(head)))
            self._seen.note(head, {key for rule in variant.rules for key in rule.when.globs})

    def lines(self) -> Iterator[str]:
        """One for each rule that was for nothing."""
        for key, (variant, rule) in self._of.items():
            if key not in self._matched:
                why = self._seen.why_none(rule.when)
                yield f"{rule.place}: variant {variant!r}: no event here has {why}"


def _key(rule: Rule) -> _Key:
    """What tells a rule from others, also from one in the same line."""
    return rule.place, str(rule.when)
