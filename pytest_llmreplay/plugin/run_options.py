"""The options of runs that are kept."""

from __future__ import annotations

from pathlib import Path

import pytest

__all__ = ["RUN_FLAGS", "add_run_options", "runs_directory"]

RUN_FLAGS = ("--llm-rejudge", "--llm-resume", "--llm-runs")


def add_run_options(parser: pytest.Parser) -> None:
    """Add what says where runs are kept, and what is taken over from an earlier one."""
    option = parser.getgroup("llmreplay").addoption
    option(
        "--llm-runs",
        metavar="DIR",
        dest="llm_runs",
        default=None,
        help="Where run files are kept (default: .llmreplay/runs).",
    )
    option(
        "--llm-resume",
        action="store_true",
        dest="llm_resume",
        default=False,
        help="Take over what the last unfinished run of the same selection already has.",
    )
    option(
        "--llm-rejudge",
        metavar="RUN",
        dest="llm_rejudge",
        default=None,
        help="Judge the answers of a stored run again, by today's checks; nothing is sent.",
    )
    parser.addini("llm_runs", "Where run files are kept (default: .llmreplay/runs).", default=None)


def runs_directory(config: pytest.Config) -> Path | None:
    """Where the user wants run files, if that was said."""
    typed, listed = config.getoption("llm_runs"), config.getini("llm_runs")
    if typed:
        return config.invocation_params.dir / str(typed)
    return config.rootpath / str(listed) if listed else None
