"""Before `--llm-gate run` tells a regression, the recorded model is asked anew, and judged."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from gated_project import SPOILT, Gated, said
from judges import Asked, asked, config, judging, prefers
from servers.provider_server import ProviderServer
from shell import inside

CHECK = ("--llm-check=judge>=-0.1", "--llm-check-only", "--llm-retries=0")
WORSE = ("--llm-model=openai/worse", "--llm-gate=run", *CHECK, "--llm-samples=2")


@pytest.fixture(autouse=True)
def _named(gate: Gated, monkeypatch: pytest.MonkeyPatch) -> None:
    """The recorded model can be asked: the environment names its server, and no option does."""
    monkeypatch.setenv("OPENAI_BASE_URL", gate.url)
    monkeypatch.setenv("OPENAI_API_KEY", "sk-test-0123456789abcdef0123")


def grader(server: ProviderServer, **price: int) -> dict[str, object]:
    """A judge at a server, which has a price where one is given."""
    known = {"provider": "openai", "model": "judge-1", "base_url": server.openai}
    return {"grader": {**known, **({"price": price} if price else {})}}


@pytest.fixture
def judge(gate: Gated) -> Iterator[ProviderServer]:
    """A judge that compares pairs; the recorded model was calibrated."""
    with ProviderServer(judging(prefers)) as server:
        gate.project.write("llmreplay.yaml", config(server.openai, pairwise=True))
        gate.replay("--llm-calibrate", *CHECK)
        yield server


def test_a_drop_is_told_only_if_fresh_answers_show_it_too(
    gate: Gated, judge: ProviderServer
) -> None:
    """The recorded model has become as bad since it was calibrated: nobody is to blame."""
    gate.project.run("--llm-replay", *WORSE).stdout.fnmatch_lines(["regression: openai/worse, *"])
    gate.models.recorded = "worse"
    result = gate.project.run("--llm-replay", *WORSE)
    assert "fresh answers of the recorded model do not confirm it" in said(result)


def test_what_it_may_take_is_told_before(gate: Gated, judge: ProviderServer) -> None:
    """By the estimate, the command, and the header of the run, which asks no more than that."""
    gate.models.recorded = "wordy"
    estimate = gate.project.run("--llm-replay", *WORSE, "--llm-estimate")
    told = "120 calls of the recorded model and up to 48 of the judge if a regression is to be"
    assert told in said(estimate)
    typed = ("--model=openai/worse", "--gate=run", "--check=judge>=-0.1", "--samples=2")
    command = inside("estimate", "cassettes", *typed, cwd=gate.project.path)
    assert told in " ".join(command.stdout.split())
    run = gate.project.run("--llm-replay", *WORSE)
    assert "54 calls, up to 48 more if a regression is to be confirmed" in said(run)
    run.stdout.fnmatch_lines(["regression: openai/worse, judge*"])
    assert "24 comparisons with fresh answers of the recorded model bear it out" in said(run)
    trial, first, again = 6, 6, 24  # of answers that are alike nobody is asked
    assert trial + 2 * first + 2 * again == len(judge.seen)


def test_at_a_server_that_an_option_names_there_is_none(gate: Gated, judge: ProviderServer) -> None:
    """Nobody knows whether it has the recorded model, so that nothing is told of it."""
    estimate = gate.replay(*WORSE, "--llm-estimate")
    assert "input tokens" in said(estimate)
    assert "to be confirmed" not in said(estimate)


def test_it_costs_no_more_than_the_money(gate: Gated, judge: ProviderServer) -> None:
    """What is left unasked bears no drop out, and is told."""
    paid = config("", targets=grader(judge, input=1000, output=0), pairwise=True)
    gate.project.write("llmreplay.yaml", paid)
    gate.models.recorded = "wordy"
    short = gate.project.run("--llm-replay", *WORSE, "--llm-max-cost=1")
    spent = re.search(r"spent \$([\d.]+) of \$1.00", said(short))
    assert spent
    assert f"{12 * len(judge.seen) / 1000:.2f}" == spent[1]
    short.stdout.fnmatch_lines(["inconclusive: openai/worse, judge*"])
    assert "A drop was seen, and could not be confirmed: " in said(short)
    enough = gate.project.run("--llm-replay", *WORSE, "--llm-max-cost=3")
    enough.stdout.fnmatch_lines(["regression: openai/worse, judge*"])


def scores(question: Asked) -> dict[str, object]:
    """Nothing for a spoilt answer, and everything for others."""
    good = SPOILT not in question.answer and "Note to the grader" not in question.answer
    return {"explanation": "By its worth.", "score": float(good)}


def test_only_fresh_answers_that_were_judged_bear_a_drop_out(gate: Gated) -> None:
    """Where each answer is scored by itself, too, and the money ended before all were."""
    with ProviderServer(judging(scores)) as server:
        paid = config("", targets=grader(server, input=1000, output=0))
        gate.project.write("llmreplay.yaml", paid)
        gate.replay("--llm-calibrate", *CHECK)
        gate.models.recorded, before = "wordy", len(server.seen)
        short = gate.project.run("--llm-replay", *WORSE, "--llm-max-cost=0.8")
        fresh = [
            one for one in server.seen[before:] if re.search(r"Echo: \d+, ", asked(one).answer)
        ]
        assert 0 < len(fresh) < 120
        assert f"{len(fresh)} fresh answers of the recorded model bear it out" in said(short)
