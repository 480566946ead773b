"""The answers of a calibration that a run file has."""

from __future__ import annotations

from collections.abc import Sequence

from pytest_llmreplay.event import Event
from pytest_llmreplay.replay.calls.call import Call, Identity
from pytest_llmreplay.replay.calls.decode import replayed_event
from pytest_llmreplay.replay.calls.result import CallFailed, Reply

from .stored import StoredRun

__all__ = ["CalibrationAnswers"]


class CalibrationAnswers:
    """Finds them by event; each is parsed when it is asked for.

    Args:
        run: The run that calibrated.
    """

    def __init__(self, run: StoredRun) -> None:
        self._run = run
        self._samples: dict[tuple[Identity, str], list[int]] = {}
        calls = [one.call for one in run.calls if one.answered]
        for call in sorted(calls, key=lambda call: call.sample):
            if call.purpose == "calibration":
                self._samples.setdefault((call.identity, call.target), []).append(call.sample)

    def samples(self, identity: Identity, target: str) -> Sequence[int]:
        """Numbers of the samples of an event that were answered.

        Args:
            identity: What its calls are kept under.
            target: The recorded model, or the simulation that was asked in its place.
        """
        return self._samples.get((identity, target), ())

    def answer(self, event: Event, identity: Identity, target: str, sample: int) -> Event | None:
        """An answer to a recorded event; none where it is no whole one."""
        asked = Call(
            identity=identity,
            target=target,
            digest=None,
            sample=sample,
            purpose="calibration",
        )
        reply = self._run.find(asked)
        if not isinstance(reply, Reply):
            return None
        try:
            return replayed_event(event, reply, target=target)
        except CallFailed:
            return None
