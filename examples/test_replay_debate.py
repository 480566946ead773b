"""A recorded session sent again with other system prompts: what a change does to all of it.

The cassette is the one that `test_debate.py` recorded; `simulated/steady` stands for a model.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pytest_llmreplay import Cassette, Event, ReplayEngine, ReplayOverrides

SESSION = Path(__file__).parents[1] / "cassettes/examples/test_debate/test_debate_openai.yaml"
VARIANTS = Path(__file__).with_name("debate_variants.yaml")

ADDED = {
    "argument-evaluation": " Keep the feedback short and concise.",
    "assistant-argument": " Take the persona of a genius in this field when responding.",
}


def messages_of(event: Event) -> list[dict[str, Any]]:
    """A conversation as it went over the wire."""
    body: Any = event.exchange.request.body
    messages: list[dict[str, Any]] = body.value["messages"]
    return messages


def modified(event: Event) -> ReplayOverrides:
    """More for the system to do, by the name of the prompt."""
    system, *rest = messages_of(event)
    content = system["content"] + ADDED[event.name or ""]
    return ReplayOverrides(messages=[{**system, "content": content}, *rest])


def test_a_session_is_changed_by_code(llm_replay: ReplayEngine) -> None:
    """Each prompt gets its addition; session and prompt names stay, the answers are compared."""
    engine = llm_replay.to("simulated/steady")
    for event in Cassette.load(SESSION).events:
        result = engine.replay(event=event, overrides=modified(event))
        assert result.replayed is not None
        assert messages_of(result.replayed)[0]["content"].endswith(ADDED[event.name or ""])
        assert (event.session, event.name) == (result.replayed.session, result.replayed.name)
        print(result.summary())


@pytest.mark.parametrize("variant", ["pointed", "v1-a1", "v1-a2", "v2-a1", "v2-a2"])
def test_a_session_is_changed_by_a_variant(variant: str) -> None:
    """The same without code, and every combination of two versions of each prompt."""
    engine = ReplayEngine(target="simulated/steady", config=VARIANTS)
    events = Cassette.load(SESSION).events
    results = engine.replay_batch(events=events, overrides=ReplayOverrides(variant=variant))
    assert all(result.replayed is not None for result in results)
    asked = {messages_of(one.replayed)[0]["content"] for one in results if one.replayed}
    assert len(asked) == len(ADDED)
    tokens = sum(result.tokens_after or 0 for result in results)
    print(f"{variant}: {len(results)} calls, {tokens} tokens")
