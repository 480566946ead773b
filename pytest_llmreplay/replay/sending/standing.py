"""Whether an endpoint is asked on: not where many calls in a row show that none is answered."""

from __future__ import annotations

from pytest_llmreplay.replay.calls.outgoing import Outgoing
from pytest_llmreplay.replay.calls.result import CallFailed, NotRun, Reply
from pytest_llmreplay.replay.calls.retry import THROTTLED

__all__ = ["ENOUGH", "Standing"]

ENOUGH = 16
"""Calls in a row, each with all its attempts, after which no other is made."""
_REFUSED = THROTTLED | {401}
"""Statuses in the end of a call that do not depend on its request: no key, no quota."""
_UNREACHED = frozenset({"connect", "dns", "tls"})


class Standing:
    """What came of the last calls to one endpoint."""

    def __init__(self) -> None:
        self._row = 0
        self._answered = False
        self._why = ""

    def note(self, outcome: Reply | CallFailed) -> None:
        """Take over what came of a call in the end.

        A host that has answered once may come back, so that it is asked on.
        """
        if isinstance(outcome, Reply):
            self._answered = True
            refused = outcome.status in _REFUSED
            self._row = self._row + 1 if refused else 0
            self._why = f"HTTP {outcome.status}"
        elif outcome.kind in _UNREACHED and not self._answered:
            self._row += 1
            self._why = outcome.problem

    def refuse_hopeless(self, outgoing: Outgoing, target: str) -> None:
        """Make no call where it would only be one more that fails.

        Raises:
            NotRun: Enough calls have failed.
        """
        if self._row >= ENOUGH:
            raise NotRun(
                f"{target} at {outgoing.endpoint.host} is asked no more, as {ENOUGH} calls in "
                f"a row failed: {self._why}"
            )
