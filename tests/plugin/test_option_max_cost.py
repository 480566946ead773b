"""`--llm-max-cost`: what a run may spend."""

from __future__ import annotations

import json
import re

import pytest
from made_cassettes import cassette, event
from projects import Project
from servers.behaviours import fails, raw, says


@pytest.fixture
def priced(project: Project) -> Project:
    """Four cassettes of five events, against a target that takes a cent for ten tokens.

    An answer takes 15 tokens, as the server reports; 9 and four times 3 are set aside for it.
    """
    for number in range(4):
        events = [event(one, asks=f"Say {one}", name=f"p{one % 2}") for one in range(1, 6)]
        project.write(f"cassettes/tests/test_app/test_{number}.yaml", cassette(*events))
    price(project, 1000, 1000)
    return project


def price(project: Project, read: float, written: float) -> None:
    """Write the price of the target down, in USD for a million tokens."""
    project.write(
        "llmreplay.yaml",
        f"""
        targets:
          tiny:
            provider: openai
            model: gpt-5-mini
            base_url: {project.server.openai}
            price: {{input: {read}, output: {written}}}
        """,
    )


def spend(project: Project, cap: str, *arguments: str) -> pytest.RunResult:
    """Replay with a limit."""
    base = ("--llm-replay", "--llm-model=tiny", "--llm-check=answered")
    return project.run(*base, f"--llm-max-cost={cap}", *arguments)


def test_a_run_within_its_limit(priced: Project) -> None:
    """Everything is sent, and the summary says what it came to."""
    result = spend(priced, "100")
    assert pytest.ExitCode.OK == result.ret
    assert 20 == len(priced.server.seen)
    by = "at list price (llmreplay.yaml)"
    result.stdout.fnmatch_lines([f"spent $0.30 of $100.00 {by} · 20 calls · *"])


def test_a_run_that_reaches_its_limit(priced: Project) -> None:
    """What does not fit is not sent and counted, and the run is not green."""
    result = spend(priced, "0.1", "-rs")
    assert pytest.ExitCode.TESTS_FAILED == result.ret
    assert 6 == len(priced.server.seen)
    assert 14 == result.parseoutcomes()["skipped"]
    result.stdout.fnmatch_lines(
        [
            "not run * 14",
            "  the money was spent * 14",
            "not run 14: the money was spent",
            "spent $0.090 of $0.10 at list price *",
            "kept as    run-1",
            "14 events were not run: the same command with --llm-resume goes on from here",
            "SKIPPED * not run: the money was spent",
        ]
    )


def test_a_call_that_never_left_costs_nothing(priced: Project) -> None:
    """What was set aside for it goes to the next one."""
    priced.write(
        "conftest.py",
        """
        import itertools, os
        import openai

        calls = itertools.count()

        def token():
            if next(calls) < 15:
                raise RuntimeError("nobody is logged in")
            return "token"

        def pytest_llmreplay_client(target, provider, api):
            return openai.AsyncAzureOpenAI(
                azure_endpoint=os.environ["CHAT_URL"].removesuffix("/v1"),
                api_version="2026-01-01",
                azure_ad_token_provider=token,
            )
        """,
    )
    result = spend(priced, "0.1", "--llm-retries=0", "--llm-concurrency=1")
    result.assert_outcomes(failed=15)
    assert 5 == len(priced.server.seen) == result.parseoutcomes()["changed"]
    result.stdout.fnmatch_lines(["*nobody is logged in*", "spent $0.075 of $0.10 at list price *"])


def test_what_a_capped_run_sends_is_a_fair_sample(priced: Project) -> None:
    """Some of each cassette, though the first alone could take the money."""
    result = spend(priced, "0.2", "-v", "--llm-concurrency=1")
    sent = re.findall(r"test_(\d)\.yaml::.*CHANGED", result.stdout.str())
    assert 12 == len(sent) == len(priced.server.seen)
    assert {2, 3, 4} >= {sent.count(str(number)) for number in range(4)}


@pytest.mark.parametrize(
    ("answer", "sent", "why"),
    [
        ("Of the target.", 2, "the money was spent"),
        ("7" * 400, 1, "one call may cost more than --llm-max-cost"),
    ],
)
def test_a_session_that_runs_freely_stops_where_the_money_ends(
    priced: Project, answer: str, sent: int, why: str
) -> None:
    """Its further turns are not run, those before are judged, and nothing is spent above it.

    What the target has said is read again by the next turn, however short the recorded answer was.
    """
    first, second, third = (
        event(turn, asks="Go on.", body={"messages": [*said(turn - 1), ask(turn)]})
        for turn in range(1, 4)
    )
    talk = priced.write("cassettes/tests/test_talk/test_it.yaml", cassette(first, second, third))
    priced.server.next(says(answer))
    result = spend(priced, "0.05", str(talk), "--llm-history=replayed")
    assert pytest.ExitCode.TESTS_FAILED == result.ret
    assert {"changed": sent, "skipped": 3 - sent} == result.parseoutcomes()
    assert [[], [answer]][:sent] == [
        [one["content"] for one in seen.json["messages"] if one["role"] == "assistant"]
        for seen in priced.server.seen
    ]
    result.stdout.fnmatch_lines(
        [
            f"not run 1: {why}",
            "spent $0.0[1-4]? of $0.050 at list price *",
            f"  turn {sent + 1} * not run * {why}",
        ]
    )


def ask(turn: int) -> dict[str, str]:
    """What the user says in a turn."""
    return {"role": "user", "content": f"Say {turn}"}


def said(turns: int) -> list[dict[str, str]]:
    """What was said in that many turns."""
    answer = {"role": "assistant", "content": "Hello."}
    return [one for turn in range(1, turns + 1) for one in (ask(turn), answer)]


def test_a_limit_far_above_the_estimate_keeps_the_order(priced: Project) -> None:
    """A run that will not be cut short goes through its cassettes one by one."""
    result = spend(priced, "100", "-v")
    order = re.findall(r"test_(\d)\.yaml::", result.stdout.str())
    assert sorted(order) == order


@pytest.mark.parametrize("cap", ["0", "0.02"])
def test_a_limit_below_a_single_call(priced: Project, cap: str) -> None:
    """Nothing is sent, and the reason says why."""
    result = spend(priced, cap)
    assert pytest.ExitCode.TESTS_FAILED == result.ret
    assert [] == priced.server.seen
    result.stdout.fnmatch_lines(["not run 20: one call may cost more than --llm-max-cost"])


@pytest.mark.parametrize("usage", [None, {"prompt_tokens": 0, "completion_tokens": 0}])
def test_an_answer_without_usage_costs_what_was_set_aside(
    priced: Project, usage: dict[str, int] | None
) -> None:
    """Unknown is not free, nor are zeros; the summary tells it apart."""
    body: dict[str, object] = {
        "choices": [{"index": 0, "message": {"role": "assistant", "content": "x"}}]
    }
    body |= {} if usage is None else {"usage": usage}
    silent = {"id": "1", "object": "chat.completion", "model": "gpt-5-mini", **body}
    priced.server.next(*[raw(json.dumps(silent).encode())] * 20)
    result = spend(priced, "0.1")
    assert 4 == len(priced.server.seen)
    result.stdout.fnmatch_lines(
        ["spent $0.084 of $0.10 at list price *", "$0.084 of it set aside for calls whose cost *"]
    )
    result.stdout.no_fnmatch_line("*not in the sum*")


def test_a_stream_is_charged_as_it_reports(priced: Project) -> None:
    """Usage is asked for, so that the sum is known."""
    events = [event(one, asks=f"Say {one}", body={"stream": True}) for one in range(1, 6)]
    streams = priced.write("cassettes/tests/test_app/test_s.yaml", cassette(*events))
    result = spend(priced, "1", str(streams))
    result.stdout.fnmatch_lines(["spent $0.075 of $1.00 at list price *"])
    assert "cost is not known" not in result.stdout.str()


@pytest.mark.parametrize(
    ("status", "spent"), [(429, "$0.015"), (503, "$0.015"), (500, "$0.036"), (502, "$0.036")]
)
def test_an_attempt_that_failed_counts_if_it_may_have_been_charged(
    one: Project, status: int, spent: str
) -> None:
    """A refusal is free; what broke on its way may not be."""
    price(one, 1000, 1000)
    one.server.next(fails(status, retry_after=0.01))
    result = spend(one, "1")
    assert 2 == len(one.server.seen)
    result.stdout.fnmatch_lines([f"spent {spent} of $1.00 at list price *"])


def test_a_retry_is_not_made_without_money(one: Project) -> None:
    """The first attempt may have been charged, and a second does not fit."""
    price(one, 1000, 1000)
    one.server.next(fails(500, retry_after=0.01), says("Hello."))
    result = spend(one, "0.03")
    assert 1 == len(one.server.seen)
    result.stdout.fnmatch_lines(["not run 1: the money was spent", "spent $0.021 of $0.030"])


def test_the_limit_of_the_request_is_what_may_be_written(one: Project) -> None:
    """A request for ten answers of a thousand tokens is set aside as that."""
    price(one, 0, 1000)
    body = {"max_tokens": 1000, "n": 10}
    one.write("cassettes/tests/test_app/test_it.yaml", cassette(event(1, body=body)))
    spend(one, "9.99")
    assert [] == one.server.seen
    spend(one, "10")
    assert 1 == len(one.server.seen)


def test_a_model_that_is_dearer_than_expected_is_found_out(priced: Project) -> None:
    """The first call may pass what was set aside for it, but the next is set aside as that."""
    priced.server.next(*[says("word " * 100)] * 20)
    result = spend(priced, "0.2", "--llm-concurrency=1")
    assert 1 == len(priced.server.seen)
    result.stdout.fnmatch_lines(["not run 19: the money was spent", "spent $0.11 of $0.20 *"])


def test_the_first_failure_stops_the_spending(priced: Project) -> None:
    """`-x` pays for no more than what was under way."""
    priced.server.next(*[says("")] * 20)
    result = spend(priced, "100", "-x", "--llm-concurrency=1")
    assert 1 == result.parseoutcomes()["failed"]
    assert 3 >= len(priced.server.seen)
    result.stdout.fnmatch_lines(["spent $* of $100.00 at list price *"])


def test_what_costs_nothing_needs_no_money(one: Project) -> None:
    """A server on this machine has no price, and a simulated one is no provider."""
    local = one.replay("--llm-max-cost=0", "--llm-check=answered")
    assert pytest.ExitCode.OK == local.ret
    assert 1 == len(one.server.seen)
    local.stdout.no_fnmatch_line("*unpriced*")
    simulated = one.run("--llm-replay", "--llm-model=simulated/steady", "--llm-max-cost=0")
    assert pytest.ExitCode.OK == simulated.ret


def test_a_model_without_a_price_is_refused(one: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before the first call, with both ways out."""
    monkeypatch.setenv("OPENAI_API_KEY", "sk-test-0123456789abcdef0123")
    result = one.run("--llm-replay", "--llm-model=openai/nobody-knows", "--llm-max-cost=1")
    assert pytest.ExitCode.USAGE_ERROR == result.ret
    result.stderr.fnmatch_lines(
        [
            "ERROR: --llm-max-cost: openai/nobody-knows: no list price for openai/nobody-knows*",
            "    NAME: {provider: PROVIDER, model: MODEL, price: {input: 0.25, output: 2}}",
        ]
    )


@pytest.mark.parametrize("value", ["-1", "much", "nan", "inf", "1e300"])
def test_an_amount_that_is_none(one: Project, value: str) -> None:
    """The parser names option and value."""
    one.refuses(f"--llm-max-cost={value}", f"*--llm-max-cost*{value!r} is no amount of USD*")


@pytest.mark.parametrize(
    ("price", "said"),
    [
        ("3", "*llmreplay.yaml:2: targets.t.price is 3, not a mapping*"),
        ("{input: 3}", "*llmreplay.yaml:2: output is None, not the USD for a million tokens"),
        ("{input: -1, output: 1}", "*llmreplay.yaml:2: input is -1, not the USD*"),
        ("{input: 1, outputs: 1}", "*llmreplay.yaml:2: unknown key 'outputs'; did you mean*"),
    ],
)
def test_a_price_that_is_none(one: Project, price: str, said: str) -> None:
    """File, line and what is wrong."""
    one.write("llmreplay.yaml", f"targets:\n  t: {{model: m, price: {price}}}\n")
    one.refuses("--llm-model=t", f"ERROR: {said}")


def test_a_ci_server_needs_a_limit(one: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody watches there; the usage error names the option, and nothing is sent."""
    monkeypatch.setenv("CI", "true")
    monkeypatch.setenv("OPENAI_API_KEY", "sk-test-0123456789abcdef0123")
    result = one.run("--llm-replay", "--llm-model=openai/gpt-5-mini")
    assert pytest.ExitCode.USAGE_ERROR == result.ret
    result.stderr.fnmatch_lines(
        ["ERROR: openai/gpt-5-mini: CI is set, and calls to api.openai.com may*--llm-max-cost USD"]
    )


def test_a_ci_server_needs_none_for_what_is_free(
    one: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither a server on this machine nor a simulated one asks for a limit."""
    monkeypatch.setenv("CI", "true")
    assert pytest.ExitCode.OK == one.replay("--llm-check=answered").ret
    simulated = one.run("--llm-replay", "--llm-model=simulated/steady")
    assert pytest.ExitCode.OK == simulated.ret


def test_a_large_body_asks_for_a_word(one: Project) -> None:
    """Who pays for a megabyte wants to know of it."""
    price(one, 0.1, 0.1)
    one.write("cassettes/tests/test_app/test_it.yaml", cassette(event(1, asks="x" * 1_000_001)))
    result = spend(one, "100", "-rs")
    assert [] == one.server.seen
    result.stdout.fnmatch_lines(["SKIPPED * not replayed: large_body*--llm-allow large_body)"])
    spend(one, "100", "--llm-allow=large_body")
    assert 1 == len(one.server.seen)


def test_a_run_that_passes_its_limit_at_its_last_call(one: Project) -> None:
    """Though nothing was left out, it is not green, and says by how much and what helps."""
    price(one, 0, 1000)
    one.server.next(says("word " * 40))
    result = spend(one, "0.03")
    assert pytest.ExitCode.TESTS_FAILED == result.ret
    result.stdout.fnmatch_lines(
        [
            "spent $0.040 of $0.030 at list price *",
            "the limit was passed by $0.010: 1 call cost $0.028 more than was set aside for it",
            "A request with a limit cannot do that: --llm-set max_tokens=N",
        ]
    )
    bounded = spend(one, "0.03", "--llm-set=max_tokens=10")
    assert pytest.ExitCode.OK == bounded.ret


def test_a_dearer_call_within_the_limit_is_told(priced: Project) -> None:
    """By its amount; the run is green, as there was money for it."""
    priced.server.next(says("word " * 40), *[says("a b c")] * 19)
    result = spend(priced, "100")
    assert pytest.ExitCode.OK == result.ret
    result.stdout.fnmatch_lines(["1 call cost $0.0* more than was set aside for it"])


def test_an_unheard_model_is_asked_by_few_calls_at_a_time(priced: Project) -> None:
    """Sixteen calls at once, each five times as dear as is set aside, would pass the limit."""
    priced.server.next(*[says("word " * 100, delay=0.05)] * 20)
    result = spend(priced, "0.5")
    assert pytest.ExitCode.TESTS_FAILED == result.ret
    assert 4 == len(priced.server.seen)
    assert "passed" not in result.stdout.str().partition("spent $")[2]
