"""A recorded session sent again with other system prompts: what a change does to all of it.

The cassette is the one that `test_debate.py` recorded; `simulated/steady` stands for a model.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

from pytest_llmreplay import Cassette, Event, ReplayEngine, ReplayOverrides, ReplayResult

SESSION = Path(__file__).parents[1] / "cassettes/examples/test_debate/test_debate_openai.yaml"

ADDED = {
    "argument-evaluation": " Keep the feedback short and concise.",
    "assistant-argument": " Take the persona of a genius in this field when responding.",
}

VERSIONS = {
    "argument-evaluation": ["Score the argument from 1 to 10.", "Score it, and say why."],
    "assistant-argument": ["You are a seasoned debater.", "You are a professor of economics."],
}


def messages_of(event: Event) -> list[dict[str, Any]]:
    """The recorded conversation, as it went over the wire."""
    body: Any = event.exchange.request.body
    messages: list[dict[str, Any]] = body.value["messages"]
    return messages


def with_system(event: Event, text: str) -> ReplayOverrides:
    """The same conversation under another system prompt."""
    rest = [message for message in messages_of(event) if message["role"] != "system"]
    return ReplayOverrides(messages=[{"role": "system", "content": text}, *rest])


def replayed(engine: ReplayEngine, prompts: dict[str, str]) -> Iterator[ReplayResult]:
    """The session again, call by call, with a system prompt for each prompt name."""
    for event in Cassette.load(SESSION).events:
        assert event.name is not None
        yield engine.replay(event=event, overrides=with_system(event, prompts[event.name]))


def test_more_is_said_to_the_system(llm_replay: ReplayEngine) -> None:
    """Each prompt gets its addition; session and prompt names stay, the answers are compared."""
    engine = llm_replay.to("simulated/steady")
    for event in Cassette.load(SESSION).events:
        system = messages_of(event)[0]["content"] + ADDED[event.name or ""]
        result = engine.replay(event=event, overrides=with_system(event, system))
        assert result.replayed is not None
        assert messages_of(result.replayed)[0]["content"].endswith(ADDED[event.name or ""])
        assert (event.session, event.name) == (result.replayed.session, result.replayed.name)
        print(result.summary())


def test_every_combination_of_prompt_versions(llm_replay: ReplayEngine) -> None:
    """Four sessions of nine calls: what each combination costs in tokens, and what it changes."""
    engine = llm_replay.to("simulated/steady")
    for texts in product(*VERSIONS.values()):
        results = list(replayed(engine, dict(zip(VERSIONS, texts, strict=True))))
        assert len([result for result in results if result.error_message is None]) == 9
        changed = sum(not result.text_identical for result in results)
        tokens = sum(result.tokens_after or 0 for result in results)
        print(f"{texts}: {changed} answers changed, {tokens} tokens")
