"""Options that do not go together: silence would look like a replay that passed."""

from __future__ import annotations

import pytest

__all__ = ["refuse_record_mode", "refuse_strays"]

_REPLAY_ONLY = (
    "--llm-accept",
    "--llm-allow",
    "--llm-base-url",
    "--llm-calibrate",
    "--llm-check",
    "--llm-check-only",
    "--llm-concurrency",
    "--llm-estimate",
    "--llm-fail-on",
    "--llm-filter",
    "--llm-fresh",
    "--llm-gate",
    "--llm-history",
    "--llm-judge",
    "--llm-margin",
    "--llm-max-cost",
    "--llm-model",
    "--llm-rejudge",
    "--llm-resume",
    "--llm-retries",
    "--llm-runs",
    "--llm-samples",
    "--llm-set",
    "--llm-timeout",
    "--llm-variant",
)
_OF_TESTS_TOO = frozenset(
    (
        "--llm-allow",
        "--llm-base-url",
        "--llm-concurrency",
        "--llm-max-cost",
        "--llm-model",
        "--llm-set",
        "--llm-timeout",
        "--llm-variant",
    )
)
"""Options of a replay that `--llm-replay-tests` takes, too."""
_NOT_WITH_TESTS = ("llm_replay", "llm_record", "llm_record_mode")


def refuse_strays(config: pytest.Config) -> None:
    """Refuse options that do not go together: silence would look like a replay that passed.

    Raises:
        pytest.UsageError: An option of a replay was typed without `--llm-replay`, or one that
            `--llm-replay-tests` leaves no room for.
    """
    typed = {str(word).partition("=")[0] for word in config.invocation_params.args}
    tests = config.getoption("llm_replay_tests")
    other = next((name for name in _NOT_WITH_TESTS if config.getoption(name)), None)
    if tests and other is not None:
        flag = f"--{other.replace('_', '-')}"
        raise pytest.UsageError(
            f"--llm-replay-tests runs the tests live and keeps nothing: leave {flag} out"
        )
    taken = _OF_TESTS_TOO if tests else frozenset()
    stray = next((flag for flag in _REPLAY_ONLY if flag in typed and flag not in taken), None)
    if stray is not None:
        raise pytest.UsageError(
            f"{stray} is an option of a replay: say `pytest --llm-replay {stray} …`"
        )


def refuse_record_mode(config: pytest.Config) -> None:
    """Refuse what says how tests are recorded, where none are run.

    Raises:
        pytest.UsageError: A record mode was given to a replay.
    """
    if config.getoption("llm_record_mode"):
        raise pytest.UsageError(
            "--llm-record-mode says how tests record, and --llm-replay runs none: leave it out; "
            "to keep a replay's answers, say --llm-accept or --llm-record"
        )
