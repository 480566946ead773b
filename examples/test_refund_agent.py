"""A session with tools: the agent looks up, refunds, and answers a second question."""

from __future__ import annotations

import pytest
from anthropic import Anthropic
from openai import OpenAI
from refund_agent import AnthropicAgent, OpenAIAgent, Shop

from pytest_llmreplay import LlmCassette

COMPLAINT = "Hello, the rear wheel from order HC-48213 came with a bent rim. What now?"
WISH = "Thank you! Could I get a new wheel by Friday?"

REFUND = {"name": "Refund agent", "path": "/support/refund"}
BOOKED = [{"order_id": "HC-48213", "amount": 84.5, "reason": "damaged", "send_back": False}]


def serve(agent: OpenAIAgent | AnthropicAgent, cassette: LlmCassette) -> str:
    """Ask both questions; returns the last answer."""
    with cassette.step(prompt="support-agent", turn="1"):
        agent.ask(COMPLAINT)
    with cassette.step(prompt="support-agent", turn="2"):
        return agent.ask(WISH)


@pytest.mark.llm_cassette(session={"id": "refund-openai", **REFUND}, checks=["tool_calls"])
def test_refund_openai(openai_client: OpenAI, llm_cassette: LlmCassette) -> None:
    """A damaged wheel under 100 euros is refunded and stays with the customer."""
    shop = Shop()
    answer = serve(OpenAIAgent(openai_client, shop), llm_cassette)
    assert shop.refunds == BOOKED
    assert "cannot promise" in answer


@pytest.mark.llm_cassette(session={"id": "refund-anthropic", **REFUND}, checks=["tool_calls"])
def test_refund_anthropic(anthropic_client: Anthropic, llm_cassette: LlmCassette) -> None:
    """The same shop, the other provider's model."""
    shop = Shop()
    answer = serve(AnthropicAgent(anthropic_client, shop), llm_cassette)
    assert shop.refunds == BOOKED
    assert "cannot promise" in answer
