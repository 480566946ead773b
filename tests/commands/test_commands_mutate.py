"""`pytest-llmreplay check --mutate` says which regressions a set of checks would miss."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from made_cassettes import cassette, event
from shell import inside

from pytest_llmreplay.cli import main

ROOT = Path(__file__).parents[2]
AGENT = "cassettes/examples/test_refund_agent"
FAULTS = ["tool-changed", "broken-json", "truncated", "wording"]

Mutate = Callable[..., tuple[int, Any]]


@pytest.fixture
def mutate(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Mutate:
    """Run the command in an empty project; its exit code, and its report as JSON."""
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")

    def run(*words: str, as_json: bool = True) -> tuple[int, Any]:
        code = main(["check", "--mutate", *words, *(["--json"] if as_json else [])])
        said = capsys.readouterr()
        if said.err:
            return code, said.err
        return code, json.loads(said.out) if as_json else said.out

    return run


def keep(*events: str, folder: str = "cassettes", **header: Any) -> None:
    """Write a cassette."""
    path = Path(folder) / "test_it.yaml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(cassette(*events, **header), encoding="utf-8")


def long_event() -> str:
    """An event whose answer has thirty tokens."""
    return event(1).replace("_tokens: 3,", "_tokens: 30,").replace('_tokens": 3,', '_tokens": 30,')


def fault(report: Any, name: str) -> Any:
    """What the report says of one fault."""
    return next(one for one in report["faults"] if name == one["fault"])


def test_it_says_what_a_replay_would_say(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of each fault as many events are caught as fail when the simulated model really answers."""
    monkeypatch.chdir(ROOT)
    models = [word for name in FAULTS for word in ("--llm-model", f"simulated/{name}")]
    replay = ("--llm-replay", "--llm-check", "tool_calls:contract", *models)
    done = pytester.runpytest_inprocess("-p", "no:cacheprovider", "-q", "-rf", AGENT, *replay)
    failed = Counter(
        re.findall(r"^FAILED \S+\[simulated/([\w-]+)\]", done.stdout.str(), re.MULTILINE)
    )
    words = ("check", AGENT, "--mutate", "--check", "tool_calls:contract", "--json")
    told = inside(*words, cwd=ROOT)
    report = json.loads(told.stdout)
    assert 0 == told.returncode
    assert dict(failed) == {
        name: fault(report, name)["caught"] for name in FAULTS if fault(report, name)["caught"]
    }


def test_a_missed_fault_names_examples_and_the_check(mutate: Mutate) -> None:
    """What a set misses stands with node ids and with the mildest check that catches it."""
    keep(event(1, name="greet"), event(2), event(3), event(4))
    report = mutate("--check", "tool_calls:names")[1]
    refused = fault(report, "refusal")
    assert (4, 0, 4) == (refused["applied"], refused["caught"], refused["missed"])
    assert [
        "cassettes/test_it.yaml::0001-greet",
        "cassettes/test_it.yaml::0002",
        "cassettes/test_it.yaml::0003",
    ] == refused["examples"]
    assert {"check": "refusal", "catches": 4} == refused["remedy"]
    assert {"check": "answered", "catches": 4} == fault(report, "truncated")["remedy"]


def test_a_fault_that_finds_nothing_to_spoil_does_not_count(mutate: Mutate) -> None:
    """Words alone have no tool call to drop and no JSON to break."""
    keep(event(1))
    report = mutate()[1]
    for name in ("tool-dropped", "tool-changed", "broken-json"):
        assert 0 == fault(report, name)["applied"]
    assert report["applied"] == sum(one["applied"] for one in report["faults"] if one["scored"])
    assert not fault(report, "wording")["scored"]


def test_a_fault_below_the_floor_of_every_budget_does_not_count(mutate: Mutate) -> None:
    """Else no set of checks could reach 100 % where a recording is quick and short."""
    keep(event(1).replace("duration: 1.5", "duration: 0.05"))
    words = ("--check", "contract", "--check", "latency<=5x", "--check", "output_tokens<=2x")
    report = mutate(*words)[1]
    assert (0, 0) == (fault(report, "slow")["applied"], fault(report, "verbose")["applied"])
    assert 100 == report["score"]
    keep(long_event())
    report = mutate(*words)[1]
    assert (1, 1) == (fault(report, "slow")["caught"], fault(report, "verbose")["caught"])


def test_a_check_that_only_reports_catches_nothing(mutate: Mutate) -> None:
    """With `warn:` the run stays green; that the check would have spoken is counted apart."""
    keep(event(1))
    slow = fault(mutate("--check", "answered", "--check", "warn:latency<=2x")[1], "slow")
    assert (0, 1, 1) == (slow["caught"], slow["missed"], slow["reported"])
    assert 1 == fault(mutate("--check", "latency<=2x")[1], "slow")["caught"]


def test_checks_that_refer_to_the_project(mutate: Mutate, tmp_path: Path) -> None:
    """A schema file of the project is read."""
    (tmp_path / "answer.json").write_text('{"type": "object"}')
    keep(event(1))
    code, report = mutate("--check", "answered", "--check", "warn:schema:answer.json")
    assert 0 == code
    assert ["command line"] * 2 == [one["source"] for one in report["checks"]]
    assert report["caught"] > 0


def test_checks_come_from_where_a_replay_takes_them(mutate: Mutate, tmp_path: Path) -> None:
    """Default, ini, config, command line; then the cassette's, and an event's in their place."""
    keep(event(1), event(2, checks=["refusal"]), checks=["finish_reason"])

    def sources() -> list[tuple[str, str, int | None]]:
        found = mutate()[1]["checks"]
        return [(one["check"], one["source"], one["events"]) for one in found]

    own = [("finish_reason", "cassette header", 1), ("refusal", "event", 1)]
    assert [("exact", "default", None), *own] == sources()
    (tmp_path / "pytest.ini").write_text("[pytest]\nllm_checks =\n    answered\n")
    assert [("answered", "ini", None), *own] == sources()
    (tmp_path / "llmreplay.yaml").write_text("checks: contract\n")
    assert [("contract", "config", None), *own] == sources()
    typed = mutate("--check", "model")[1]["checks"]
    assert {"check": "model", "source": "command line", "events": None} == typed[0]


def test_events_that_prove_nothing_are_told(mutate: Mutate) -> None:
    """A recorded error is not replayed, and what fails unchanged says nothing of faults."""
    keep(event(1), event(2, status=429), event(3, checks=["tokens<=4"]))
    report = mutate()[1]
    assert 1 == report["events"]
    assert {"recorded error": 1} == report["left_out"]
    assert ["cassettes/test_it.yaml::0003"] == report["failing"]


@pytest.mark.parametrize(("least", "code"), [("0", 0), ("75", 0), ("75.1", 1), ("100", 1)])
def test_least(mutate: Mutate, least: str, code: int) -> None:
    """A score below the least one is a finding."""
    keep(long_event())
    found, report = mutate("--check", "finish_reason", "--check", "text", "--least", least)
    assert 75 == report["score"]
    assert code == found


def test_nothing_to_spoil_is_no_score(mutate: Mutate) -> None:
    """Where no fault applies there is no percentage, and no least one is reached."""
    keep(event(1, status=500))
    code, report = mutate("--least", "0")
    assert (1, None) == (code, report["score"])
    assert "mutation score: none; 0 events" in mutate(as_json=False)[1]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--check", "txt"], "--check: unknown check 'txt'; did you mean 'text'?"),
        (["--least", "101"], "--least: 101 is no percentage; write 0 to 100"),
        (["--least", "nan"], "--least: nan is no percentage; write 0 to 100"),
        (["--fix"], "--fix: --mutate changes and compares no files; leave one out"),
        (["--diff", "main"], "--diff: --mutate changes and compares no files; leave one out"),
    ],
)
def test_wrong_use(mutate: Mutate, words: list[str], said: str) -> None:
    """One clear message, and exit code 2."""
    keep(event(1))
    code, told = mutate(*words)
    assert 2 == code
    assert told.startswith(f"pytest-llmreplay: {said}")


def test_wrong_files(mutate: Mutate, tmp_path: Path) -> None:
    """Damage and unreadable checks are named by their place."""
    keep(event(1).replace("status: 200", "status: fine"))
    code, told = mutate()
    assert 2 == code
    assert "test_it.yaml:14: response.status: expected a whole number" in told
    keep(event(1, checks=["txt"]))
    assert "cassettes/test_it.yaml:3: checks: unknown check 'txt'" in mutate()[1]
    (tmp_path / "llmreplay.yaml").write_text("gate: {}\nchecks: txt\n")
    assert "llmreplay.yaml:2: checks: unknown check 'txt'" in mutate()[1]


@pytest.mark.parametrize("flag", ["--check=text", "--least=5"])
def test_what_only_mutate_takes(
    flag: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """An option that would do nothing is refused."""
    monkeypatch.chdir(tmp_path)
    assert 2 == main(["check", flag])
    assert f"{flag.partition('=')[0]}: only --mutate runs checks; add it" in capsys.readouterr().err


def test_the_same_again(mutate: Mutate) -> None:
    """Faults fall the same way in every run."""
    keep(event(1), event(2, says="Take 3 wheels, because the order is large."))
    assert mutate("--check", "tool_calls") == mutate("--check", "tool_calls")
