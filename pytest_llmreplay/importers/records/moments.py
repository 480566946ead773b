"""Moments in the spellings of logs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from pytest_llmreplay.event import Json

__all__ = ["at_of", "moment_of", "seconds_between", "seconds_of"]

_MILLISECONDS = 100_000_000_000
"""A count of seconds since 1970 that is larger counts milliseconds."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def moment_of(value: Json) -> datetime | None:
    """The moment that a log tells: ISO 8601 with or without its zone, or a count since 1970.

    A count is one of seconds, or of milliseconds where it is too large for that. Without a zone
    it is UTC, as the databases of logs write it.
    """
    if isinstance(value, bool) or value is None:
        return None
    try:
        return _counted(float(value)) if isinstance(value, int | float) else _read(value)
    except (ValueError, OverflowError, TypeError):
        return None


def at_of(moment: datetime | None) -> str | None:
    """A moment as events write it: UTC, milliseconds."""
    if moment is None:
        return None
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def seconds_between(start: datetime | None, end: datetime | None) -> float | None:
    """How long it took; none where one is unknown, or the end comes first."""
    if start is None or end is None or end < start:
        return None
    return round((end - start).total_seconds(), 6)


def seconds_of(milliseconds: Json) -> float | None:
    """Seconds of a count of milliseconds; none where it is none, negative, or beyond all floats."""
    if isinstance(milliseconds, bool) or not isinstance(milliseconds, int | float):
        return None
    try:
        return round(milliseconds / 1000, 6) if milliseconds >= 0 else None
    except OverflowError:
        return None


def _read(text: Json) -> datetime:
    read = datetime.fromisoformat(str(text))
    return (read if read.tzinfo else read.replace(tzinfo=UTC)).astimezone(UTC)


def _counted(count: float) -> datetime:
    return _EPOCH + timedelta(seconds=count / 1000 if count > _MILLISECONDS else count)
