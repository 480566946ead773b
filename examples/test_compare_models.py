"""One recorded call under several configurations, streamed, and its price before it is sent.

Simulated models stand where `openai/gpt-5-mini` or `ollama/llama3` would.
"""

from __future__ import annotations

from pytest_llmreplay import ReplayEngine, ReplayOverrides

EVENT = "test_debate/test_debate_openai.yaml::0002-assistant-argument"


def test_configurations_side_by_side(llm_replay: ReplayEngine) -> None:
    """Each answer beside the recorded one, with means and sums below."""
    compared = llm_replay.to("same").compare(
        event=llm_replay.event(EVENT),
        configurations=[
            {"provider": "simulated", "model": "steady"},
            {"provider": "simulated", "model": "verbose", "parameters": {"temperature": 0.7}},
            ReplayOverrides(model="simulated/wording"),
        ],
    )
    compared.pretty_print()
    assert [result.text_identical for result in compared.results] == [True, False, False]
    assert (compared.total_configurations, compared.successful, compared.failed) == (3, 3, 0)
    assert compared.average_latency_ms is not None


def test_an_answer_while_it_comes(llm_replay: ReplayEngine) -> None:
    """Its words in pieces, then the same result as without a stream."""
    with llm_replay.to("simulated/steady").stream(event=llm_replay.event(EVENT)) as stream:
        for piece in stream:
            print(piece, end="")
    assert stream.result.text_identical


def test_the_price_before_anything_is_sent(llm_replay: ReplayEngine) -> None:
    """From the recorded tokens and the list of prices."""
    event = llm_replay.event(EVENT)
    estimate = llm_replay.to("gpt-5-mini").estimate(events=[event] * 100)
    print(f"{estimate.calls} calls, about ${estimate.cost:.4f}")
    assert 0 < estimate.cost < 0.10
