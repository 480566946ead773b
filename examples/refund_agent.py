"""The support agent of a bicycle shop: it looks orders up, refunds them, and asks the stock."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from anthropic import Anthropic
from openai import OpenAI

__all__ = ["AnthropicAgent", "OpenAIAgent", "Shop"]

INSTRUCTIONS = """\
You answer the customers of Harbour Cycles, a bicycle shop, in at most three sentences.
Look an order up before you say anything about it.
Refund a part that arrived damaged at once. The customer sends it back only if it cost more than
100 euros.
Never promise a day of delivery; say how long it usually takes.
"""

ORDER_ID = {"type": "string", "pattern": "^HC-[0-9]{5}$"}

TOOLS: dict[str, tuple[str, dict[str, Any]]] = {
    "get_order": ("Look up one order by its number.", {"order_id": ORDER_ID}),
    "refund": (
        "Pay money back for an order. Cannot be undone.",
        {
            "order_id": ORDER_ID,
            "amount": {"type": "number", "description": "Euros."},
            "reason": {"type": "string", "enum": ["damaged", "late", "unwanted"]},
            "send_back": {"type": "boolean"},
        },
    ),
    "check_stock": ("How many of an item are there.", {"item": {"type": "string"}}),
}


class Shop:
    """The shop's own systems, as far as the agent may touch them."""

    def __init__(self) -> None:
        self.refunds: list[dict[str, Any]] = []

    def get_order(self, order_id: str) -> dict[str, Any]:
        """One order."""
        return {"order_id": order_id, "item": "rear wheel 28 inch", "price": 84.5}

    def refund(self, **wanted: Any) -> dict[str, Any]:
        """Book a refund."""
        self.refunds.append(wanted)
        return {"refund": "R-7731", "status": "booked"}

    def check_stock(self, item: str) -> dict[str, Any]:
        """The stock of one item."""
        return {"item": item, "in_stock": 3, "usual_delivery_days": 2}

    def call(self, tool: str, arguments: Mapping[str, Any]) -> str:
        """Do what the model asks for."""
        allowed: dict[str, Callable[..., dict[str, Any]]] = {
            "get_order": self.get_order,
            "refund": self.refund,
            "check_stock": self.check_stock,
        }
        return json.dumps(allowed[tool](**arguments))


def _schema(properties: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(properties)}


class OpenAIAgent:
    """The agent on OpenAI's chat completions.

    Args:
        client: The SDK's client.
        shop: Where orders are looked up and refunded.
    """

    def __init__(self, client: OpenAI, shop: Shop) -> None:
        self._client, self._shop = client, shop
        self._messages: list[Any] = [{"role": "system", "content": INSTRUCTIONS}]

    def ask(self, question: str) -> str:
        """Answer a customer, with as many tool calls as it takes."""
        self._messages.append({"role": "user", "content": question})
        while calls := self._step():
            for call in calls:
                result = self._shop.call(call.function.name, json.loads(call.function.arguments))
                self._messages.append({"role": "tool", "tool_call_id": call.id, "content": result})
        content: str = self._messages[-1]["content"]
        return content

    def _step(self) -> list[Any]:
        tools: list[Any] = [
            {
                "type": "function",
                "function": {"name": name, "description": about, "parameters": _schema(properties)},
            }
            for name, (about, properties) in TOOLS.items()
        ]
        answer = self._client.chat.completions.create(
            model="gpt-5-mini", messages=self._messages, tools=tools
        )
        message = answer.choices[0].message
        self._messages.append(message.to_dict())
        return message.tool_calls or []


class AnthropicAgent:
    """The agent on Anthropic's messages.

    Args:
        client: The SDK's client.
        shop: Where orders are looked up and refunded.
    """

    def __init__(self, client: Anthropic, shop: Shop) -> None:
        self._client, self._shop = client, shop
        self._messages: list[Any] = []

    def ask(self, question: str) -> str:
        """Answer a customer, with as many tool calls as it takes."""
        self._messages.append({"role": "user", "content": question})
        while calls := self._step():
            results = [
                {
                    "type": "tool_result",
                    "tool_use_id": call["id"],
                    "content": self._shop.call(call["name"], call["input"]),
                }
                for call in calls
            ]
            self._messages.append({"role": "user", "content": results})
        blocks = self._messages[-1]["content"]
        return "".join(block["text"] for block in blocks if block["type"] == "text")

    def _step(self) -> list[dict[str, Any]]:
        tools: list[Any] = [
            {"name": name, "description": about, "input_schema": _schema(properties)}
            for name, (about, properties) in TOOLS.items()
        ]
        answer = self._client.messages.create(
            model="claude-sonnet-4-6",
            max_tokens=600,
            system=INSTRUCTIONS,
            messages=self._messages,
            tools=tools,
        )
        blocks = [block.to_dict() for block in answer.content]
        self._messages.append({"role": "assistant", "content": blocks})
        return [block for block in blocks if block["type"] == "tool_use"]
