"""The options of runs that are kept."""

from __future__ import annotations

from pathlib import Path

import pytest

from .option_kinds import Options

__all__ = ["RUN_FLAGS", "add_run_ini_keys", "add_run_options", "runs_directory"]

RUN_FLAGS = ("--llm-rejudge", "--llm-resume", "--llm-runs")


def add_run_options(add: Options) -> None:
    """Add what says where runs are kept, and what is taken over from an earlier one."""
    add.value("--llm-runs", "DIR", "Where run files are kept (default: .llmreplay/runs).")
    add.switch(
        "--llm-resume",
        "Take over what the last unfinished run of the same selection already has.",
    )
    add.value(
        "--llm-rejudge",
        "RUN",
        "Judge the answers of a stored run again, by today's checks; nothing is sent.",
    )


def add_run_ini_keys(parser: pytest.Parser) -> None:
    """Add the ini key of the place."""
    parser.addini("llm_runs", "Where run files are kept (default: .llmreplay/runs).", default=None)


def runs_directory(config: pytest.Config) -> Path | None:
    """Where the user wants run files, if that was said."""
    typed, listed = config.getoption("llm_runs"), config.getini("llm_runs")
    if typed:
        return config.invocation_params.dir / str(typed)
    return config.rootpath / str(listed) if listed else None
