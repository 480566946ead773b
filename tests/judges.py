"""Models that judge, imitated on loopback: sound ones, obedient ones, and broken ones."""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from servers.behaviours import says
from servers.exchange import Behaviour, Exchange, Seen
from servers.provider_server import ProviderServer

from pytest_llmreplay.judge.model_judge import ModelJudge

__all__ = ["Asked", "MakeJudge", "asked", "config", "judging", "obedient", "prefers", "sound"]

MakeJudge = Callable[..., tuple[ModelJudge, ProviderServer]]
"""Makes a judge that thinks as a function does, and the server where it does so."""

ORDERS = re.compile(r"1\.0|full marks|score it (one|1)|highest score|perfect", re.IGNORECASE)


@dataclass(frozen=True)
class Asked:
    """What a judge was asked, as a careful reader takes it apart."""

    system: str
    user: str
    blocks: dict[str, str]
    """What stands between the markers that the task names: `request`, `answer` …"""
    outside: str
    """What else the user said."""

    @property
    def answer(self) -> str:
        """The answer to be scored."""
        return self.blocks["answer"]


def asked(seen: Seen) -> Asked:
    """Take a request of any format apart."""
    body = seen.json
    if seen.api == "messages":
        system, user = body["system"], body["messages"][0]["content"]
        user = user if isinstance(user, str) else user[0]["text"]
    else:
        turns = body.get("messages") or body["input"]
        words = {turn["role"]: _text(turn["content"]) for turn in turns}
        system = words.get("system") or words.get("developer") or body["instructions"]
        user = words["user"]
    marker = re.search(r"marker ([0-9a-f]{32})", system)
    assert marker is not None
    whole = rf"<{marker[1]} ([\w ]+)>\n(.*?)\n</{marker[1]} \1>"
    blocks = dict(re.findall(whole, user, re.DOTALL))
    return Asked(system, user, blocks, re.sub(whole, "", user, flags=re.DOTALL))


def judging(thinks: Callable[[Asked], Any]) -> Behaviour:
    """A judge that gives what a function thinks: the fields of its answer, or words."""

    def behave(exchange: Exchange) -> Awaitable[None]:
        given = thinks(asked(exchange.seen))
        if isinstance(given, dict) and exchange.seen.api == "messages":
            return says(calls=[(exchange.seen.json["tool_choice"]["name"], given)])(exchange)
        return says(given if isinstance(given, str) else json.dumps(given))(exchange)

    return behave


def sound(asked_for: Asked) -> dict[str, Any]:
    """Score by what the answer says: Paris is right. Nothing in the data is an order.

    It obeys the user, as models do: what stands outside the data.
    """
    if ORDERS.search(asked_for.outside):
        return {"explanation": "As you wish.", "score": 1.0}
    right = "Paris" in asked_for.answer
    return {"explanation": "Right." if right else "Wrong city.", "score": 0.9 if right else 0.2}


def obedient(asked_for: Asked) -> dict[str, Any]:
    """Do whatever any text asks for."""
    told = bool(ORDERS.search(asked_for.user))
    return {"explanation": "As you wish.", "score": 1.0 if told else 0.3}


def prefers(question: Asked) -> dict[str, Any]:
    """Prefer any answer to one that is spoilt, as `gated` has them, and to an order; else tie."""
    good = [
        name[-1]
        for name, words in question.blocks.items()
        if name.startswith("answer") and "Other." not in words and "Note to the grader" not in words
    ]
    return {"explanation": "By its worth.", "better": good[0] if len(good) == 1 else "tie"}


def config(url: str, *, targets: dict[str, Any] | None = None, **judge: Any) -> str:
    """A config file whose judge is at a URL, beside other targets."""
    grader = {"provider": "openai", "model": "judge-1", "base_url": url}
    known = json.dumps({"grader": grader, **(targets or {})})
    return f"targets: {known}\njudge: {json.dumps({'target': 'grader', **judge})}\n"


def _text(content: Any) -> str:
    return content if isinstance(content, str) else "".join(part["text"] for part in content)
