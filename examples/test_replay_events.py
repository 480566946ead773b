"""Single recorded calls sent again: one by its id, one at hand, many at once."""

from __future__ import annotations

import asyncio

import pytest
from openai import OpenAI
from summarise import summary_by_openai
from test_summarise import MINUTES

from pytest_llmreplay import LlmCassette, ReplayEngine, ReplayOverrides

EVENT = "test_refund_agent/test_refund_openai.yaml::0001-support-agent"


def test_one_event_by_its_id(llm_replay: ReplayEngine) -> None:
    """The id is the one that `pytest-llmreplay list` shows; temperature alone is changed."""
    engine = llm_replay.to("simulated/steady")
    result = asyncio.run(
        engine.replay_by_id(
            event_id=EVENT, overrides=ReplayOverrides(parameters={"temperature": 0})
        )
    )
    result.pretty_print()
    assert result.text_identical
    assert result.tool_calls_identical
    assert result.is_replay


@pytest.mark.llm_cassette(
    name="examples/test_summarise/test_summary_openai", session="Town council"
)
def test_an_event_at_hand(
    openai_client: OpenAI, llm_cassette: LlmCassette, llm_replay: ReplayEngine
) -> None:
    """What the test has just asked, asked once more."""
    with llm_cassette.step(prompt="summarise-minutes", path="/council/minutes"):
        list(summary_by_openai(openai_client, MINUTES))
    result = llm_replay.to("simulated/steady").replay(event=llm_cassette.events[-1])
    print(result.summary())
    assert result.text_identical


def test_a_batch_that_fails(llm_replay: ReplayEngine) -> None:
    """A call that fails is a result of its own; the others are not lost."""
    event = llm_replay.event(EVENT)
    results = llm_replay.to("simulated/refusal").replay_batch(
        events=[event] * 6, overrides=ReplayOverrides(parameters={"temperature": 0}), max_workers=4
    )
    failing = [result for result in results if result.error_message]
    different = [result for result in results if not result.text_identical]
    print(f"{len(results)} replays, {len(failing)} failing, {len(different)} answer otherwise")
    assert (len(results), len(failing), len(different)) == (6, 0, 6)
