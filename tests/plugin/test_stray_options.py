"""Options that would do nothing are refused: silence would look like a replay that passed."""

from __future__ import annotations

import pytest
from made_cassettes import cassette, event
from projects import Project

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


@pytest.mark.parametrize("mode", ["--llm-record", "--llm-replay"])
@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("llm_autouse", "maybe", "invalid truth value 'maybe'"),
        ("llm_guard", "maybe", "invalid truth value 'maybe'"),
        ("llm_hosts", "'a", "No closing quotation"),
        ("llm_redact_allow", "'a", "No closing quotation"),
        ("llm_targets_allow", "'a", "No closing quotation"),
    ],
)
def test_a_value_that_cannot_be_read_is_told_with_its_key(
    project: Project, mode: str, key: str, value: str, said: str
) -> None:
    """In one line, though pytest itself tells the value alone."""
    project.write("pytest.ini", f"[pytest]\n{key} = {value}\n")
    project.write("cassettes/a.yaml", cassette(event(1)))
    project.tests("@pytest.mark.llm_cassette\ndef test_it(): ...")
    result = project.run(mode)
    assert pytest.ExitCode.USAGE_ERROR == result.ret
    assert f"ERROR: {key}: {said}" in result.errlines
