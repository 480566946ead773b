"""Addresses of the clouds that serve the models of many makers.

They hold a region, a project or a resource of the customer's. The environment names it, in
the variables of the clouds' own SDKs; nothing of it is taken from a cassette.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace

from pytest_llmreplay.errors import ConfigError

from .cloud_formats import OPENAI_FORMATS
from .provider import AuthStyle, Provider

__all__ = ["api_version", "at_home", "azure_base_url", "missing"]

_REGION = re.compile(r"[a-z0-9-]{1,60}")
_PROJECT = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9_.:-]{0,100}")
_MULTI_REGIONS = frozenset({"us", "eu"})
_VERSIONLESS = frozenset({"", "v1", "latest", "preview"})
"""Values of `OPENAI_API_VERSION` that mean Azure's undated API, below `/openai/v1`."""

Environ = Mapping[str, str]


def at_home(provider: Provider, api: str, environ: Environ) -> Provider:
    """A row of the table with the user's own address in it, for one API format.

    Args:
        provider: The row; one that is no cloud's comes back as it is.
        api: The format of the calls.
        environ: Names regions, projects and resources, and says which kind of key there is.

    Raises:
        ConfigError: A variable holds what cannot be part of an address.
    """
    fill = _ADDRESSES.get(provider.name)
    if fill is None:
        return provider
    if not missing(provider.name, api):
        return _filled(provider, api, "", provider.key_variables, provider.auth)
    return fill(provider, api, environ)


def missing(provider: str, api: str) -> str:
    """Which variables would give a cloud's address; empty where it does not serve the format."""
    return _MISSING.get(provider, {}).get(api, "")


def api_version(environ: Environ) -> str | None:
    """The dated API version in which Azure is asked below `/openai/deployments`.

    https://learn.microsoft.com/azure/foundry/openai/api-version-lifecycle
    """
    version = _read(environ, "OPENAI_API_VERSION")
    if version.lower() in _VERSIONLESS:
        return None
    return _checked("OPENAI_API_VERSION", version, _REGION)


def azure_base_url(endpoint: str, environ: Environ) -> str:
    """The base URL of OpenAI's formats at an endpoint of Azure."""
    endpoint = endpoint.rstrip("/")
    if "/openai" in endpoint:
        return endpoint
    return f"{endpoint}/openai" if api_version(environ) else f"{endpoint}/openai/v1"


def _azure(provider: Provider, api: str, environ: Environ) -> Provider:
    if api == "messages":
        return _foundry(provider, environ)
    endpoint = _read(environ, "AZURE_OPENAI_ENDPOINT")
    url = endpoint and azure_base_url(endpoint, environ)
    if _read(environ, "AZURE_OPENAI_AD_TOKEN") and not _read(environ, "AZURE_OPENAI_API_KEY"):
        return _filled(provider, api, url, ("AZURE_OPENAI_AD_TOKEN",), {api: "bearer"})
    return _filled(provider, api, url, ("AZURE_OPENAI_API_KEY",), provider.auth)


# https://platform.claude.com/docs/en/build-with-claude/claude-in-microsoft-foundry
def _foundry(provider: Provider, environ: Environ) -> Provider:
    url = _read(environ, "ANTHROPIC_FOUNDRY_BASE_URL").rstrip("/")
    if not url and (resource := _read(environ, "ANTHROPIC_FOUNDRY_RESOURCE")):
        resource = _checked("ANTHROPIC_FOUNDRY_RESOURCE", resource.lower(), _REGION)
        url = f"https://{resource}.services.ai.azure.com/anthropic"
    return _filled(provider, "messages", url, ("ANTHROPIC_FOUNDRY_API_KEY",), provider.auth)


# https://docs.aws.amazon.com/general/latest/gr/bedrock.html
def _bedrock(provider: Provider, api: str, environ: Environ) -> Provider:
    openai = api in OPENAI_FORMATS
    url = _read(environ, "AWS_ENDPOINT_URL_BEDROCK_RUNTIME").rstrip("/")
    if url:
        url += "/openai/v1" if openai else ""
    elif region := _read(environ, "AWS_REGION") or _read(environ, "AWS_DEFAULT_REGION"):
        region = _checked("AWS_REGION", region, _REGION)
        domain = "amazonaws.com.cn" if region.startswith("cn-") else "amazonaws.com"
        runtime = f"https://bedrock-runtime.{region}.{domain}"
        url = f"https://bedrock-mantle.{region}.api.aws/v1" if openai else runtime
    return _filled(provider, api, url, provider.key_variables, provider.auth)


# https://cloud.google.com/vertex-ai/generative-ai/docs/reference/rest
def _vertex(provider: Provider, api: str, environ: Environ) -> Provider:
    project, place = _read(environ, "GOOGLE_CLOUD_PROJECT"), _read(environ, "GOOGLE_CLOUD_LOCATION")
    if not project and api == "generate_content" and _read(environ, "GOOGLE_API_KEY"):
        # https://cloud.google.com/vertex-ai/generative-ai/docs/start/express-mode/overview
        url = f"{_vertex_origin('global', environ)}/v1/publishers/google"
        return _filled(provider, api, url, ("GOOGLE_API_KEY",), {api: "x-goog-api-key"})
    url = ""
    if project and place:
        project = _checked("GOOGLE_CLOUD_PROJECT", project, _PROJECT)
        place = _checked("GOOGLE_CLOUD_LOCATION", place, _REGION)
        origin = _vertex_origin(place, environ)
        version = "v1beta1" if api == "interactions" else "v1"
        below = f"/projects/{project}/locations/{place}{_BELOW_PROJECT[api]}"
        url = f"{origin}/{version}{below}"
    return _filled(provider, api, url, provider.key_variables, provider.auth)


def _vertex_origin(place: str, environ: Environ) -> str:
    if url := _read(environ, "GOOGLE_VERTEX_BASE_URL").rstrip("/"):
        return url
    if place in _MULTI_REGIONS:
        return f"https://aiplatform.{place}.rep.googleapis.com"
    return f"https://{'' if place == 'global' else f'{place}-'}aiplatform.googleapis.com"


def _filled(
    provider: Provider, api: str, url: str, keys: tuple[str, ...], auth: Mapping[str, AuthStyle]
) -> Provider:
    urls = {api: url} if url else {}
    return replace(provider, base_urls=urls, key_variables=keys, auth=auth, base_url_variables=())


def _read(environ: Environ, variable: str) -> str:
    return environ.get(variable, "").strip()


def _checked(variable: str, value: str, form: re.Pattern[str]) -> str:
    if form.fullmatch(value) is None:
        raise ConfigError(f"{variable}: {value!r} cannot be part of an address")
    return value


_ADDRESSES: Mapping[str, Callable[[Provider, str, Environ], Provider]] = {
    "azure": _azure,
    "bedrock": _bedrock,
    "vertex": _vertex,
}
_BELOW_PROJECT = {
    "generate_content": "/publishers/google",
    "interactions": "",
    "messages": "/publishers/anthropic",
    "chat_completions": "/endpoints/openapi",
}
_AWS = "AWS_REGION or AWS_ENDPOINT_URL_BEDROCK_RUNTIME"
_GOOGLE = "GOOGLE_CLOUD_PROJECT and GOOGLE_CLOUD_LOCATION"
_MISSING = {
    "azure": {
        **dict.fromkeys(OPENAI_FORMATS, "AZURE_OPENAI_ENDPOINT"),
        "messages": "ANTHROPIC_FOUNDRY_RESOURCE",
    },
    "bedrock": dict.fromkeys(("converse", "invoke", "messages", *OPENAI_FORMATS), _AWS),
    "vertex": dict.fromkeys(_BELOW_PROJECT, _GOOGLE),
}
"""What to set for the address of each format that a cloud serves."""
