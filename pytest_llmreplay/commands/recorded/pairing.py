"""Which event of one cassette is which of another."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass

from pytest_llmreplay.event import Event, JsonBody
from pytest_llmreplay.playback.misses.likeness import likeness
from pytest_llmreplay.replay.baselines.baseline import join_key

from .recordings import RecordedEvent

__all__ = ["Paired", "paired"]

_ALIKE = 0.5
"""From which likeness on two requests without a prompt name are taken for the same step."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Paired:
    """What two cassettes have in common."""

    both: Sequence[tuple[RecordedEvent, RecordedEvent]]
    """In the order of the second one."""
    gone: Sequence[RecordedEvent]
    """Only in the first one."""
    new: Sequence[RecordedEvent]
    """Only in the second one."""


def paired(before: Sequence[RecordedEvent], after: Sequence[RecordedEvent]) -> Paired:
    """Join events: equal in name and request first, then in either, then requests that are alike.

    Within each of these the order decides, first in first out.
    """
    joining = _Joining(list(before), list(after))
    joining.by(lambda one: (one.event.name, join_key(one.event)))
    joining.by(lambda one: one.event.name)
    joining.by(lambda one: join_key(one.event))
    joining.alike()
    order = {id(one): place for place, one in enumerate(after)}
    both = sorted(joining.both, key=lambda pair: order[id(pair[1])])
    return Paired(both=both, gone=joining.before, new=joining.after)


class _Joining:
    """What is left to be joined.

    Args:
        before: Events of the first cassette.
        after: Events of the second one.
    """

    def __init__(self, before: list[RecordedEvent], after: list[RecordedEvent]) -> None:
        self.before, self.after = before, after
        self.both: list[tuple[RecordedEvent, RecordedEvent]] = []

    def by(self, key: Callable[[RecordedEvent], Hashable]) -> None:
        """Join those with the same key; one without a key is left."""
        waiting: dict[Hashable, list[RecordedEvent]] = {}
        for one in self.before:
            waiting.setdefault(key(one), []).append(one)
        for other in self.after:
            known = key(other)
            if known is not None and waiting.get(known):
                self.both.append((waiting[known].pop(0), other))
        self._without_joined()

    def alike(self) -> None:
        """Join each of what is left with the first that asks nearly the same."""
        for other in list(self.after):
            like = (one for one in self.before if _is_alike(one.event, other.event))
            if (one := next(like, None)) is not None:
                self.both.append((one, other))
                self.before = [left for left in self.before if left is not one]
        self._without_joined()

    def _without_joined(self) -> None:
        joined = {id(one) for pair in self.both for one in pair}
        self.before = [one for one in self.before if id(one) not in joined]
        self.after = [one for one in self.after if id(one) not in joined]


def _is_alike(one: Event, other: Event) -> bool:
    if one.api != other.api or one.name != other.name:
        return False
    then, now = one.exchange.request.body, other.exchange.request.body
    if not (isinstance(then, JsonBody) and isinstance(now, JsonBody)):
        return False
    return likeness(then.value, now.value) >= _ALIKE
