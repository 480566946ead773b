"""Whose call a path of the server is, where it would go, and the variables that send clients here.

A path is `/PROVIDER` and then the path that the provider itself would see, so that a call has the
same key as one that is recorded in the process. Below the base URL alone, the path's format tells
the provider.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from urllib.parse import urlsplit

from pytest_llmreplay.providers.endpoints.base_urls import told_base_url
from pytest_llmreplay.providers.endpoints.lookup import provider_named
from pytest_llmreplay.providers.endpoints.provider import Provider
from pytest_llmreplay.replay.calls.endpoint import host_of, is_loopback
from pytest_llmreplay.replay.calls.trust import Trust

from .owners import is_azure, joined, owner_of_path, versioned
from .upstream import Upstream
from .variables import ONLY_WHERE_SET, OTHER_NAMES, variables

__all__ = ["PLACEHOLDER", "Places"]

PLACEHOLDER = "no-key-needed"
"""What SDKs that want a key get where nothing is sent."""

_FURTHER_KEYS = (
    *("COHERE_API_KEY", "GOOGLE_GENERATIVE_AI_API_KEY"),
    *("DEEPINFRA_API_KEY", "NVIDIA_NIM_API_KEY"),
)
"""Keys that SDKs insist on under names of their own, as Vercel's and LiteLLM."""

# Its Agents SDK uploads traces, words and all, wherever it finds a key:
# https://openai.github.io/openai-agents-js/guides/tracing
_NO_TRACES = "OPENAI_AGENTS_DISABLE_TRACING"

_PROXIES = ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy")


class Places:
    """All upstreams of a server.

    Args:
        environ: Names base URLs and trusted hosts.
        upstream: One base URL for everything, as a person typed it.

    Raises:
        ConfigError: `LLMREPLAY_TRUST` or a base URL is wrong.
    """

    def __init__(self, environ: Mapping[str, str], upstream: str | None = None) -> None:
        self._environ, self._trust = environ, Trust.of(environ)
        self._only = None if upstream is None else upstream.rstrip("/").removesuffix("/v1")
        self._upstreams = {
            variable: self._upstream(provider, variable, usual)
            for variable, provider, usual in variables()
        }

    @property
    def hosts(self) -> frozenset[str]:
        """Hosts that a person named: whatever goes there is an LLM call."""
        named = (up for up in self._upstreams.values() if up.known and up.place != up.provider)
        return frozenset(host_of(upstream.base_url) for upstream in named if not upstream.loopback)

    def of(self, path: str, query: str = "") -> tuple[Upstream, str] | None:
        """The upstream of a call to this path, and the path there; none for no API's path."""
        _, name, below = (*path.split("/", 2), "", "")[:3]
        upstream = self._named(name)
        if upstream is not None and is_azure(upstream, query):
            below = f"openai/{below.removeprefix('v1/')}"
            upstream = self._named("azure")
        if upstream is not None:
            return upstream, versioned(upstream, f"/{below}")
        upstream = self._named(owner_of_path(path) or "")
        return None if upstream is None else (upstream, joined(upstream, path))

    def variables(self, server: str, *, keyless: bool) -> dict[str, str]:
        """What to set for a process whose calls shall come to a server.

        Args:
            server: Its address.
            keyless: Whether nobody needs a key; SDKs that insist on one then get a placeholder.
        """
        told = {
            variable: f"{server}/{upstream.provider}{upstream.path}"
            for variable, upstream in self._upstreams.items()
        }
        unwanted = ONLY_WHERE_SET.difference(self._environ)
        others = {name: told[now] for name, now in OTHER_NAMES.items() if name not in unwanted}
        placeholders = self._placeholders() if keyless else {}
        return told | others | placeholders | self._past_proxies()

    def _placeholders(self) -> dict[str, str]:
        """What is not set of the keys; a placeholder is none with which to upload traces."""
        environ = self._environ
        keys = {name: PLACEHOLDER for name in self._key_variables() if not environ.get(name)}
        if "OPENAI_API_KEY" in keys and _NO_TRACES not in environ:
            keys[_NO_TRACES] = "1"
        return keys

    def _key_variables(self) -> Iterator[str]:
        yield from _FURTHER_KEYS
        names = {upstream.provider for upstream in self._upstreams.values()}
        for provider in map(provider_named, sorted(names)):
            if provider is not None:
                yield from provider.key_variables[:1]

    def _past_proxies(self) -> dict[str, str]:
        """A proxy cannot reach this machine's loopback, and shall not see its secret path."""
        if not any(self._environ.get(name) for name in _PROXIES):
            return {}
        before = self._environ.get("NO_PROXY") or self._environ.get("no_proxy") or ""
        value = ",".join(filter(None, (before, "127.0.0.1")))
        return {"NO_PROXY": value, "no_proxy": value}

    def _named(self, name: str) -> Upstream | None:
        own = [upstream for upstream in self._upstreams.values() if upstream.provider == name]
        if own:
            return min(own, key=lambda upstream: upstream.place == name)  # what is set comes first
        provider = provider_named(name)
        if provider is None or provider.name != name or not provider.base_urls:
            return None
        return self._upstream(provider, "", next(iter(provider.base_urls.values())))

    def _environment(self, variable: str) -> tuple[str, str] | None:
        """What the environment says under this name or another; none where it does not."""
        names = (variable, *(other for other, now in OTHER_NAMES.items() if now == variable))
        told = ((name, self._environ.get(name, "").strip()) for name in names)
        return next(((name, value) for name, value in told if value), None)

    def _upstream(self, provider: Provider, variable: str, usual: str) -> Upstream:
        url, place, known = usual, provider.name, True
        if self._only is not None:
            url, place = self._only + urlsplit(usual).path, "--upstream"
        elif named := self._environment(variable):
            place, value = named
            url = told_base_url(variable, value)
        elif not usual:
            url, place, known = f"https://{_stand_in(provider)}", variable, False
        return Upstream(
            provider=provider.name,
            base_url=url.rstrip("/"),
            usual=urlsplit(usual).path,
            place=place,
            keyless=_is_local(provider),
            trusted=self._trust.variables(url) is not None,
            known=known,
        )


def _stand_in(provider: Provider) -> str:
    """A host of a provider all of whose hosts are its customers'; nothing is sent there."""
    return next(iter(provider.hosts), provider.name).partition("/")[0].replace("*", "recorded")


def _is_local(provider: Provider) -> bool:
    """Whether its servers are started by users, on machines of their own, and want no key."""
    urls = provider.base_urls.values()
    return bool(urls) and all(map(is_loopback, urls))
