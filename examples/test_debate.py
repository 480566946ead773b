"""A session of nine calls: three arguments, three replies, and a score for each."""

from __future__ import annotations

import pytest
from anthropic import Anthropic
from asking import Ask, with_anthropic, with_openai
from debate import Debate, evaluate
from openai import OpenAI

from pytest_llmreplay import LlmCassette

MOTION = "Rich countries should put a price on carbon now, even if others do not follow."

ARGUMENTS = [
    (
        "A carbon price in a few rich countries only moves factories, and their emissions, to "
        "places without one. The air is no cleaner, and workers lose their jobs."
    ),
    (
        "A carbon price is a tax on the poor. Heating and petrol take a larger share of a small "
        "income, and who has little money cannot buy an electric car."
    ),
    (
        "A price depends on politics. Canada ended its carbon charge for consumers in 2025. "
        "Nobody invests for thirty years on a tax that one election can abolish."
    ),
]

DEBATE = {"name": "AI Debate", "path": "/debate/climate-change"}


def hold(ask: Ask, cassette: LlmCassette) -> list[int]:
    """Debate the motion; returns the points that the model's replies got."""
    debate, points = Debate(ask, MOTION), []
    for turn, argument in enumerate(ARGUMENTS, start=1):
        with cassette.step(prompt="argument-evaluation", turn=str(turn), speaker="user"):
            evaluate(ask, argument)
        with cassette.step(prompt="assistant-argument", turn=str(turn)):
            reply = debate.answer(argument)
        with cassette.step(prompt="argument-evaluation", turn=str(turn), speaker="assistant"):
            points.append(evaluate(ask, reply).points)
    return points


@pytest.mark.llm_cassette(session={"id": "debate-openai", **DEBATE})
def test_debate_openai(openai_client: OpenAI, llm_cassette: LlmCassette) -> None:
    """The model holds its own: no reply scores below seven."""
    assert min(hold(with_openai(openai_client), llm_cassette)) >= 7


@pytest.mark.llm_cassette(session={"id": "debate-anthropic", **DEBATE})
def test_debate_anthropic(anthropic_client: Anthropic, llm_cassette: LlmCassette) -> None:
    """The same application on the other provider's model."""
    assert min(hold(with_anthropic(anthropic_client), llm_cassette)) >= 7
