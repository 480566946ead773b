"""From an answer to a result: decoded, compared, told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from pytest_llmreplay.compare.check import Check, Pair
from pytest_llmreplay.compare.checks.own import Own, not_here
from pytest_llmreplay.compare.judging import compare
from pytest_llmreplay.compare.outcome import Comparison, Outcome
from pytest_llmreplay.compare.specs.layers import Layer, in_force
from pytest_llmreplay.compare.syntax.surroundings import OwnCheck, Surroundings
from pytest_llmreplay.errors import LlmReplayError
from pytest_llmreplay.event import Event
from pytest_llmreplay.replay.calls.decode import replayed_event
from pytest_llmreplay.replay.calls.result import NotReplayed, NotRun, Reply

from .asking import Asked
from .result import ReplayResult

__all__ = ["Judging"]

_LATE = "our own event loop was late while the call was under way"


class Judging:
    """Compares what came of calls with their recordings, by the checks that a caller names.

    Args:
        specs: The checks that answers are compared by; those of an event come on top.
        own: Checks of users, by their names.
    """

    def __init__(self, specs: tuple[str, ...], own: Mapping[str, OwnCheck]) -> None:
        self._general = Layer(source="checks", specs=specs)
        known = Surroundings(project=Path.cwd(), own=own)
        in_force((self._general,), around=known)
        self._around = replace(known, own_unknown=True)

    def result(self, asked: Asked, came: Reply | LlmReplayError | None) -> ReplayResult:
        """What came of a call; without an answer it says why.

        Args:
            asked: The call.
            came: Its answer, or why there is none; nothing where the recording answers.
        """
        try:
            return self._compared(asked, came)
        except LlmReplayError as error:
            return _failed(asked, error)

    def _compared(self, asked: Asked, came: Reply | LlmReplayError | None) -> ReplayResult:
        if isinstance(came, LlmReplayError):
            raise came
        pair = _pair(asked, came)
        return ReplayResult(
            original=asked.original,
            replayed=pair.replayed,
            comparison=compare(pair, self.checks_of(asked.original)),
            target=asked.target.name,
            changed=asked.changed,
            losses=() if came is None else came.outgoing.losses,
            live=came is not None,
        )

    def checks_of(self, event: Event) -> tuple[Check, ...]:
        """What an answer to an event is compared by.

        Raises:
            CheckSyntaxError: A check of the event cannot be read.
        """
        own = () if event.checks is None else (Layer(source="event", specs=event.checks),)
        return self._checks((self._general, *own))

    def _checks(self, layers: tuple[Layer, ...]) -> tuple[Check, ...]:
        """All but those that only a hook knows which was not asked."""
        found = in_force(layers, around=self._around).checks
        return tuple(
            check for check in found if not (isinstance(check, Own) and check.function is not_here)
        )


def _pair(asked: Asked, reply: Reply | None) -> Pair:
    if reply is None:
        return Pair(baseline=asked.original, replayed=asked.original, live=False)
    return Pair(
        baseline=asked.original,
        replayed=replayed_event(asked.original, reply, target=asked.target.name),
        live=True,
        unmeasured=_LATE if reply.lagged else None,
    )


def _failed(asked: Asked, error: LlmReplayError) -> ReplayResult:
    return ReplayResult(
        original=asked.original,
        replayed=None,
        comparison=Comparison(outcome=_outcome_of(error), error=str(error), fails=True),
        target=asked.target.name,
        changed=asked.changed,
        error_message=str(error),
    )


def _outcome_of(error: LlmReplayError) -> Outcome:
    if isinstance(error, NotReplayed):
        return "not_replayed"
    return "not_run" if isinstance(error, NotRun) else "error"
