"""The options and ini keys: names, defaults and the sentences of `pytest --help`."""

from __future__ import annotations

import pytest

from .check_options import CHECK_FLAGS, add_check_ini_keys, add_check_options
from .fresh_options import FRESH_FLAGS, add_fresh_ini_keys, add_fresh_options
from .gate_options import GATE_FLAGS, add_gate_ini_keys, add_gate_options
from .money_options import MONEY_FLAGS, MONEY_FLAGS_OF_TESTS, add_money_options
from .option_kinds import Options, number, one_of
from .run_options import RUN_FLAGS, add_run_ini_keys, add_run_options

__all__ = ["RECORD_MODES", "UNUSED", "add_ini_keys", "add_options", "refuse_strays"]

RECORD_MODES = ("none", "once", "new", "update", "all")
HISTORIES = ("recorded", "replayed")
UNUSED = ("ignore", "warn", "fail")

_REPLAY_ONLY = (
    *MONEY_FLAGS,
    *CHECK_FLAGS,
    *FRESH_FLAGS,
    "--llm-accept",
    "--llm-allow",
    "--llm-base-url",
    "--llm-check",
    "--llm-check-only",
    "--llm-concurrency",
    "--llm-filter",
    "--llm-history",
    "--llm-judge",
    "--llm-model",
    "--llm-retries",
    "--llm-set",
    "--llm-timeout",
    "--llm-variant",
    *RUN_FLAGS,
    *GATE_FLAGS,
)


_OF_TESTS_TOO = frozenset(
    (
        *MONEY_FLAGS_OF_TESTS,
        "--llm-allow",
        "--llm-base-url",
        "--llm-concurrency",
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


def add_options(parser: pytest.Parser) -> None:
    """Add every `--llm-*` option; none of them but those that name a value takes one."""
    add = Options(parser.getgroup("llmreplay", "record, play back and replay LLM calls"))
    _add_jobs(add)
    _add_what_is_sent(add)
    _add_checks(add)
    add_check_options(add)
    _add_calls(add)
    add_fresh_options(add)
    add_money_options(add)
    add_gate_options(add)
    _add_surroundings(add)
    add_run_options(add)


def _add_jobs(add: Options) -> None:
    """Whether tests are run or cassettes are replayed, and what is recorded."""
    add.switch(
        "--llm-record",
        "Record: calls that match their cassette are played, the others are asked live and "
        "recorded, what a passing test no longer uses is dropped. With --llm-replay: accept "
        "every answer of the run.",
    )
    add.value(
        "--llm-record-mode",
        "MODE",
        "What a test does with calls that its cassette does not hold: none (default, they fail), "
        "once (record when there is no cassette), new (keep and add), update (as --llm-record), "
        "all (ask everything again).",
        one_of("--llm-record-mode", RECORD_MODES),
    )
    add.value(
        "--llm-cassettes",
        "DIR",
        "Root of the cassettes, relative to the test's project directory (default: cassettes).",
    )
    add.switch(
        "--llm-replay", "Collect cassettes instead of test functions and replay their events."
    )
    add.switch(
        "--llm-replay-tests",
        "Run the test functions themselves, every LLM call sent to the target that --llm-model "
        "names: the tests' own assertions judge.",
    )


def _add_what_is_sent(add: Options) -> None:
    """Which events a replay sends, where, and with what changed."""
    add.repeated(
        "--llm-model",
        "MODEL",
        "Target of a replay: recorded (default, offline), same (the recorded model, live), "
        "[PROVIDER/]MODEL, a target of the config file, or simulated/NAME. May be repeated.",
    )
    add.value("--llm-base-url", "URL", "Endpoint of the targets that --llm-model gives.")
    add.repeated(
        "--llm-set",
        "KEY=YAML",
        "Parameter to set in every request that is replayed, such as temperature=0; null removes "
        "it. May be repeated.",
    )
    add.repeated(
        "--llm-filter",
        "KEY=GLOB",
        "Events that are replayed, by prompt, session, path, model, provider, api, status (ok, "
        "error) or label.NAME. May be repeated: one of each key has to fit.",
    )
    add.repeated(
        "--llm-variant",
        "GLOB",
        "Variants to send the requests in: names of `variants:` and of the combinations of "
        "`prompts:` in the config file; none is the requests as recorded. May be repeated.",
    )


def _add_checks(add: Options) -> None:
    """What answers are judged by."""
    add.repeated(
        "--llm-check",
        "SPEC",
        "Check to compare with, in place of the default set; checks of a cassette stay. Prefix "
        "warn: only reports. May be repeated.",
    )
    add.value(
        "--llm-judge",
        "MODEL",
        "Target that judges the answers of a replay; without a judge check it only reports.",
    )
    add.switch("--llm-check-only", "Let --llm-check replace the checks of cassettes too.")


def _add_calls(add: Options) -> None:
    """How calls are made, and what becomes of their answers."""
    add.value(
        "--llm-concurrency",
        "N",
        "Calls in flight per target (default: 16).",
        number("--llm-concurrency", int, lowest=1),
    )
    add.value(
        "--llm-timeout",
        "S",
        "Seconds that one attempt of a replayed call may take (default: 600).",
        number("--llm-timeout", float, lowest=0.001),
    )
    add.value(
        "--llm-retries",
        "N",
        "Further attempts of a replayed call after 408, 409, 429, 5xx or a lost connection "
        "(default: 2).",
        number("--llm-retries", int, lowest=0),
    )
    add.repeated(
        "--llm-allow",
        "NAME",
        "Replay bodies with this hosted tool or stored state of the account. May be repeated.",
    )
    add.switch(
        "--llm-accept",
        "Store the answers whose checks hold as accepted baselines of their target.",
    )
    add.value(
        "--llm-history",
        "WHOSE",
        "Whose words the earlier turns of a session are in its later requests: recorded "
        "(default), or replayed, those of the target itself.",
        one_of("--llm-history", HISTORIES),
    )


def _add_surroundings(add: Options) -> None:
    """What holds for tests and replays alike."""
    add.value(
        "--llm-unused",
        "WHAT",
        "Events that a passing test did not play: ignore, warn or fail (default).",
        one_of("--llm-unused", UNUSED),
    )
    add.value(
        "--llm-config",
        "FILE",
        "Config file with targets and checks (default: the nearest llmreplay.yaml above a "
        "cassette).",
    )


def add_ini_keys(parser: pytest.Parser) -> None:
    """Add every `llm_*` ini key."""
    parser.addini("llm_cassettes", "Root of the cassettes (default: cassettes).", default=None)
    parser.addini("llm_checks", "Checks of a replay.", type="linelist", default=[])
    add_check_ini_keys(parser)
    add_fresh_ini_keys(parser)
    parser.addini("llm_config", "Config file (default: llmreplay.yaml).", default=None)
    add_gate_ini_keys(parser)
    add_run_ini_keys(parser)
    parser.addini("llm_unused", "Events that a passing test did not play.", default=None)
    parser.addini(
        "llm_on_loss",
        "What is done about an event that loses something when it is converted for a target of "
        "another API format: fail, warn or ignore for all losses, and CODE=WORD for one.",
        type="linelist",
        default=[],
    )
    parser.addini(
        "llm_targets_allow",
        "Providers, hosts and their models (anthropic/claude-*) that targets and judges of this "
        "project may be at; all where it is not set.",
        type="args",
        default=[],
    )
    parser.addini("llm_autouse", "Give every test a cassette.", type="bool", default=False)
    parser.addini(
        "llm_guard",
        "Fail LLM calls outside a cassette (implied by llm_autouse).",
        type="bool",
        default=False,
    )
    parser.addini("llm_hosts", "Further hosts of LLM calls.", type="args", default=[])
    parser.addini(
        "llm_match_ignore",
        "JSON paths of request bodies that do not count when calls are matched.",
        type="linelist",
        default=[],
    )
    parser.addini(
        "llm_match_replace",
        "Regular expressions, as PATTERN => REPLACEMENT, applied to request texts before calls "
        "are matched.",
        type="linelist",
        default=[],
    )
    parser.addini(
        "llm_redact",
        "Personal data to redact in cassettes: email, phone, iban, card, ip, or a regular "
        "expression.",
        type="linelist",
        default=[],
    )
    parser.addini(
        "llm_redact_allow",
        "Hashes of texts that look like secrets and are none.",
        type="args",
        default=[],
    )
