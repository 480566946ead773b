"""What the rules of the variants of a run are for: told when one of them is for no event at all."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, TypeAlias

from pytest_llmreplay.cassette.documents.document import EventDocument
from pytest_llmreplay.cassette.sessions import head_of
from pytest_llmreplay.errors import CassetteError
from pytest_llmreplay.event import JsonBody
from pytest_llmreplay.providers.editing import offered
from pytest_llmreplay.replay.selecting.selector import SeenValues, there_are

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
        self._offered: dict[_Key, dict[str, None]] = {}
        """The tools that the events of a rule offer, where it changes some."""

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
            matching = variant.matching(head)
            self._matched |= set(map(_key, matching))
            for rule in matching:
                if rule.edit.tools is not None and rule.edit.tools.names:
                    self._offered.setdefault(_key(rule), {}).update(_tools_of(document))
            self._seen.note(head, {key for rule in variant.rules for key in rule.when.globs})

    def lines(self) -> Iterator[str]:
        """A line for each rule that matched no event, and for each tool that it did not find."""
        for key, (variant, rule) in self._of.items():
            if key not in self._matched:
                why = self._seen.why_none(rule.when)
                yield f"{rule.place}: variant {variant!r}: no event here has {why}"
            for name in _missing(rule, there := list(self._offered.get(key, ()))):
                why = f"{name}{there_are(there, name)}"
                yield f"{rule.place}: variant {variant!r}: no event here offers the tool {why}"


def _key(rule: Rule) -> _Key:
    """What tells a rule from others, also from one in the same line."""
    return rule.place, str(rule.when)


def _tools_of(document: EventDocument) -> dict[str, None]:
    """The tools that an event offers; a damaged one tells its error where it is sent."""
    try:
        api, body = document.head.api, document.request.body
    except CassetteError:
        return {}
    return dict.fromkeys(offered(api, body.value) if isinstance(body, JsonBody) else ())


def _missing(rule: Rule, there: Sequence[str]) -> Iterator[str]:
    edit = rule.edit.tools
    for name in edit.names if edit is not None else ():
        if not any(fnmatchcase(tool, name) for tool in there):
            yield name
