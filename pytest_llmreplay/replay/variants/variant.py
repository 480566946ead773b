"""A variant: a named set of changes, each for the events that it is meant for."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from pytest_llmreplay.errors import ConfigError, ReplayError
from pytest_llmreplay.event import Event, Json
from pytest_llmreplay.replay.selecting.selector import Described, Selector

from .edit import Edit, clash, merged

__all__ = ["OwnVariant", "Rule", "Variant"]

OwnVariant = Callable[[Event, dict[str, Json]], Mapping[str, Any] | None]
"""A user's function: takes the recorded event and the body about to be sent, which it may change
or return another in place of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """Changes for the events that it selects."""

    when: Selector
    edit: Edit
    place: str
    """File and line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """What is changed in the requests of a replay."""

    name: str
    rules: tuple[Rule, ...] = ()
    function: OwnVariant | None = None
    """Has the last word on a body."""

    def matching(self, event: Described) -> tuple[Rule, ...]:
        """The rules that are meant for an event."""
        return tuple(rule for rule in self.rules if rule.when.matches(event))

    def edit_for(self, event: Described) -> Edit:
        """All that its rules change in the request of an event.

        Raises:
            ConfigError: Two of them want it differently.
        """
        rules = self.matching(event)
        for one, other in combinations(rules, 2):
            if (what := clash(one.edit, other.edit)) is not None:
                raise ConfigError(self._contradiction(one, other, what, event))
        return merged([rule.edit for rule in rules])

    def changed(self, event: Event, api: str, body: dict[str, Json]) -> dict[str, Json]:
        """A copy of the body about to be sent, with everything changed.

        Raises:
            ConfigError: Two rules contradict each other.
            ReplayError: The format has nothing like it, or the function failed.
        """
        body = self.edit_for(event).apply(api, body)
        return body if self.function is None else self._by_function(self.function, event, body)

    def _by_function(
        self, function: OwnVariant, event: Event, body: dict[str, Json]
    ) -> dict[str, Json]:
        own = copy.deepcopy(body)
        try:
            given = function(event, own)
            changed = own if given is None else _body(given)
            json.dumps(changed, allow_nan=False)
        except (Exception, SystemExit) as error:
            problem = f"{type(error).__name__}: {error}"
            raise ReplayError(f"variant {self.name!r}: {problem}") from error
        return changed

    def _contradiction(self, one: Rule, other: Rule, what: str, described: Described) -> str:
        event = f"event {described.number}" + (f" ({described.name})" if described.name else "")
        return (
            f"{other.place}: variant {self.name!r}: {what} is decided in this rule and, "
            f"otherwise, in that of {one.place}; both are for {event}"
        )


def _body(given: object) -> dict[str, Json]:
    if not isinstance(given, Mapping):
        raise TypeError(f"gave {given!r:.60}, which is no body")
    return dict(given)
