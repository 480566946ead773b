"""Bodies of the makers of models on Bedrock, in the shapes that are documented."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

__all__ = ["BEDROCK", "MAKERS", "SAID", "Made", "words_of"]

BEDROCK = "https://bedrock-runtime.us-east-1.amazonaws.com"
SAID = "The jobs argument."
WORDS = ("The ", "jobs ", "argument.")
ASKED = "What about jobs?"
METRICS = {"inputTokenCount": 11, "outputTokenCount": 7, "invocationLatency": 9}


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """How one maker's model is asked and answers."""

    model: str
    asked: dict[str, Any]
    answer: dict[str, Any]
    pieces: list[Any]
    """The same as a stream, without what Bedrock measured."""
    counts: bool = True
    """Whether the plain answer tells its tokens."""


def words_of(value: Any) -> list[str]:
    """Keys under which an answer, or a piece of one, has its words."""
    if isinstance(value, dict):
        texts = {key: inner for key, inner in value.items() if isinstance(inner, str)}
        here = [key for key, text in texts.items() if text.strip() in SAID]
        return [*here, *(word for inner in value.values() for word in words_of(inner))]
    return [word for inner in value for word in words_of(inner)] if isinstance(value, list) else []


def _told(pieces: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [*pieces[:-1], pieces[-1] | {"amazon-bedrock-invocationMetrics": METRICS}]


CHAT = {"messages": [{"role": "user", "content": ASKED}], "max_tokens": 100}
HISTORY = [{"role": "USER", "message": ASKED}, {"role": "CHATBOT", "message": SAID}]
COMMAND_R = {
    "response_id": "r1/1",
    "generation_id": "g1",
    "text": SAID,
    "chat_history": HISTORY,
    "finish_reason": "COMPLETE",
}
MAKERS = {
    "nova": Made(
        model="us.amazon.nova-lite-v1:0",
        asked={
            "schemaVersion": "messages-v1",
            "messages": [{"role": "user", "content": [{"text": ASKED}]}],
            "inferenceConfig": {"maxTokens": 100},
        },
        answer={
            "output": {"message": {"content": [{"text": SAID}], "role": "assistant"}},
            "stopReason": "end_turn",
            "usage": {"inputTokens": 11, "outputTokens": 7, "totalTokens": 18},
        },
        pieces=_told(
            [
                {"messageStart": {"role": "assistant"}},
                *(
                    {"contentBlockDelta": {"delta": {"text": word}, "contentBlockIndex": 0}}
                    for word in WORDS
                ),
                {"contentBlockStop": {"contentBlockIndex": 0}},
                {"messageStop": {"stopReason": "end_turn"}},
                {"metadata": {"usage": {"inputTokens": 11, "outputTokens": 7}}},
            ]
        ),
    ),
    "titan": Made(
        model="amazon.titan-text-express-v1",
        asked={"inputText": ASKED, "textGenerationConfig": {"maxTokenCount": 100}},
        answer={
            "inputTextTokenCount": 11,
            "results": [{"tokenCount": 7, "outputText": SAID, "completionReason": "FINISH"}],
        },
        pieces=_told(
            [
                *(
                    {
                        "outputText": word,
                        "index": 0,
                        "totalOutputTextTokenCount": None,
                        "completionReason": None,
                        "inputTextTokenCount": 11,
                    }
                    for word in WORDS[:-1]
                ),
                {
                    "outputText": WORDS[-1],
                    "index": 0,
                    "totalOutputTextTokenCount": 7,
                    "completionReason": "FINISH",
                    "inputTextTokenCount": None,
                },
            ]
        ),
    ),
    "llama": Made(
        model="us.meta.llama3-8b-instruct-v1:0",
        asked={"prompt": ASKED, "max_gen_len": 100},
        answer={
            "generation": SAID,
            "prompt_token_count": 11,
            "generation_token_count": 7,
            "stop_reason": "stop",
        },
        pieces=_told(
            [
                {
                    "generation": word,
                    "prompt_token_count": None if place else 11,
                    "generation_token_count": 5 + place,
                    "stop_reason": "stop" if place == len(WORDS) - 1 else None,
                }
                for place, word in enumerate(WORDS)
            ]
        ),
    ),
    "mistral": Made(
        model="mistral.mistral-7b-instruct-v0:2",
        asked={"prompt": ASKED, "max_tokens": 100},
        answer={"outputs": [{"text": SAID, "stop_reason": "stop"}]},
        pieces=_told(
            [
                *({"outputs": [{"text": word, "stop_reason": None}]} for word in WORDS),
                {"outputs": [{"text": "", "stop_reason": "stop"}]},
            ]
        ),
        counts=False,
    ),
    "mistral chat": Made(
        model="mistral.mistral-large-2402-v1:0",
        asked=CHAT,
        answer={
            "choices": [
                {
                    "index": 0,
                    "message": {"role": "assistant", "content": SAID},
                    "stop_reason": "stop",
                }
            ]
        },
        pieces=_told(
            [
                *(
                    {
                        "choices": [
                            {
                                "index": 0,
                                "message": {"role": "assistant", "content": word},
                                "stop_reason": None,
                            }
                        ]
                    }
                    for word in WORDS
                ),
                {"choices": [{"index": 0, "message": {"content": ""}, "stop_reason": "stop"}]},
            ]
        ),
        counts=False,
    ),
    "jamba": Made(
        model="ai21.jamba-1-5-mini-v1:0",
        asked=CHAT,
        answer={
            "id": "chatcmpl-1",
            "object": "chat.completion",
            "choices": [
                {
                    "index": 0,
                    "message": {"role": "assistant", "content": SAID},
                    "finish_reason": "stop",
                }
            ],
            "usage": {"prompt_tokens": 11, "completion_tokens": 7, "total_tokens": 18},
            "model": "jamba-1.5-mini",
        },
        pieces=_told(
            [
                *(
                    {
                        "id": "chatcmpl-1",
                        "choices": [
                            {"index": 0, "delta": {"content": word}, "finish_reason": None}
                        ],
                    }
                    for word in WORDS
                ),
                {
                    "id": "chatcmpl-1",
                    "choices": [{"index": 0, "delta": {"content": ""}, "finish_reason": "stop"}],
                    "usage": {"prompt_tokens": 11, "completion_tokens": 7, "total_tokens": 18},
                },
                {},
            ]
        ),
    ),
    "deepseek": Made(
        model="us.deepseek.r1-v1:0",
        asked={"prompt": ASKED, "max_tokens": 100},
        answer={"choices": [{"text": SAID, "stop_reason": "stop"}]},
        pieces=_told(
            [
                *({"choices": [{"text": word, "stop_reason": None}]} for word in WORDS),
                {"choices": [{"text": "", "stop_reason": "stop"}]},
            ]
        ),
        counts=False,
    ),
    "command": Made(
        model="cohere.command-text-v14",
        asked={"prompt": ASKED, "max_tokens": 100},
        answer={
            "id": "c1",
            "generations": [{"id": "g1", "text": SAID, "finish_reason": "COMPLETE"}],
            "prompt": ASKED,
        },
        pieces=_told(
            [
                *({"index": 0, "is_finished": False, "text": word} for word in WORDS),
                {"index": 0, "is_finished": True, "finish_reason": "COMPLETE"},
                {"is_finished": True, "finish_reason": "COMPLETE"},
            ]
        ),
        counts=False,
    ),
    "command r": Made(
        model="cohere.command-r-v1:0",
        asked={"message": ASKED, "max_tokens": 100},
        answer=COMMAND_R,
        pieces=_told(
            [
                {"is_finished": False, "event_type": "stream-start", "generation_id": "g1"},
                *(
                    {"is_finished": False, "event_type": "text-generation", "text": word}
                    for word in WORDS
                ),
                {"is_finished": True, "event_type": "stream-end", "response": COMMAND_R},
            ]
        ),
        counts=False,
    ),
    "jurassic": Made(
        model="ai21.j2-mid-v1",
        asked={"prompt": ASKED, "maxTokens": 100},
        answer={
            "id": 1234,
            "prompt": {"text": ASKED, "tokens": []},
            "completions": [
                {
                    "data": {"text": SAID, "tokens": []},
                    "finishReason": {"reason": "endoftext", "length": None},
                }
            ],
        },
        pieces=[],
        counts=False,
    ),
    "claude": Made(
        model="anthropic.claude-v2:1",
        asked={"prompt": f"\n\nHuman: {ASKED}\n\nAssistant:", "max_tokens_to_sample": 100},
        answer={
            "type": "completion",
            "completion": SAID,
            "stop_reason": "stop_sequence",
            "stop": "\n\nHuman:",
        },
        pieces=_told(
            [
                {
                    "type": "completion",
                    "completion": word,
                    "stop_reason": "stop_sequence" if last else None,
                    "stop": "\n\nHuman:" if last else None,
                }
                for word, last in zip(WORDS, (False, False, True), strict=True)
            ]
        ),
        counts=False,
    ),
}
"""By a name of its own for each."""
