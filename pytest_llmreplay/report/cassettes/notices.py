"""What a run of tests says of their cassettes at its end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from pytest_llmreplay.playback.commit import counted

__all__ = ["notice_lines"]

_MOST = 10
"""Lines of one kind that are all shown."""
_FIRST = 3
"""Lines that are shown where there are more."""

_Counts = Mapping[str, int]


def notice_lines(notices: Mapping[str, _Counts | None], *, whole: bool) -> list[str]:
    """The sentences; where many say the same of different tests, only the first of them.

    Args:
        notices: Sentences, each of a recording with its events by what became of them, which are
            none where a test has made no call.
        whole: Whether to show all.
    """
    written = [text for text, counts in notices.items() if counts]
    empty = [text for text, counts in notices.items() if counts is not None and not counts]
    if whole:
        return list(notices)
    sums = Counter[str]()
    for text in written[_FIRST:]:
        sums.update(notices[text] or {})
    lines = _shortened(list(notices), written, f"cassettes: {counted(sums)}")
    return _shortened(lines, empty, "tests recorded 0 events")


def _shortened(lines: Sequence[str], alike: Sequence[str], what: str) -> list[str]:
    """The lines with one in the place of all but the first of those that are alike."""
    if len(alike) <= _MOST:
        return list(lines)
    left = set(alike[_FIRST:])
    place = lines.index(alike[_FIRST])
    more = f"and {len(left)} more {what} (-v tells of each)"
    after = [line for line in lines[place:] if line not in left]
    return [*lines[:place], more, *after]
