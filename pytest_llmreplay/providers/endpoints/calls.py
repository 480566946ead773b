"""What an LLM call is: by method and URL alone, and cheap enough to ask of every HTTP request."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from fnmatch import fnmatchcase
from functools import lru_cache
from urllib.parse import urlsplit

from pytest_llmreplay.errors import ConfigError
from pytest_llmreplay.event import Json

from .literal_hosts import address_of
from .lookup import match_host
from .routes import asks_a_model, is_kept_answer, path_of, route_of

__all__ = [
    "further_hosts",
    "host_of",
    "is_llm_body",
    "is_llm_call",
    "is_llm_host",
    "is_private",
    "unknown_host",
]

_OLLAMA_PORT = ":11434"
_PRIVATE_NETWORKS = tuple(
    ipaddress.ip_network(network)
    for network in (
        "127.0.0.0/8",
        "10.0.0.0/8",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "0.0.0.0/32",
        "::1/128",
        "::/128",
        "fc00::/7",
        "fe80::/10",
    )
)
_PRIVATE_NAMES = ("localhost", "host.docker.internal")
_PRIVATE_ENDINGS = (".localhost", ".local", ".internal")
# Link-local names of cloud metadata services, and the host that test clients of web frameworks use.
_NEVER_PRIVATE = frozenset({"testserver", "metadata", "metadata.google.internal"})

_NO_HOST = frozenset("/,@ ")

# Where providers take traces and usage events of SDKs and tools, and where they serve MCP.
_OTHER_ENDINGS = ("/mcp", "/traces/ingest", "/v1/traces", "/v1/metrics", "/v1/logs")
_OTHER_PARTS = ("/mcp/", "/event_logging/", "/api/claude_code/")


def further_hosts(words: Iterable[str]) -> tuple[str, ...]:
    """The hosts that the ini key `llm_hosts` names.

    Raises:
        ConfigError: One is no host, so that its calls would be taken for those of no model.
    """
    found = tuple(words)
    for word in found:
        if not _NO_HOST.isdisjoint(word):
            meant = urlsplit(word if "//" in word else f"//{word}").netloc.strip(",")
            guess = f"; did you mean {meant!r}?" if meant else "."
            raise ConfigError(
                f"llm_hosts: {word!r} is no host{guess} Write HOST, HOST:PORT or a pattern such as "
                "*.corp.example, with spaces between them"
            )
    return found


@lru_cache(maxsize=1024)  # a program calls few URLs, and each of them often
def is_llm_call(method: str, url: str, *, hosts: frozenset[str] = frozenset()) -> bool:
    """Whether a request is an LLM call.

    It is when its host is a provider's or one of `hosts`; else when it goes to a loopback or
    private host, and is a POST whose path ends as an API format's does or names an answer that
    such a call left there. Traces, metrics and MCP never are.

    Args:
        method: Any case.
        url: Absolute.
        hosts: Further hosts; `host`, `host:port`, or a pattern with `*`.
    """
    authority = _authority_of(url)
    served = _served_under(authority)
    if served is None and hosts and _among(authority, hosts):
        served = ""
    if served is not None:
        path = path_of(url)
        return path.startswith(served) and not _is_other(path)
    if not _is_private_authority(authority):
        return False
    path = path_of(url)
    return is_kept_answer(path) or (method.upper() == "POST" and _is_llm_path(path))


def is_llm_body(url: str, body: Json, *, hosts: frozenset[str] = frozenset()) -> bool:
    """Whether the body leaves an LLM call one.

    On a host of a provider, or one of `hosts`, every body does. A private host may serve anything
    under such a path: there the body has to hold what the format demands, or name a model.
    """
    if _is_model_host(url, hosts):
        return True
    path = path_of(url)
    route = route_of(path)
    return (route is not None and asks_a_model(route, body)) or is_kept_answer(path)


def is_llm_host(host: str, _port: int | None, *, hosts: frozenset[str] = frozenset()) -> bool:
    """Whether a host serves nothing but models, on whichever port."""
    found = match_host(host.lower())
    return host in hosts or (found is not None and not found[1])


def unknown_host(method: str, url: str, *, hosts: frozenset[str] = frozenset()) -> str | None:
    """The host of a recorded call that, asked again, would be taken for no LLM call.

    None under `.invalid`, which stands for a host that a log does not tell.
    """
    host = host_of(url)
    known = host.endswith(".invalid") or is_llm_call(method, url, hosts=hosts)
    return None if known else host


def host_of(url: str) -> str:
    """The host of an absolute URL, lower-case, without port and brackets."""
    return _host(_authority_of(url))


@lru_cache(maxsize=1024)
def is_private(host: str) -> bool:
    """Whether a host is this machine or of a private network (never link-local 169.254/16)."""
    if host in _NEVER_PRIVATE:
        return False
    address = address_of(host)
    if address is None:
        return "." not in host or host in _PRIVATE_NAMES or host.endswith(_PRIVATE_ENDINGS)
    return any(address in network for network in _PRIVATE_NETWORKS)


def _authority_of(url: str) -> str:
    """Host and port, as written but for case; empty for what is not HTTP."""
    scheme, _, rest = url.partition("://")
    if scheme not in {"https", "http"} and scheme.lower() not in {"https", "http"}:
        return ""
    return rest.partition("/")[0]


def _host(authority: str) -> str:
    name = authority.partition("?")[0].partition("#")[0].rpartition("@")[2].lower()
    if name.startswith("["):
        return name[1:].partition("]")[0]
    return name.partition(":")[0].rstrip(".")


@lru_cache(maxsize=1024)
def _is_model_host(url: str, hosts: frozenset[str]) -> bool:
    authority = _authority_of(url)
    return _served_under(authority) is not None or (bool(hosts) and _among(authority, hosts))


@lru_cache(maxsize=1024)
def _served_under(authority: str) -> str | None:
    """The path under which a provider serves models on this host; `None` for other hosts."""
    host = _host(authority)
    found = match_host(host)
    if found is not None:
        return found[1]
    return "" if authority.endswith(_OLLAMA_PORT) and is_private(host) else None


@lru_cache(maxsize=1024)
def _among(authority: str, hosts: frozenset[str]) -> bool:
    host = _host(authority)
    with_port = authority.rpartition("@")[2].lower()
    wanted = {pattern.lower() for pattern in hosts}
    return any(fnmatchcase(host, name) or fnmatchcase(with_port, name) for name in wanted)


@lru_cache(maxsize=1024)
def _is_private_authority(authority: str) -> bool:
    return authority != "" and is_private(_host(authority))


@lru_cache(maxsize=2048)
def _is_llm_path(path: str) -> bool:
    route = route_of(path)
    return route is not None and route.everywhere and not _is_other(path)


@lru_cache(maxsize=2048)
def _is_other(path: str) -> bool:
    path = path.rstrip("/")
    return path.endswith(_OTHER_ENDINGS) or any(part in path for part in _OTHER_PARTS)
