"""What is said of the runs that are kept: before the first call, and in the summary."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from pytest_llmreplay.compare.figures.numbers import many
from pytest_llmreplay.report.calls.place import COLUMN
from pytest_llmreplay.runs.stored import StoredRun

__all__ = ["earlier_lines", "kept_lines"]

_KEPT = "kept as"


def earlier_lines(
    earlier: Sequence[StoredRun], answers: int, *, judges_again: bool
) -> Iterator[str]:
    """How many answers are at hand, and what could not be read.

    Args:
        earlier: The runs that have them, the newest first.
        answers: How many they have to what is asked now.
        judges_again: Whether nothing is asked, and what is stored is judged again.
    """
    if earlier:
        more = f" and {len(earlier) - 1} before it have" if len(earlier) > 1 else " has"
        use = _judged_again(answers) if judges_again else _not_asked(answers)
        yield f"{earlier[0].header.id}{more} {answers:,} {use}"
    for run in earlier:
        if (damage := run.damage) is not None:
            yield damage


def kept_lines(
    name: str | None,
    *,
    asked: int,
    taken: Mapping[str, int],
    missing: int,
    unjudged: int,
    problem: str | None,
    withheld: int,
) -> Iterator[str]:
    """What became of the answers of a run.

    Args:
        name: Of the run; none where it has no file.
        asked: How many answers it took at most.
        taken: How many of them came from which earlier run.
        missing: How many events were not run.
        unjudged: How many answers a judge was not asked about.
        problem: Why not all of it is kept.
        withheld: How many answers are not kept because a secret shows in them.
    """
    parts = [f"{_KEPT:<{COLUMN}}{name}"] if name else []
    parts += [
        f"{count:,} of {asked:,} answers taken over from {run}" for run, count in taken.items()
    ]
    if parts:
        yield " \u00b7 ".join(parts)
    left = [f"{_were(missing, 'event')} not run"] if missing else []
    left += [f"{_were(unjudged, 'answer')} not judged"] if unjudged else []
    if name and left:
        yield f"{', '.join(left)}: the same command with --llm-resume goes on from here"
    if problem:
        yield f"not all of this run is kept: {problem}"
    if withheld:
        kept, them = ("answer is", "it") if withheld == 1 else ("answers are", "them")
        yield f"{withheld:,} {kept} not kept: a secret shows in {them}"


def _were(count: int, what: str) -> str:
    return f"{many(count, what)} {'was' if count == 1 else 'were'}"


def _judged_again(answers: int) -> str:
    return "answer that is judged again" if answers == 1 else "answers that are judged again"


def _not_asked(answers: int) -> str:
    one = answers == 1
    return f"answer{'' if one else 's'} that need{'s' if one else ''} not be asked for again"
