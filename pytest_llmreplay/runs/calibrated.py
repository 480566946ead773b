"""The answers of a calibration that a run file has."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from functools import cached_property

from pytest_llmreplay.event import Event
from pytest_llmreplay.replay.calls import Call, Identity
from pytest_llmreplay.replay.decode import replayed_event
from pytest_llmreplay.replay.result import CallFailed, Reply

from .stored import StoredRun

__all__ = ["CalibrationAnswers"]


class CalibrationAnswers:
    """Finds them by event.

    Args:
        run: The run that calibrated.
    """

    def __init__(self, run: StoredRun) -> None:
        self._run = run

    def of(self, event: Event, identity: Identity, target: str) -> Iterator[tuple[int, Event]]:
        """Each answer that came, with the number of its sample; calls that failed are left out.

        Args:
            event: The recording.
            identity: What its calls are kept under.
            target: The recorded model, or the simulation that was asked in its place.
        """
        asked = Call(identity=identity, target=target, digest=None, purpose="calibration")
        for sample in range(self._samples):
            reply = self._run.find(replace(asked, sample=sample))
            if isinstance(reply, Reply):
                with suppress(CallFailed):
                    yield sample, replayed_event(event, reply, target=target)

    @cached_property
    def _samples(self) -> int:
        """Of any event, at most."""
        calls = (one.call for one in self._run.calls)
        return max((call.sample + 1 for call in calls if call.purpose == "calibration"), default=0)
