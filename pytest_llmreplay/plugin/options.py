"""The command-line options: names, defaults and the sentences of `pytest --help`.

Every run of pytest loads this, so it declares and reads nothing: `settings` does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .option_kinds import Options, dollars, number, one_of

if TYPE_CHECKING:
    import pytest

__all__ = ["FAIL_ON", "RECORD_MODES", "UNUSED", "add_options"]

RECORD_MODES = ("none", "once", "new", "update", "all")
HISTORIES = ("recorded", "replayed")
UNUSED = ("ignore", "warn", "fail")
GATES = ("each", "run")
FAIL_ON = (
    "equivalent",
    "wording",
    "structure",
    "tool_calls",
    "finish_reason",
    "refusal",
    "budget",
    "error",
    "never",
)
"""The ladder of severities from its first divergence on, which is every one, and none.

Spelt out, as every run of pytest reads its options and most need no comparison.
"""


def add_options(parser: pytest.Parser) -> None:
    """Add every `--llm-*` option; none of them but those that name a value takes one."""
    add = Options(parser.getgroup("llmreplay", "record, play back and replay LLM calls"))
    _add_jobs(add)
    _add_what_is_sent(add)
    _add_checks(add)
    _add_calls(add)
    _add_money(add)
    _add_gate(add)
    _add_runs(add)
    _add_surroundings(add)


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
    add.value(
        "--llm-fail-on",
        "SEVERITY",
        f"From which severity on a divergence fails its event: {', '.join(FAIL_ON)}. Default: any "
        "divergence of a check that is gated.",
        one_of("--llm-fail-on", FAIL_ON),
    )


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
        "Further attempts of a replayed call after 408, 409, 5xx or a lost connection "
        "(default: 2).",
        number("--llm-retries", int, lowest=0),
    )
    add.repeated(
        "--llm-allow",
        "NAME",
        (
            "Replay bodies with this hosted tool or stored state of the account, such as "
            "web_search or file_id; also recorded_errors, embeddings, large_body. May be repeated."
        ),
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


def _add_money(add: Options) -> None:
    """What a run may cost."""
    add.value(
        "--llm-max-cost",
        "USD",
        "What a live run may spend at most: money is set aside before each call, and a call that "
        "does not fit is not made; the run then fails.",
        dollars,
    )
    add.switch(
        "--llm-estimate",
        "With --llm-replay: print calls, tokens and cost per target, and send nothing.",
    )


def _add_gate(add: Options) -> None:
    """How often each event is sent, and how its samples become a verdict."""
    add.value(
        "--llm-samples",
        "N",
        "Send each event N times (default: 1; with --llm-gate run in stages of 1, 2, 3, 5).",
        number("--llm-samples", int, lowest=1),
    )
    add.value(
        "--llm-gate",
        "GATE",
        "How samples become a verdict: each (default, every event passes or fails by its own "
        "samples) or run (events only report, one item per target says ok, regression or "
        "inconclusive).",
        one_of("--llm-gate", GATES),
    )
    add.value(
        "--llm-margin",
        "SHARE",
        "How much worse a target may be than the recorded model for --llm-gate run to say ok "
        "(default: 0.05, five points).",
        number("--llm-margin", float, lowest=0.001, highest=0.99),
    )
    add.switch(
        "--llm-calibrate",
        "Ask the recorded model itself again, 10 times per event or --llm-samples, and keep "
        "how often its own checks hold: the noise floor of --llm-gate run.",
    )


def _add_runs(add: Options) -> None:
    """What is not worth a call any more: stale recordings, and what a kept run already has."""
    add.switch(
        "--llm-fresh",
        "Play the selected tests back first, and replay only events that they still ask for.",
    )
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
