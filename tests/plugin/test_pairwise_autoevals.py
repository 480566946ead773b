"""`judge.pairwise` with a scorer of autoevals, the real library: one that compares two answers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from gated_project import SPOILT, Gated, said
from judges import config
from servers.behaviours import says
from servers.exchange import Exchange
from servers.provider_server import ProviderServer
from shell import inside

pytest.importorskip("autoevals", reason="the extra 'autoevals' is not installed")

CHECK = ("--llm-check=judge>=-0.1", "--llm-check-only", "--llm-retries=0")
WORSE = ("--llm-model=openai/worse", "--llm-gate=run", *CHECK, "--llm-samples=2")
HOOK = """
from autoevals import {0}

def pytest_llmreplay_judge(target):
    return {0}
"""


def prefers(exchange: Exchange) -> Any:
    """Battle's question: is the first response better? Any is, than one that is spoilt."""
    words = exchange.seen.json["messages"][0]["content"]
    first, second = re.findall(r"\[Response \d\]\n *(.*)", words)
    good = [SPOILT not in one and "not want" not in one for one in (first, second)]
    name = exchange.seen.json["tools"][0]["function"]["name"]
    choice = "Yes" if good == [True, False] else "No"
    return says(calls=[(name, {"reasons": "By its worth.", "choice": choice})])(exchange)


@pytest.fixture
def judge(gate: Gated, monkeypatch: pytest.MonkeyPatch) -> Iterator[ProviderServer]:
    """The model that the scorer asks; it has a price."""
    monkeypatch.setenv("OPENAI_API_KEY", "sk-must-not-leave-0123456789abcdef")
    with ProviderServer(prefers) as server:
        grader = {
            "provider": "openai",
            "model": "judge-1",
            "base_url": server.openai,
            "price": {"input": 1000, "output": 0},
        }
        known = config("", targets={"grader": grader}, pairwise=True)
        gate.project.write("llmreplay.yaml", known)
        gate.project.write("conftest.py", HOOK.format("Battle"))
        yield server


def test_it_judges_over_the_run_again_for_free_and_in_both_commands(
    gate: Gated, judge: ProviderServer
) -> None:
    """The estimate says what it is asked at most; a stored run and two of them ask nobody."""
    gate.replay("--llm-calibrate", *CHECK)
    typed = ("--model=openai/worse", "--gate=run", "--check=judge>=-0.1", "--samples=2")
    for text in (
        said(gate.replay(*WORSE, "--llm-estimate")),
        inside("estimate", "cassettes", *typed, cwd=gate.project.path).stdout,
    ):
        assert re.search(r"autoevals\.Battle\s+50 ", text)  # 24 and the trial, in both orders
    result = gate.replay(*WORSE)
    result.stdout.fnmatch_lines(["regression: openai/worse, judge*"])
    assert "preferred it in 0 of 24 comparisons" in said(result)
    assert 2 + 6 * 2 == len(judge.seen)  # of answers that are alike nobody is asked
    assert not any("must-not-leave" in str(seen.headers) for seen in judge.seen)
    again = gate.project.run("--llm-replay", "--llm-rejudge=run-2", *WORSE[1:])
    assert "preferred it in 0 of 24 comparisons" in said(again)
    gate.replay("--llm-model=openai/steady", *WORSE[1:])
    done = inside("compare", "run-3", "run-2", CHECK[0].replace("llm-", ""), cwd=gate.project.path)
    assert (1, "") == (done.returncode, done.stderr)
    assert "judge>=-0.1: the judge scored it too low" in done.stdout
    assert 2 + 6 * 2 == len(judge.seen)


def test_it_keeps_the_limit_of_the_money(gate: Gated, judge: ProviderServer) -> None:
    """What it could not ask is not measured, and the verdict is none."""
    gate.replay("--llm-calibrate", *CHECK)
    short = gate.replay(*WORSE, "--llm-max-cost=0.46")
    spent = re.search(r"spent \$([\d.]+) of \$0.46", said(short))
    assert spent
    assert f"{12 * len(judge.seen) / 1000:.2f}" == f"{float(spent[1]):.2f}"
    assert len(judge.seen) < 2 + 6 * 2
    short.stdout.fnmatch_lines(["inconclusive: openai/worse, judge*"])
    gate.replay(*WORSE, "--llm-max-cost=9").stdout.fnmatch_lines(["regression: openai/worse, *"])


@pytest.mark.parametrize(
    ("scorer", "said_of_it"),
    [
        ("Levenshtein", "*autoevals.Levenshtein: does not say which of two answers is better*"),
        ("ExactMatch", "*autoevals.ExactMatch: does not say which of two answers is better*"),
    ],
)
def test_one_that_compares_nothing_is_refused(
    gate: Gated, judge: ProviderServer, scorer: str, said_of_it: str
) -> None:
    """Before anything is sent: it would find a tie in every pair."""
    gate.project.write("conftest.py", HOOK.format(scorer))
    result = gate.replay("--llm-model=openai/worse", *CHECK)
    assert pytest.ExitCode.USAGE_ERROR == result.ret
    result.stderr.fnmatch_lines([said_of_it])
    assert (0, []) == (gate.models.asked.total(), judge.seen)
