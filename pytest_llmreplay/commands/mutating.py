"""`pytest-llmreplay check --mutate`: the checks in force, tried on simulated faults."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Sequence
from contextlib import redirect_stdout
from pathlib import Path

from pytest_llmreplay.replay.mutation import mutation_score
from pytest_llmreplay.report.mutation import mutation_json, mutation_lines

from .command import Exit
from .event_checks import EventChecks
from .project import Project

__all__ = ["mutate"]


def mutate(
    cassettes: Sequence[Path],
    project: Project,
    *,
    checks: Sequence[str],
    least: float | None,
    as_json: bool,
) -> Exit:
    """Print the score; a finding where it is below `least` percent.

    Args:
        cassettes: Whose events are judged.
        project: Its ini keys and config files ask for checks.
        checks: Of the command line; they take the place of the project's.
        least: The lowest score that is good enough; without, any is.
        as_json: Whether to print JSON.

    Raises:
        CassetteDamaged: A cassette cannot be read.
        ConfigError: A check cannot be read, or a user's cannot be loaded.
    """
    events = EventChecks(project, tuple(checks))
    with redirect_stdout(sys.stderr):  # what checks of users print is no part of the report
        score = mutation_score(events.of(cassettes))
    sources = events.sources()
    if as_json:
        print(json.dumps(mutation_json(score, sources), indent=2))
    else:
        width = shutil.get_terminal_size().columns
        print("\n".join(mutation_lines(score, sources, width)))
    reached = least is None or (score.percent is not None and score.percent >= least)
    return Exit.OK if reached else Exit.FINDING
