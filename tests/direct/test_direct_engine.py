"""`ReplayEngine`: recorded calls are sent again from a program, and compared."""

from __future__ import annotations

import asyncio
import io
import json
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import openai
import pytest
from made_cassettes import event
from servers.provider_server import ProviderServer, fails, hangs, says

from pytest_llmreplay import Event, ReplayEngine, ReplayOverrides, ReplayResult
from pytest_llmreplay.direct import ReplayComparison
from pytest_llmreplay.direct.means import Means
from pytest_llmreplay.errors import CheckSyntaxError, ConfigError, UnknownTarget
from pytest_llmreplay.event import Json

Recorded = Callable[..., list[Event]]


def sent(server: ProviderServer) -> dict[str, Any]:
    """The body of the last request."""
    body: dict[str, Any] = server.seen[-1].json
    return body


def test_the_same_answer_is_told_as_such(server: ProviderServer, recorded: Recorded) -> None:
    """Both texts, no diff, and the figures of both calls."""
    server.next(says("Hello.", headers={"x-request-id": "req_new"}))
    result = ReplayEngine(base_url=server.openai).replay(event=recorded()[0])
    assert ("Hello.", "Hello.", None) == (result.text_before, result.text_after, result.text_diff)
    assert (True, True, "ok") == (
        result.text_identical,
        result.tool_calls_identical,
        result.outcome,
    )
    assert ("chatcmpl-1", "req_new") == (result.original_request_id, result.new_request_id)
    assert (12, 1500) == (result.tokens_before, result.latency_ms_before)
    assert result.tokens_after is not None
    assert result.latency_ms_after is not None
    assert result.tokens_after - 12 == result.tokens_delta
    assert result.latency_ms_after - 1500 == result.latency_ms_delta


def test_every_result_says_that_it_is_a_replay(server: ProviderServer, recorded: Recorded) -> None:
    """With the id of the recorded call and the time of the new one, also as plain data."""
    result = ReplayEngine(base_url=server.openai).replay(event=recorded()[0])
    told = json.loads(json.dumps(result.as_dict()))
    assert (True, "chatcmpl-1") == (told["is_replay"], told["original_request_id"])
    assert told["replayed_at"] == result.replayed_at
    assert "Z" == told["replayed_at"][-1]


def test_a_result_without_an_answer_says_when_it_was_tried(
    server: ProviderServer, recorded: Recorded
) -> None:
    """Whether a server refused, no server was asked, or the recording answered for itself."""
    server.next(fails(400, "No such model"))
    engine = ReplayEngine(base_url=server.openai)
    before = datetime.now(UTC).replace(microsecond=0)
    for one in (engine, engine.to("gpt-5-mini"), engine.to("recorded")):
        result = one.replay(event=recorded()[0])
        assert before <= datetime.fromisoformat(result.replayed_at) <= datetime.now(UTC)


def test_another_answer_has_a_diff_that_a_terminal_can_show(
    server: ProviderServer, recorded: Recorded
) -> None:
    """The heads of a unified diff stand on lines of their own."""
    server.next(says("Good day."))
    result = ReplayEngine(base_url=server.openai).replay(event=recorded()[0])
    assert "--- recorded\n+++ replayed\n@@ -1 +1 @@\n-Hello.\n+Good day." == result.text_diff
    assert ("diverged", ["text"]) == (result.outcome, [one.check for one in result.divergences])


@pytest.mark.parametrize(
    ("before", "after", "diff"),
    [
        ("Hello.", "Hello.\n", " Hello.\n+"),
        ("A\nB", "A\r\nB", "-A\n+A\r\n B"),
    ],
)
def test_other_ends_of_lines_have_a_diff(
    server: ProviderServer, recorded: Recorded, before: str, after: str, diff: str
) -> None:
    """Where the words are not the same, the diff is never empty."""
    server.next(says(after))
    result = ReplayEngine(base_url=server.openai).replay(event=recorded(event(says=before))[0])
    assert not result.text_identical
    assert diff == (result.text_diff or "").partition("@@\n")[2]


def test_another_further_choice_has_a_diff(recorded: Recorded) -> None:
    """The words of all choices are compared, so all are told."""
    second = '}, {"index": 1, "message": {"role": "assistant", "content": "%s"}}], "usage"'
    asked = [event(n).replace('}], "usage"', second % says) for n, says in ((1, "No."), (2, "Ay."))]
    first, other = recorded(*asked)
    same = ReplayEngine(target="recorded").replay(event=first)
    result = replace(same, replayed=other)
    assert not result.text_identical
    assert " Hello.\n-No.\n+Ay." == (result.text_diff or "").partition("@@\n")[2]


def test_tool_calls_are_compared(server: ProviderServer, recorded: Recorded) -> None:
    """Two answers without words are not the same when they call other functions."""
    engine = ReplayEngine(base_url=server.openai)
    server.next(says("Hello.", calls=[("look", {"city": "Paris"})]))
    first = engine.replay(event=recorded()[0])
    assert first.replayed is not None
    server.next(says("Hello.", calls=[("look", {"city": "Rome"})]))
    again = engine.replay(event=first.replayed)
    assert (True, False) == (again.text_identical, again.tool_calls_identical)
    assert ({"city": "Paris"}, {"city": "Rome"}) == (
        again.tool_calls_before[0].arguments,
        again.tool_calls_after[0].arguments,
    )
    assert "tool calls \u0394 different" in again.summary()


def test_parameters_are_merged(server: ProviderServer, recorded: Recorded) -> None:
    """What was recorded stays, zero is a value, `None` removes, a dot leads into an object."""
    body = {"max_tokens": 100, "top_p": 0.5, "metadata": {"team": "a"}}
    ReplayEngine(base_url=server.openai).replay(
        event=recorded(event(body=body))[0],
        overrides=ReplayOverrides(
            parameters={"temperature": 0, "top_p": None, "metadata.run": "2"}
        ),
    )
    asked = sent(server)
    assert (100, 0) == (asked["max_tokens"], asked["temperature"])
    assert "top_p" not in asked
    assert {"team": "a", "run": "2"} == asked["metadata"]


def test_model_messages_and_tools_are_replaced(server: ProviderServer, recorded: Recorded) -> None:
    """A model of an engine with a base URL is another one at the same address."""
    tool: dict[str, Json] = {
        "type": "function",
        "function": {"name": "look", "parameters": {"type": "object"}},
    }
    ReplayEngine(base_url=server.openai).replay(
        event=recorded()[0],
        overrides=ReplayOverrides(
            model="tiny", messages=[{"role": "user", "content": "Hi"}], tools=[tool]
        ),
    )
    asked = sent(server)
    assert ("tiny", [{"role": "user", "content": "Hi"}], [tool]) == (
        asked["model"],
        asked["messages"],
        asked["tools"],
    )


def test_a_stream_stays_a_stream(server: ProviderServer, recorded: Recorded) -> None:
    """So that its first words can be timed; usage is asked for."""
    result = ReplayEngine(base_url=server.openai).replay(
        event=recorded(event(body={"stream": True}))[0]
    )
    assert {"include_usage": True} == sent(server)["stream_options"]
    assert result.replayed is not None
    assert result.replayed.measured.time_to_first_chunk is not None


def test_a_model_names_its_own_provider(recorded: Recorded) -> None:
    """Without an address of the engine's own, another model may be somewhere else; its key, too."""
    overrides = ReplayOverrides(model="claude-opus-5-5")
    result = ReplayEngine().replay(event=recorded()[0], overrides=overrides)
    assert "no key for api.anthropic.com: set ANTHROPIC_API_KEY" in (result.error_message or "")


def test_a_failure_is_a_result(server: ProviderServer, recorded: Recorded) -> None:
    """In the words of the server, without a new id, and with an empty second side."""
    server.next(fails(400, "No such model"))
    result = ReplayEngine(base_url=server.openai).replay(event=recorded()[0])
    assert "No such model" in (result.error_message or "")
    assert (None, None, False) == (
        result.new_request_id,
        result.text_after,
        result.text_identical,
    )
    assert result.summary().startswith("replay chatcmpl-1 \u2192 same: error: ")


def test_a_recorded_error_is_sent_again(server: ProviderServer, recorded: Recorded) -> None:
    """Whoever hands over a failed call wants to know whether it still fails."""
    server.next(says("Works."))
    result = ReplayEngine(base_url=server.openai).replay(event=recorded(event(status=500))[0])
    assert (None, "Works.", None) == (
        result.text_before,
        result.text_after,
        result.error_message,
    )


def test_a_batch_keeps_its_order(server: ProviderServer, recorded: Recorded) -> None:
    """The slowest first call is the first result; one that fails spoils no other."""
    events = recorded(*(event(number, asks=f"Say {number}") for number in range(1, 9)))
    server.next(says("first", delay=0.3), fails(400, "No"))
    results = ReplayEngine(base_url=server.openai).replay_batch(events=events, max_workers=4)
    assert [one.number for one in events] == [one.original.number for one in results]
    assert 1 == len([one for one in results if one.error_message])
    assert "first" in {one.text_after for one in results}


def test_a_batch_has_so_many_calls_in_flight(server: ProviderServer, recorded: Recorded) -> None:
    """And no more than it was told."""
    events = recorded(*(event(number) for number in range(1, 7)))
    result = ReplayEngine(base_url=server.openai).replay_batch(events=events, max_workers=1)
    assert 6 == len(result)
    assert [1, 2, 3, 4, 5, 6] == [seen.number for seen in server.seen]
    assert [] == ReplayEngine(base_url=server.openai).replay_batch(events=[])


def test_an_event_is_found_by_its_ids(server: ProviderServer, recorded: Recorded) -> None:
    """Node id, number, or what the provider calls it; the call waits while other tasks go on."""
    recorded(event(1, name="ask"), event(2, name="ask", says="Two."))
    recorded(event(body={"top_p": 1}), name="deep/test_other.yaml")
    engine = ReplayEngine(base_url=server.openai)

    async def several() -> list[ReplayResult]:
        ids = ("test_it.yaml::0002-ask", "test_it.yaml::2", "deep/test_other.yaml::0001[same]")
        return await asyncio.gather(*(engine.replay_by_id(event_id=one) for one in ids))

    texts = [one.text_before for one in asyncio.run(several())]
    assert ["Two.", "Two.", "Hello."] == texts


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        ("test_it.yaml::9", "there is cassettes/test_it.yaml::0001-ask"),
        ("req_unknown", "no event 'req_unknown' in cassettes"),
        ("chatcmpl-1", "'chatcmpl-1' means 2 events: cassettes/test_it.yaml::0001-ask, "),
    ],
)
def test_an_unknown_id_is_a_value_error(recorded: Recorded, wanted: str, said: str) -> None:
    """With the nearest that there is; so is one that several events have."""
    recorded(event(1, name="ask"), event(2, name="ask"))
    with pytest.raises(ValueError, match=r"event") as caught:
        asyncio.run(ReplayEngine().replay_by_id(event_id=wanted))
    assert said in str(caught.value)


@pytest.mark.parametrize("wanted", [None, 2])
def test_an_id_that_is_no_text_is_a_value_error(recorded: Recorded, wanted: Any) -> None:
    """As a log without one would give it."""
    recorded(event(1))
    with pytest.raises(ValueError, match=rf"^no event {wanted}: an id is a text$"):
        asyncio.run(ReplayEngine().replay_by_id(event_id=wanted))


def test_configurations_side_by_side(server: ProviderServer, recorded: Recorded) -> None:
    """Results in their order; means and sums of those with an answer."""
    server.next(says("Hello."), fails(400, "No such model"))
    compared = ReplayEngine(base_url=server.openai).compare(
        event=recorded()[0],
        configurations=[
            {"model": "a", "parameters": {"temperature": 0}},
            ReplayOverrides(model="b"),
        ],
        max_workers=1,
    )
    assert (2, 1, 1) == (compared.total_configurations, compared.successful, compared.failed)
    first = compared.results[0]
    assert (first.latency_ms_after, first.tokens_after) == (
        compared.average_latency_ms,
        compared.total_tokens,
    )
    assert compared.total_cost is None, "nobody lists a price for a server on this machine"
    printed = io.StringIO()
    compared.pretty_print(file=printed)
    rows = printed.getvalue().splitlines()
    assert ["same", "model=a", "temperature=0", "same"] == rows[1].split()[:4]
    assert ["same", "model=b", "error"] == rows[2].split()[:3]
    assert "No such model" in printed.getvalue()
    assert 2 == json.loads(json.dumps(compared.as_dict()))["comparison"]["total_configurations"]


def test_an_error_of_several_lines_is_told_in_one(recorded: Recorded) -> None:
    """By the summary, in full, and side by side."""
    unknown = ReplayOverrides(model="nope/x")
    compared = ReplayEngine().compare(event=recorded()[0], configurations=[unknown])
    [result] = compared.results
    assert "\n" in (result.error_message or "")
    printed = io.StringIO()
    result.pretty_print(file=printed)
    compared.pretty_print(file=printed)
    assert "\\n" not in result.summary() + printed.getvalue()


def test_no_configuration_is_no_error() -> None:
    """There is nothing to tell, and that is told."""
    assert (0, None, None) == (
        (empty := ReplayComparison(results=())).failed,
        empty.average_latency_ms,
        empty.total_tokens,
    )


def test_a_provider_of_a_configuration_is_no_part_of_the_model(
    server: ProviderServer, recorded: Recorded
) -> None:
    """An engine with a base URL asks there, as `--llm-model PROVIDER/MODEL` with one does."""
    compared = ReplayEngine(base_url=server.openai).compare(
        event=recorded()[0], configurations=[{"provider": "openai", "model": "gpt-4"}]
    )
    assert "gpt-4" == sent(server)["model"]
    assert "openai/gpt-4" == compared.results[0].target


def test_a_provider_of_a_configuration_is_asked(recorded: Recorded) -> None:
    """`provider` and `model` are the target `PROVIDER/MODEL`."""
    compared = ReplayEngine().compare(
        event=recorded()[0], configurations=[{"provider": "mistral", "model": "small"}]
    )
    assert "no key for api.mistral.ai" in (compared.results[0].error_message or "")


def test_an_estimate_sends_nothing(server: ProviderServer, recorded: Recorded) -> None:
    """Calls, recorded tokens and list price; what is not sent is counted by its reason."""
    events = recorded(event(1), event(2), event(3, status=500))
    found = ReplayEngine(target="gpt-4o-mini").estimate(events=events)
    assert (2, 18, 6) == (found.calls, found.input_tokens, found.output_tokens)
    assert pytest.approx(18 * 0.15e-6 + 6 * 0.6e-6) == found.cost
    assert {"recorded error": 1} == found.left_out
    assert [] == server.seen


def test_the_recording_answers_for_itself(recorded: Recorded) -> None:
    """`recorded` sends nothing: the same words, no new id, no latency, no cost."""
    result = ReplayEngine(target="recorded").replay(event=recorded()[0])
    assert ("Hello.", True) == (result.text_after, result.text_identical)
    assert (None, None, None) == (
        result.new_request_id,
        result.latency_ms_after,
        result.cost_after,
    )


def test_nothing_is_changed_in_a_recording(recorded: Recorded) -> None:
    """Overrides without a target would look like an answer to them."""
    result = ReplayEngine(target="recorded").replay(
        event=recorded()[0], overrides=ReplayOverrides(model="gpt-5-mini")
    )
    assert "nothing is sent to 'recorded'" in (result.error_message or "")


@pytest.mark.parametrize(
    ("fault", "outcome"), [("steady", "ok"), ("wording", "diverged"), ("failing", "error")]
)
def test_simulated_models_answer(recorded: Recorded, fault: str, outcome: str) -> None:
    """Offline, over real HTTP, as those of `--llm-model`."""
    engine = ReplayEngine(target=f"simulated/{fault}", retries=0)
    assert outcome == engine.replay(event=recorded(event(says="It is a large house."))[0]).outcome


def test_money_is_limited(
    server: ProviderServer, recorded: Recorded, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A call that may cost more than is left is not sent."""
    monkeypatch.setenv("OPENAI_API_KEY", "sk-test")
    monkeypatch.setenv("OPENAI_BASE_URL", server.openai)
    config = Path("llmreplay.yaml")
    config.write_text(
        "targets:\n  dear: {provider: openai, model: m, price: {input: 1000, output: 1000}}\n"
    )
    engine = ReplayEngine(target="dear", max_cost=0.01)
    result = engine.replay(event=recorded()[0])
    assert ("not_run", []) == (result.outcome, server.seen)
    assert result.error_message is not None


def test_a_config_file_only_proposes(recorded: Recorded, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its host gets nothing, and no key, before a person has named it."""
    monkeypatch.setenv("OPENAI_API_KEY", "sk-test")
    Path("llmreplay.yaml").write_text(
        "targets:\n  t: {provider: openai, model: m, base_url: https://llm.example.com/v1}\n"
    )
    result = ReplayEngine(target="t").replay(event=recorded()[0])
    assert 'export LLMREPLAY_TRUST="llm.example.com"' in (result.error_message or "")
    assert "sk-test" not in json.dumps(result.as_dict())


def test_only_what_is_allowed_is_asked(server: ProviderServer, recorded: Recorded) -> None:
    """Whoever names a target."""
    engine = ReplayEngine(base_url=server.openai, targets_allow=["localhost/gpt-4*"])
    assert "does not allow gpt-5-mini" in (engine.replay(event=recorded()[0]).error_message or "")
    assert [] == server.seen


def test_what_acts_with_the_account_is_sent_where_it_is_allowed(
    provider_server: ProviderServer, recorded: Recorded
) -> None:
    """As `--llm-allow` says it; without that word the result tells why nothing was sent."""
    hosted = event(body={"tools": [{"type": "web_search"}]})
    Path("llmreplay.yaml").write_text(
        f"targets:\n  t: {{provider: openai, model: m, base_url: '{provider_server.openai}'}}\n"
    )
    refused = ReplayEngine(target="t").replay(event=recorded(hosted)[0])
    assert "--llm-allow web_search" in (refused.error_message or "")
    assert [] == provider_server.seen
    ReplayEngine(target="t", allow=["web_search"]).replay(event=recorded(hosted)[0])
    assert [{"type": "web_search"}] == provider_server.seen[0].json["tools"]


def test_a_conversion_says_what_it_lost(server: ProviderServer, recorded: Recorded) -> None:
    """A target of another format is asked in its own; the answers are compared all the same."""
    Path("llmreplay.yaml").write_text(
        "targets:\n  c: {provider: anthropic, model: m, api: messages, "
        f"base_url: '{server.anthropic}'}}\n"
    )
    server.next(says("Hello."))
    result = ReplayEngine(target="c").replay(event=recorded(event(body={"seed": 1}))[0])
    assert ("/v1/messages", True) == (server.seen[-1].path, result.text_identical)
    assert "seed" in result.losses


def test_another_target_of_the_same_engine(server: ProviderServer, recorded: Recorded) -> None:
    """`to` leaves the engine itself as it was."""
    offline = ReplayEngine(target="recorded")
    live = offline.to("same", base_url=server.openai)
    assert live.replay(event=recorded()[0]).live
    assert not offline.replay(event=recorded()[0]).live


def test_the_result_is_printed(
    server: ProviderServer, recorded: Recorded, capsys: pytest.CaptureFixture[str]
) -> None:
    """Summary, both answers, what they took, and what differs; terminal sequences are shown."""
    server.next(says("Good\x1b[2J day."))
    ReplayEngine(base_url=server.openai).replay(event=recorded()[0]).pretty_print()
    printed = capsys.readouterr().out
    assert printed.startswith("replay chatcmpl-1 \u2192 ")
    assert "\u2502 Hello.\n" in printed
    assert "\u2502 diverged   text: " in printed
    assert r"Good\x1b[2J day." in printed
    assert "\x1b" not in printed


def test_wrong_use_is_said_at_once(recorded: Recorded) -> None:
    """Unknown targets, checks and keys, and what is no JSON."""
    with pytest.raises(UnknownTarget, match=r"^ReplayEngine: no target 'recordd'; did you mean"):
        ReplayEngine(target="recordd")
    with pytest.raises(ConfigError, match=r"unknown check 'texxt'"):
        ReplayEngine(checks=["texxt"])
    with pytest.raises(ConfigError, match=r"'model' is no parameter; give it as model="):
        ReplayOverrides(parameters={"model": "x"})
    with pytest.raises(ConfigError, match=r"parameters is no JSON"):
        ReplayOverrides(parameters={"temperature": float("nan")})
    with pytest.raises(ConfigError, match=r"messages: expected JSON objects, found \['hi'\]"):
        ReplayOverrides(messages=["hi"])  # type: ignore[list-item]  # a mistake
    told = r"overrides: expected ReplayOverrides\(parameters=\{…\}\), found \{'temperature': 0\}"
    wrong: Any = {"temperature": 0}
    wrong_event: Any = None
    with pytest.raises(ConfigError, match=told):
        ReplayEngine().replay(event=recorded()[0], overrides=wrong)
    with pytest.raises(ConfigError, match=told):
        ReplayEngine().estimate(events=recorded(), overrides=wrong)
    no_event = r"^event: expected an Event of Cassette\.load\(…\)\.events, found None$"
    with pytest.raises(ConfigError, match=no_event):
        ReplayEngine().replay_batch(events=[*recorded(), wrong_event])
    with pytest.raises(ConfigError, match=no_event):
        ReplayEngine().estimate(events=[wrong_event])
    with pytest.raises(ConfigError, match=r"model is 5, not a name"):
        ReplayEngine().compare(event=recorded()[0], configurations=[{"model": 5}])
    with pytest.raises(ConfigError, match=r"provider is ' ', not a name"):
        ReplayOverrides(model="gpt-x", provider=" ")
    with pytest.raises(ConfigError, match=r"^ReplayOverrides: 'a\.\.b' is no name of a parameter"):
        ReplayOverrides(parameters={"a..b": 1})
    with pytest.raises(ConfigError, match=r"^ReplayEngine: max_workers: expected a number of 1 or"):
        ReplayEngine().replay_batch(events=recorded(), max_workers=wrong_event)
    with pytest.raises(UnknownTarget, match=r"^ReplayEngine: no target None"):
        ReplayEngine().to(wrong_event)
    with pytest.raises(
        ConfigError, match=r"^configuration: expected ReplayOverrides\(…\) or a map"
    ):
        ReplayEngine().compare(event=recorded()[0], configurations=[wrong_event])
    with pytest.raises(ConfigError, match=r"unknown key 'modell'"):
        ReplayEngine().compare(event=recorded()[0], configurations=[{"modell": "x"}])
    with pytest.raises(ConfigError, match=r"provider 'openai' needs a model"):
        ReplayEngine().compare(event=recorded()[0], configurations=[{"provider": "openai"}])


async def always(_baseline: Event, _replayed: Event, _argument: str | None) -> bool:
    """A check that nobody would wait for."""
    return True


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"timeout": 0}, "timeout: expected a number of 0.001 or more, found 0"),
        ({"timeout": None}, "timeout: expected a number of 0.001 or more, found None"),
        ({"retries": -1}, "retries: expected a number of 0 or more, found -1"),
        ({"max_cost": float("nan")}, "max_cost: expected a number of 0 or more, found nan"),
        ({"allow": [3]}, "allow: expected texts, found 3"),
        ({"target": None}, "no target None"),
        ({"base_url": 3}, "base_url: expected a text, found 3"),
        ({"own_checks": ["polite"]}, "own_checks: expected functions by their names, found ["),
        ({"own_checks": {"polite": 3}}, "own_checks: 'polite' is 3, not a function"),
        ({"own_checks": {"polite": always}}, "own_checks: 'polite' is async"),
        ({"own_checks": {"text": max}}, "own_checks: 'text' is a check of the plugin"),
    ],
)
def test_an_engine_that_cannot_be_meant_is_refused(given: dict[str, Any], said: str) -> None:
    """By the name of the argument, before anything is asked."""
    with pytest.raises(ConfigError) as caught:
        ReplayEngine(**given)
    assert f"ReplayEngine: {said}" in str(caught.value)


def test_one_text_stands_for_itself(server: ProviderServer, recorded: Recorded) -> None:
    """Where several may stand, it is not taken for its letters."""
    (one,) = recorded(event(1, body={"tools": [{"type": "web_search"}]}))
    engine = ReplayEngine(
        base_url=server.openai, checks="answered", allow="web_search", targets_allow="localhost"
    )
    assert "changed" == engine.replay(event=one).outcome


VARIANTS = """
variants:
  terse:
    - when: {prompt: ask}
      system: {append: " Be short."}
  torn:
    - {set: {temperature: 0}}
    - {set: {temperature: 1}}
"""


@pytest.mark.parametrize("target", ["same", "simulated/steady"])
def test_a_variant_of_the_config_file(
    server: ProviderServer, recorded: Recorded, target: str
) -> None:
    """Its rules change the request of the events that they select; parameters come last."""
    Path("llmreplay.yaml").write_text(VARIANTS)
    engine = ReplayEngine(target=target, base_url=server.openai if target == "same" else None)
    system = {"role": "system", "content": "Answer."}
    messages = [system, {"role": "user", "content": "Hi"}]
    asked, other = recorded(
        event(1, name="ask", body={"messages": messages}), event(2, body={"messages": messages})
    )
    overrides = ReplayOverrides(variant="terse", parameters={"top_p": 1})
    results = engine.replay_batch(events=[asked, other], overrides=overrides, max_workers=1)
    assert [None, None] == [one.error_message for one in results]
    bodies: list[Any] = [one.replayed.exchange.request.body for one in results if one.replayed]
    assert ["Answer. Be short.", "Answer."] == [
        body.value["messages"][0]["content"] for body in bodies
    ]
    assert [1, 1] == [body.value["top_p"] for body in bodies]
    assert f"{target}-terse" == results[0].target


def test_variants_side_by_side(server: ProviderServer, recorded: Recorded) -> None:
    """A row for each; one that is not there, or contradicts itself, is told by its result."""
    Path("llmreplay.yaml").write_text(VARIANTS)
    compared = ReplayEngine(base_url=server.openai).compare(
        event=recorded(event(name="ask"))[0],
        configurations=[{}, {"variant": "terse"}, {"variant": "tense"}, {"variant": "torn"}],
    )
    assert ["same", "same-terse"] == [one.target for one in compared.results[:2]]
    assert 2 == len(server.seen)
    unknown, torn = (one.error_message or "" for one in compared.results[2:])
    assert unknown.startswith("no variant 'tense' in ")
    assert unknown.endswith("; there is terse")
    assert "variant 'torn': " in torn


def test_a_format_without_messages_has_none_to_replace(recorded: Recorded) -> None:
    """It is said; nothing is sent that the server would pass over in silence."""
    result = ReplayEngine(target="simulated/steady").replay(
        event=recorded(event(api="completions"))[0],
        overrides=ReplayOverrides(messages=[{"role": "user", "content": "Hi"}]),
    )
    assert "a call of completions has no messages" in (result.error_message or "")


def test_nobody_pays_for_what_cannot_be_judged(server: ProviderServer, recorded: Recorded) -> None:
    """A check of the event that cannot be read is told, and nothing is sent."""
    result = ReplayEngine(base_url=server.openai).replay(
        event=recorded(event(checks=["texxxt<=3"]))[0]
    )
    assert "texxxt" in (result.error_message or "")
    assert [] == server.seen


def test_tools_can_be_taken_away(server: ProviderServer, recorded: Recorded) -> None:
    """An empty list is none at all: providers refuse one."""
    tool = {"type": "function", "function": {"name": "look", "parameters": {"type": "object"}}}
    ReplayEngine(base_url=server.openai).replay(
        event=recorded(event(body={"tools": [tool]}))[0], overrides=ReplayOverrides(tools=[])
    )
    assert "tools" not in sent(server)


def test_a_base_url_that_is_none_is_named(recorded: Recorded) -> None:
    """By the argument that it was given as."""
    result = ReplayEngine(base_url="ftp://somewhere").replay(event=recorded()[0])
    assert "ReplayEngine(base_url=…): base URL 'ftp://somewhere'" in (result.error_message or "")


def test_a_server_that_never_answers_is_not_waited_for(
    server: ProviderServer, recorded: Recorded
) -> None:
    """The timeout is told by the result."""
    server.next(hangs)
    result = ReplayEngine(base_url=server.openai, timeout=0.3, retries=0).replay(
        event=recorded()[0]
    )
    assert result.error_message is not None


def test_a_task_that_is_cancelled_ends_its_call(server: ProviderServer, recorded: Recorded) -> None:
    """At once, with the thread that made it."""
    event_at_hand = recorded()[0]

    async def cancelled() -> float:
        engine = ReplayEngine(base_url=server.openai)
        task = asyncio.create_task(engine.replay_async(event=event_at_hand))
        while not server.seen:  # noqa: ASYNC110 - it is in another thread
            await asyncio.sleep(0.01)
        began = time.perf_counter()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        return time.perf_counter() - began

    server.next(hangs)
    assert asyncio.run(cancelled()) < 5
    assert not [one for one in threading.enumerate() if one.name.startswith("llmreplay")]
    assert 1 == len(server.seen)


def test_a_client_of_the_hook_is_made_for_each_call(
    server: ProviderServer, recorded: Recorded
) -> None:
    """It is closed with the call, and belongs to the loop that made it."""
    means = Means(
        clients=lambda: lambda *_: openai.AsyncOpenAI(api_key="k", base_url=server.openai)
    )
    engine = ReplayEngine(means=means)
    results = [engine.replay(event=recorded()[0]) for _ in range(2)]
    assert [None, None] == [result.error_message for result in results]


def test_checks_of_ones_own_are_asked(server: ProviderServer, recorded: Recorded) -> None:
    """By the name that they are given; one that nobody knows is an error, not left out."""

    def polite(_then: Event, now: Event, argument: str | None) -> bool:
        return (argument or "please") in now.response.text

    engine = ReplayEngine(
        base_url=server.openai, checks=["polite:kindly"], own_checks={"polite": polite}
    )
    server.next(says("Kindly wait."), says("Would you kindly wait."))
    rude, kind = (engine.replay(event=recorded()[0]) for _ in range(2))
    assert ["polite:kindly"] == [one.check for one in rude.divergences]
    assert "changed" == kind.outcome
    with pytest.raises(CheckSyntaxError, match="unknown check 'polite'"):
        ReplayEngine(checks=["polite"])
