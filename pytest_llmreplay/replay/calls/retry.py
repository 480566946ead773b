"""When a call is tried again, and how long to wait before: rules without a clock of their own."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from random import Random
from typing import Literal

from pytest_llmreplay.event import FIRST_ERROR, FIRST_SERVER_ERROR

from .result import CallFailed, Reply

__all__ = ["THROTTLED", "Decision", "RetryRules", "told_to_wait"]

THROTTLED = frozenset({429, 529})
"""Statuses that mean: later."""
RETRIED = frozenset({408, 409})
RETRIED_FAILURES = frozenset({"connect", "unanswered", "stale", "dns", "cut"})
FINAL_CODES = frozenset(
    {"insufficient_quota", "billing_hard_limit_reached", "credit_balance_too_low"}
)
"""Words of a 429 that no waiting cures."""

FIRST_PAUSE = 0.5
LONGEST_PAUSE = 8.0
BELIEVED = 3
"""Times that a server which throttles may name a wait shorter than `FIRST_PAUSE`, and be wrong."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What to do after an attempt."""

    action: Literal["keep", "again", "throttled"]
    """`keep` the outcome, try `again` as one of the retries, or wait because of `throttled`."""
    pause: float = 0.0
    """Seconds to wait before the next attempt."""


KEEP = Decision(action="keep")


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryRules:
    """How often a call is tried again, and how patiently.

    Throttling is no failure of the call: its waits do not count as retries, but are bounded.
    """

    retries: int = 2
    longest_wait: float = 60.0
    """Seconds; a server may ask for more, it is not given more."""
    throttled_total: float = 600.0
    """Seconds that one call may spend waiting because of throttling."""
    seed: int = 0

    def decide(
        self, outcome: Reply | CallFailed, *, failures: int, waits: int, waited: float, number: int
    ) -> Decision:
        """What to do after an attempt.

        Args:
            outcome: What the attempt gave.
            failures: Attempts that failed before, throttled ones apart.
            waits: Attempts that were throttled before.
            waited: Seconds already spent because of throttling.
            number: Place of the call in the run, so that calls do not return in step.
        """
        if isinstance(outcome, CallFailed):
            again = outcome.kind in RETRIED_FAILURES and failures < self.retries
            return self._again(failures, number) if again else KEEP
        retry_after = told_to_wait(outcome.headers)
        if outcome.status in THROTTLED and not _final(outcome):
            pause = self._pause(retry_after, waits, number)
            if waits >= BELIEVED and pause < FIRST_PAUSE:
                pause = self._pause(None, waits - BELIEVED, number)
            enough = waited + pause > self.throttled_total
            return KEEP if enough else Decision(action="throttled", pause=pause)
        if failures < self.retries and _worth_a_retry(outcome):
            return Decision(action="again", pause=self._pause(retry_after, failures, number))
        return KEEP

    def _again(self, failures: int, number: int) -> Decision:
        return Decision(action="again", pause=self._pause(None, failures, number))

    def _pause(self, retry_after: float | None, before: int, number: int) -> float:
        if retry_after is not None:
            return min(retry_after, self.longest_wait)
        grown = min(FIRST_PAUSE * 2.0 ** min(before, 10), LONGEST_PAUSE)
        seed = f"{self.seed}:{number}:{before}"  # the same run waits the same
        return grown * (1 - 0.25 * Random(seed).random())  # noqa: S311 - it protects no secret


def told_to_wait(headers: Mapping[str, str], now: datetime | None = None) -> float | None:
    """Seconds that `retry-after-ms` or `retry-after` (seconds or a date) ask for."""
    milliseconds = _seconds(headers.get("retry-after-ms", ""))
    if milliseconds is not None:
        return milliseconds / 1000
    text = headers.get("retry-after", "")
    seconds = _seconds(text)
    return seconds if seconds is not None else _until(text, now or datetime.now(UTC))


def _seconds(text: str) -> float | None:
    try:
        seconds = float(text)
    except ValueError:
        return None
    return seconds if 0 <= seconds < float("inf") else None


def _until(text: str, now: datetime) -> float | None:
    try:
        date = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    date = date if date.tzinfo else date.replace(tzinfo=UTC)
    return max(0.0, (date - now).total_seconds())


def _worth_a_retry(reply: Reply) -> bool:
    wish = reply.headers.get("x-should-retry")
    if wish in {"true", "false"}:
        return wish == "true" and reply.status >= FIRST_ERROR
    return reply.status in RETRIED or reply.status >= FIRST_SERVER_ERROR


def _final(reply: Reply) -> bool:
    if reply.headers.get("x-should-retry") == "false":
        return True
    try:
        error = json.loads(reply.body)["error"]
        return bool(FINAL_CODES & {error.get("code"), error.get("type")})
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return False
