"""What a run can come to, in sentences, before it is paid for."""

from __future__ import annotations

from collections.abc import Iterator

from pytest_llmreplay.compare.statistics.reach import Preflight

from .verdict_figures import paragraph, points

__all__ = ["preflight_lines"]


def preflight_lines(found: Preflight, events: int, samples: int, width: int) -> list[str]:
    """What a run of so many events and samples of each can come to."""
    return paragraph(_sentences(found, events, samples), width)


def _sentences(found: Preflight, events: int, samples: int) -> Iterator[str]:
    if found.smallest_drop is not None:
        drop = points(found.smallest_drop)
        yield f"This run sees a drop of {drop} points at least 8 times in 10."
    if found.ok_when_unchanged:
        return
    if found.ok_in_reach:
        yield "It may well not end as ok although nothing changed."
    else:
        answers = f"{events * samples:,} answers" if events * samples > 1 else "one answer"
        yield f"It cannot end as ok: that takes more than {answers}, all of which hold."
    yield _would_do(found.samples_for_ok)


def _would_do(samples: int | None) -> str:
    if samples is None:
        return "No number of samples up to 100 would do: add events, or widen the margin."
    return f"--llm-samples {samples} would do."
