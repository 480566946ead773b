"""Options that would do nothing are refused: silence would look like a replay that passed."""

from __future__ import annotations

import pytest

from pytest_llmreplay.plugin.options import add_options

OF_RECORDINGS_TOO = {
    "--llm-cassettes",
    "--llm-config",
    "--llm-record",
    "--llm-record-mode",
    "--llm-replay",
    "--llm-replay-tests",
    "--llm-unused",
}
VALUES = {
    "SEVERITY": "wording",
    "GATE": "run",
    "WHOSE": "replayed",
    "N": "2",
    "S": "2",
    "SHARE": "0.1",
    "USD": "2",
}


def metavars() -> dict[str, str | None]:
    """What each option takes; none where it takes nothing."""
    parser = pytest.Parser(_ispytest=True)
    add_options(parser)
    options = parser.getgroup("llmreplay").options
    return {option.names()[0]: option.attrs().get("metavar") for option in options}


def test_every_option_of_a_replay_is_refused_without_one(pytester: pytest.Pytester) -> None:
    """Whatever its value is, as long as it could be one."""
    flags = metavars()
    assert flags.keys() > OF_RECORDINGS_TOO
    for flag in flags.keys() - OF_RECORDINGS_TOO:
        metavar = flags[flag]
        value = () if metavar is None else (VALUES.get(metavar, "words"),)
        result = pytester.runpytest_inprocess("--collect-only", flag, *value)
        result.stderr.fnmatch_lines(f"ERROR: {flag} is an option of a replay: *")


def test_no_option_takes_an_empty_value(pytester: pytest.Pytester) -> None:
    """`--llm-base-url=$URL` with a variable that is not set would pass a replay of nothing."""
    for flag in (flag for flag, metavar in metavars().items() if metavar):
        result = pytester.runpytest_inprocess("--llm-replay", f"{flag}=")
        assert pytest.ExitCode.USAGE_ERROR == result.ret
        result.stderr.fnmatch_lines(f"*error: argument {flag}: '' *")
