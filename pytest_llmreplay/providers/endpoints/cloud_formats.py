"""How clouds serve the formats of others: for which models, at which paths, in which bodies."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from pytest_llmreplay.event import Json

from .provider import Provider

__all__ = ["OPENAI_FORMATS", "Served", "cloud_version", "formats_of", "is_cloud", "served"]

OPENAI_FORMATS = ("chat_completions", "responses", "completions", "embeddings")
"""Those that Azure and Bedrock serve below one base URL."""

Body = dict[str, Json]
Headers = Mapping[str, str]

_VERSION, _BETA = "anthropic_version", "anthropic_beta"
_FIRST_VERSION = "2023-06-01"
_FIRST_NAMES = {"bedrock": "bedrock-2023-05-31", "vertex": "vertex-2023-10-16"}
"""What the clouds call Anthropic's first API version; later ones have one name everywhere."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """A format as one cloud takes it."""

    path: str
    """What a replay appends to the base URL; may hold `{model}`."""
    stream_path: str
    body: Callable[[Body, Headers], Body]
    """The cloud's form of a body that would go with these headers elsewhere."""


def is_cloud(provider: str) -> bool:
    """Whether a provider's formats hang on the model, and its address on the customer."""
    return provider in _FORMATS


def formats_of(provider: Provider, model: str) -> tuple[str, ...]:
    """The API formats in which a provider serves a model, best first; none where nobody knows."""
    chosen = _FORMATS.get(provider.name)
    return provider.apis if chosen is None else chosen(model)


def served(provider: str, api: str, *, base_url: str, version: str | None = None) -> Served | None:
    """How a provider takes a format; none where it does as the format itself says.

    Args:
        provider: A name of the table.
        api: The format.
        base_url: Where calls go; some addresses of a cloud serve a format as its maker does.
        version: Azure's API version, where it is asked below its deployments.
    """
    if provider == "azure" and version is not None and api in OPENAI_FORMATS:
        return _deployed(api, base_url, version)
    if provider == "bedrock" and base_url.partition("://")[2].startswith("bedrock-mantle."):
        return None
    return _SERVED.get((provider, api))


def cloud_version(provider: str, version: str) -> str:
    """What a cloud calls an API version of Anthropic's.

    Args:
        provider: `bedrock` or `vertex`.
        version: As in the header `anthropic-version`.
    """
    return _FIRST_NAMES[provider] if version == _FIRST_VERSION else version


# https://learn.microsoft.com/azure/foundry/openai/api-version-lifecycle
def _deployed(api: str, base_url: str, version: str) -> Served | None:
    if base_url.endswith("/v1"):
        return None
    path = {"responses": "/responses", "chat_completions": "/chat/completions"}.get(api, f"/{api}")
    if api != "responses" and "/deployments/" not in base_url:
        path = f"/deployments/{{model}}{path}"
    path = f"{path}?api-version={version}"
    return Served(path=path, stream_path=path, body=lambda body, _headers: body)


# https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-anthropic-claude-messages.html
def _for_bedrock(body: Body, headers: Headers) -> Body:
    own = {_VERSION: cloud_version("bedrock", headers.get("anthropic-version", _FIRST_VERSION))}
    betas: list[Json] = [*filter(None, headers.get("anthropic-beta", "").split(","))]
    rest = {key: value for key, value in body.items() if key not in {"model", "stream"}}
    return own | ({_BETA: betas} if betas else {}) | rest


# https://cloud.google.com/vertex-ai/generative-ai/docs/partner-models/claude/use-claude
def _for_vertex(body: Body, headers: Headers) -> Body:
    own = {_VERSION: cloud_version("vertex", headers.get("anthropic-version", _FIRST_VERSION))}
    return own | {key: value for key, value in body.items() if key != "model"}


# https://cloud.google.com/vertex-ai/generative-ai/docs/migrate/openai/overview
def _with_publisher(body: Body, _headers: Headers) -> Body:
    model = body.get("model")
    bare = isinstance(model, str) and "/" not in model
    return body | {"model": f"google/{model}"} if bare else body


_SERVED = {
    ("bedrock", "messages"): Served(
        path="/model/{model}/invoke",
        stream_path="/model/{model}/invoke-with-response-stream",
        body=_for_bedrock,
    ),
    ("vertex", "messages"): Served(
        path="/models/{model}:rawPredict",
        stream_path="/models/{model}:streamRawPredict",
        body=_for_vertex,
    ),
    ("vertex", "chat_completions"): Served(
        path="/chat/completions", stream_path="/chat/completions", body=_with_publisher
    ),
}


def _of_azure(model: str) -> tuple[str, ...]:
    return ("messages",) if "claude" in model else OPENAI_FORMATS


def _of_bedrock(model: str) -> tuple[str, ...]:
    # An inference profile does not tell the maker of its model.
    if "claude" in model or model.startswith("arn:"):
        return ("converse", "messages")
    return ("converse", *OPENAI_FORMATS)


def _of_vertex(model: str) -> tuple[str, ...]:
    if "claude" in model:
        return ("messages",)
    native = "/" not in model or model.startswith(("models/", "tunedModels/"))
    chat = ("chat_completions",)
    return ("generate_content", "interactions", *chat) if native else chat


_FORMATS: Mapping[str, Callable[[str], tuple[str, ...]]] = {
    "azure": _of_azure,
    "bedrock": _of_bedrock,
    "vertex": _of_vertex,
}
