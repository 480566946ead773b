"""Which paths belong to which API format, and what a body must hold to confirm it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeGuard
from urllib.parse import unquote

from pytest_llmreplay.event import Json

__all__ = [
    "Route",
    "asks_a_model",
    "body_confirms",
    "is_kept_answer",
    "model_in_path",
    "path_of",
    "route_of",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """Paths of one API format."""

    api: str
    ends: str
    """Regular expression for the end of a path; begins at a segment."""
    keys: tuple[str, ...]
    """One of these keys stands in the body."""
    and_keys: tuple[str, ...] = ()
    """And one of these, where there are any."""
    everywhere: bool = True
    """Whether the path alone makes an LLM call of a POST to a private host."""
    models_only: bool = False
    """Whether a body that names a model is meant for this API, whatever is wrong with it."""


_INTERACTIONS = r"/v1(?:alpha|beta)?\d*/(?:projects/[^/]+/locations/[^/]+/)?interactions"

# The first that fits wins. A path counts from its end: gateways and proxies put prefixes before it.
_ROUTES = (
    Route(api="responses", ends=r"/responses", keys=("input", "prompt", "model")),
    Route(api="chat_completions", ends=r"/chat/completions", keys=("messages",), models_only=True),
    Route(api="completions", ends=r"/completions", keys=("prompt",)),
    Route(api="messages", ends=r"/v1/messages", keys=("messages",), models_only=True),
    Route(api="messages", ends=r"/messages", keys=("messages",), everywhere=False),
    Route(api="count_tokens", ends=r"/v1/messages/count_tokens", keys=("messages",)),
    Route(
        api="messages",
        ends=r"/models/[^/:]+:(?:rawPredict|streamRawPredict)",
        keys=("anthropic_version",),
    ),
    Route(
        api="generate_content",
        ends=r"/(?:models|tunedModels)/[^/:]+:(?:generateContent|streamGenerateContent)",
        keys=("contents",),
    ),
    Route(
        api="interactions",
        ends=_INTERACTIONS,
        keys=("input", "continuation_token"),
        and_keys=("model", "agent"),
    ),
    Route(api="converse", ends=r"/model/[^/]+/converse(?:-stream)?", keys=("messages",)),
    Route(api="invoke", ends=r"/model/[^/]+/invoke(?:-with-response-stream)?", keys=()),
    Route(api="cohere_chat", ends=r"/v2/chat", keys=("messages",)),
    Route(api="cohere_chat_v1", ends=r"/v1/chat", keys=("message",), everywhere=False),
    Route(api="cohere_generate", ends=r"/v1/generate", keys=("prompt",), everywhere=False),
    Route(api="ollama_chat", ends=r"/api/chat", keys=("messages",)),
    Route(api="ollama_generate", ends=r"/api/generate", keys=("model",)),
    Route(
        api="embeddings",
        ends=r"/embeddings|/v[12]/embed|/api/embed",
        keys=("input", "inputs", "texts", "images", "prompt"),
    ),
    Route(
        api="embeddings",
        ends=r"/models/[^/:]+:(?:embedContent|batchEmbedContents)",
        keys=("content", "contents", "requests"),
    ),
    # Many model servers are asked by `/models/{name}:predict`; only Vertex names publishers.
    Route(
        api="embeddings",
        ends=r"/publishers/[^/]+/models/[^/:]+:predict",
        keys=("instances",),
    ),
)
# Answers that OpenAI and Google keep under their ids, and what can be asked of them:
# https://platform.openai.com/docs/api-reference/responses/get
# https://ai.google.dev/api/interactions-api
_KEPT = re.compile(
    r"(?:/responses/resp_[^/]+(?:/cancel|/input_items)?"
    r"|/chat/completions/chatcmpl-[^/]+(?:/messages)?"
    rf"|{_INTERACTIONS}/v1_[^/]+(?:/cancel)?)/?\Z"
)
_PATTERNS = tuple((re.compile(rf"(?:{route.ends})/?\Z"), route) for route in _ROUTES)
_MODEL = re.compile(
    r"/model/(?P<bedrock>[^/]+)/"
    r"|/(?:models|tunedModels)/(?P<google>[^/:]+):"
    r"|/deployments/(?P<azure>[^/]+)/"
)


@lru_cache(maxsize=2048)
def route_of(path: str) -> Route | None:
    """The format that a path (no query) belongs to."""
    return next((route for pattern, route in _PATTERNS if pattern.search(path)), None)


@lru_cache(maxsize=2048)
def is_kept_answer(path: str) -> bool:
    """Whether a path (no query) names an answer that a provider keeps, as one that is polled."""
    return _KEPT.search(path) is not None


def asks_a_model(route: Route, body: Json) -> bool:
    """Whether a body is meant for this route, be it one that every server refuses."""
    return body_confirms(route, body) or (
        route.models_only and _may_confirm(body) and isinstance(body.get("model"), str)
    )


def body_confirms(route: Route, body: Json) -> bool:
    """Whether a body is one of this route's; a JSON-RPC message (MCP) never is."""
    if not _may_confirm(body):
        return False
    needed = filter(None, (route.keys, route.and_keys))
    return all(any(_holds(body, key) for key in keys) for keys in needed)


def _may_confirm(body: Json) -> TypeGuard[dict[str, Json]]:
    return isinstance(body, dict) and "jsonrpc" not in body


def _holds(body: dict[str, Json], key: str) -> bool:
    return isinstance(body.get(key), list) if key == "messages" else key in body


@lru_cache(maxsize=1024)
def model_in_path(path: str) -> str | None:
    """The model, deployment or ARN that a path names."""
    found = _MODEL.search(path)
    return unquote(found[found.lastgroup or 0]) if found else None


def path_of(url: str) -> str:
    """The path of an absolute URL, without query and fragment."""
    authority, slash, path = url.partition("://")[2].partition("/")
    if "?" in authority or "#" in authority or not slash:
        return "/"
    return "/" + path.partition("?")[0].partition("#")[0]
