"""A debate between a person and a model, with a second prompt that scores every argument."""

from __future__ import annotations

import json
from dataclasses import dataclass

from asking import Ask, Message

__all__ = ["Debate", "Score", "evaluate"]

DEBATER = """\
You are a seasoned debater, and you defend this motion: {motion}
The user speaks against it. Answer the user's strongest point first, then add one point of your
own. Stay courteous, name facts rather than feelings, and use at most sixty words.
"""

JUDGE = """\
You judge arguments in a debate and take no side.
Score the argument from 1 to 10 for its evidence and its logic, and tell the speaker in one or two
sentences what would make it stronger.
Answer in JSON with the keys "score" and "feedback", and nothing else.
"""

SCORE = {
    "type": "object",
    "properties": {"score": {"type": "integer"}, "feedback": {"type": "string"}},
    "required": ["score", "feedback"],
    "additionalProperties": False,
}


@dataclass(frozen=True)
class Score:
    """What the judge says about one argument."""

    points: int
    """From 1 to 10."""
    feedback: str


def evaluate(ask: Ask, argument: str) -> Score:
    """Have an argument judged, whoever made it."""
    answer = json.loads(ask(JUDGE, [{"role": "user", "content": argument}], SCORE))
    return Score(points=answer["score"], feedback=answer["feedback"])


class Debate:
    """A conversation about one motion; the model remembers all that was said.

    Args:
        ask: How to reach the model.
        motion: What the model defends.
    """

    def __init__(self, ask: Ask, motion: str) -> None:
        self._ask = ask
        self._instructions = DEBATER.format(motion=motion)
        self._conversation: list[Message] = []

    def answer(self, argument: str) -> str:
        """The model's reply to an argument against the motion."""
        self._conversation.append({"role": "user", "content": argument})
        reply = self._ask(self._instructions, self._conversation, None)
        self._conversation.append({"role": "assistant", "content": reply})
        return reply
