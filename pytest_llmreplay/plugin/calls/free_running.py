"""Sessions that run freely: each event is sent when the answers before it have come."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import cast

from pytest_llmreplay.plugin.items.collection import ReplayItem
from pytest_llmreplay.plugin.items.sampled import Further, Sampled, item_of
from pytest_llmreplay.replay.entry import Result
from pytest_llmreplay.replay.gate_plan import SamplePlan

from .free_sessions import FreeSessions
from .sampling import RAISED
from .sending import Sending

__all__ = ["FreeRunning"]

_LOOK = 1.0
"""Seconds between two looks at whether calls are still made."""


class FreeRunning:
    """Sends the events of sessions one after the other; stands in for `Sampling`.

    Args:
        sending: Makes the calls.
        sessions: Know what was said.
    """

    def __init__(self, sending: Sending, sessions: FreeSessions) -> None:
        self._sending, self._sessions = sending, sessions
        self._came: dict[ReplayItem, list[Result]] = {}
        """Of the calls for an item, as long as further ones may follow."""
        self._results: dict[ReplayItem, Result] = {}
        self._error: dict[ReplayItem, BaseException] = {}
        self._further: dict[ReplayItem, list[Further]] = {}
        """Further calls that came for an item."""

    def start(self, items: Sequence[ReplayItem], *, stages: bool = False) -> None:  # noqa: ARG002 - there are none
        """Announce what goes to live targets, and begin with the first event of each session.

        Raises:
            ConfigError: A key is missing, or a host is not trusted; nothing was sent.
        """
        asked = [item for item in items if item.target.kind != "recorded"]
        self._sessions.expect(asked)
        first = [item for item in asked if self._sessions.is_first(item)]
        self._sending.start(items, first, samples=lambda _: SamplePlan(), more=True)

    def of(self, item: ReplayItem) -> Sampled:
        """Wait for the answer of an item.

        Raises:
            Exception: What a user's hook raised.
        """
        if item.target.kind == "recorded":
            return Sampled(results=(self._sending.result(item),))
        self._sending.want(item)
        while item not in self._results and item not in self._error:
            arrived = self._sending.arrived(_LOOK)
            if arrived is not None:
                self._take(cast("ReplayItem | Further", arrived))
        if item in self._error:
            raise self._error[item]
        return Sampled(results=(self._results[item],))

    def release(self, item: ReplayItem) -> None:
        """Forget the answer of an item, and make room for others."""
        self._results.pop(item, None)
        for entry in (*self._further.pop(item, ()), item):
            self._sending.release(entry)

    def _take(self, entry: ReplayItem | Further) -> None:
        """Judge an answer, and send what waited for it."""
        item = item_of(entry)
        further: ReplayItem | Further | None
        try:
            result = self._sending.result(entry)
            further = self._sessions.take(entry, result)
        except RAISED as error:
            self._error[item] = error
            further = self._sessions.end(item, None)
        else:
            self._came.setdefault(item, []).append(result)
            further = further or self._ended(item)
        if isinstance(entry, Further):
            self._further.setdefault(item, []).append(entry)
        if further is not None:
            self._sending.add([further])

    def _ended(self, item: ReplayItem) -> ReplayItem | None:
        self._results[item] = result = _together(*self._came.pop(item))
        return self._sessions.end(item, result)


def _together(own: Result, *further: Result) -> Result:
    """What came of an event: its own answer, or why it took a further call that was not answered.

    A target that calls what no recording knows has given its answer all the same.
    """
    if further and (comparison := further[-1].comparison).outcome == "error":
        comparison = replace(comparison, error=f"further call {len(further)}: {comparison.error}")
        failed = replace(further[-1], entry=own.entry, comparison=comparison)
        return replace(failed, beyond=(own, *further[:-1]))
    beyond = [one for one in further if one.replayed is not None]
    if own.pair is None or not beyond:
        return own
    answers = tuple(one.replayed for one in beyond if one.replayed is not None)
    return replace(own, pair=replace(own.pair, beyond=answers), beyond=tuple(beyond))
