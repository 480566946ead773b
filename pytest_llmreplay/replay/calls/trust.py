"""Which key may go to which host: only where a person named the host.

A person names a host by the built-in table (each variable for its own hosts), by typing it on the
command line, or in the environment. What a config file, ini file, cassette or marker says is a
proposal: a loopback address is used, though never with a provider's key; any other host stops the
run with the line that would allow it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import urlsplit

from pytest_llmreplay.errors import ConfigError, UntrustedHost
from pytest_llmreplay.providers.endpoints.lookup import provider_of_host
from pytest_llmreplay.providers.endpoints.provider import Provider
from pytest_llmreplay.providers.endpoints.table import PROVIDERS

from .endpoint import Secret, host_of, is_loopback

__all__ = ["USABLE", "BaseUrl", "Source", "Trust", "key_for", "owner_of", "without_key"]

TRUST = "LLMREPLAY_TRUST"

USABLE = re.compile(
    r"https?://(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(:(?P<port>\d{1,5}))?(/[A-Za-z0-9._~%/@:+-]*)?"
)
"""So plain that no two parsers can find different hosts in it."""

Source = Literal["table", "command line", "environment", "proposal"]
"""Who named a base URL."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BaseUrl:
    """A base URL, with who named it."""

    url: str
    source: Source
    place: str
    """Where it is written, for messages: `llmreplay.yaml:4`, `OPENAI_BASE_URL`."""
    key_variable: str | None = None
    """The variable that the same place asks to send."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trust:
    """Hosts that the environment trusts, each with the variables whose keys may go there."""

    hosts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @classmethod
    def of(cls, environ: Mapping[str, str]) -> Trust:
        """Read `LLMREPLAY_TRUST`: `host=VARIABLE` entries, or hosts alone, between commas.

        Raises:
            ConfigError: An entry is neither.
        """
        hosts: dict[str, tuple[str, ...]] = {}
        for entry in filter(None, (text.strip() for text in environ.get(TRUST, "").split(","))):
            host, equals, variable = (word.strip() for word in entry.partition("="))
            if not host or "/" in host or (equals and not variable.isidentifier()):
                raise ConfigError(
                    f"{TRUST}: {entry!r} is not HOST=VARIABLE; write for example "
                    f'{TRUST}="llm.example.com=MY_KEY,other.example.com:8443=OTHER_KEY"'
                )
            hosts[host.lower()] = hosts.get(host.lower(), ()) + ((variable,) if variable else ())
        return cls(hosts=hosts)

    def variables(self, url: str) -> tuple[str, ...] | None:
        """Variables whose keys may go to a URL's host; none where the host is not trusted."""
        exact, name = host_of(url), (urlsplit(url).hostname or "")
        return self.hosts.get(exact, self.hosts.get(name))


def key_for(
    base: BaseUrl, provider: Provider | None, *, trust: Trust, environ: Mapping[str, str]
) -> Secret | None:
    """The key to send to a base URL; none where a placeholder will do.

    Args:
        base: Where calls go, and who said so.
        provider: Whose key is meant where a person named the host; never taken from a cassette.
        trust: What the environment allows.
        environ: Holds the keys.

    Raises:
        UntrustedHost: A data file proposes a host or a variable that no person named.
        ConfigError: The URL cannot be used, or a variable that is needed is not set.
    """
    _check(base)
    trusted = trust.variables(base.url)
    wanted = base.key_variable
    if trusted is not None and (wanted is None or wanted in trusted):
        return _trusted(base, trusted, environ)
    if is_loopback(base.url):
        return _local(base, provider, trust, environ)
    if trusted is not None:
        raise _untrusted(base, trust)
    owner = owner_of(base.url, provider)
    if owner is not None and _is_its_own(base, owner):
        return _owned(base, owner, trust, environ)
    if base.source == "proposal" or base.key_variable is not None:
        raise _untrusted(base, trust)
    return _named_by_person(base, owner or provider, environ)


def without_key(host: str) -> str:
    """What to tell when a host refuses a call that carried no key."""
    return f'no key was sent; {TRUST}="{host}=VARIABLE" names the variable of one'


def owner_of(url: str, provider: Provider | None) -> Provider | None:
    """Whose host a URL names: the row that is meant, where it is that provider's.

    A row with a user's own address in it knows more than the table.
    """
    owner = provider_of_host(urlsplit(url).hostname or "")
    same = owner is not None and provider is not None and owner.name == provider.name
    return provider if same else owner


def _check(base: BaseUrl) -> None:
    found = USABLE.fullmatch(base.url)
    if found is None or int(found["port"] or 1) not in range(1, 65536):
        raise ConfigError(
            f"{base.place}: base URL {_shown(base.url)!r} cannot be used; write "
            "http(s)://host[:port][/path] without user, password, query or fragment"
        )


def _shown(url: str) -> str:
    scheme, mark, rest = url.partition("://")
    return f"{scheme}{mark}{rest.rpartition('@')[2].partition('?')[0]}"


def _trusted(base: BaseUrl, trusted: tuple[str, ...], environ: Mapping[str, str]) -> Secret | None:
    if not trusted:
        return None
    _refuse_clear_text(base, trusted)
    wanted = base.key_variable
    return _read((wanted,) if wanted else trusted, base, environ)


def _local(
    base: BaseUrl, provider: Provider | None, trust: Trust, environ: Mapping[str, str]
) -> Secret | None:
    own = provider.key_variables if provider is not None and _is_local(provider) else ()
    if provider is not None and _is_of_environment(base, provider, environ):
        return _first_set(provider.key_variables, environ)
    if base.source == "table":
        return _first_set(own, environ)
    wanted = base.key_variable
    if wanted is None:
        return None
    if wanted in _variables_of_providers() and wanted not in own:
        raise _untrusted(base, trust)
    return _read((wanted,), base, environ)


def _is_of_environment(base: BaseUrl, provider: Provider, environ: Mapping[str, str]) -> bool:
    """Whether the provider's own SDK would send its key there, too."""
    told = (environ.get(variable, "") for variable in provider.base_url_variables)
    typed = base.source == "command line"
    return base.source == "environment" or (typed and host_of(base.url) in map(_host_told, told))


def _host_told(value: str) -> str | None:
    try:
        return host_of(value.strip())
    except ValueError:
        return None


def _owned(base: BaseUrl, owner: Provider, trust: Trust, environ: Mapping[str, str]) -> Secret:
    wanted = base.key_variable
    if wanted is not None and wanted not in owner.key_variables:
        raise _untrusted(base, trust)
    _refuse_clear_text(base, owner.key_variables)
    return _read((wanted,) if wanted else owner.key_variables, base, environ)


def _named_by_person(
    base: BaseUrl, provider: Provider | None, environ: Mapping[str, str]
) -> Secret | None:
    if urlsplit(base.url).scheme != "https" or provider is None:
        return None
    return _first_set(provider.key_variables, environ)


def _is_its_own(base: BaseUrl, owner: Provider) -> bool:
    """Whether the table itself names this address; anyone can rent a host under a pattern."""
    return any(base.url.rstrip("/") == url.rstrip("/") for url in owner.base_urls.values())


def _is_local(provider: Provider) -> bool:
    """Whether a provider's keys are for servers on this machine, and for nobody else."""
    urls = provider.base_urls.values()
    return bool(urls) and not provider.key_hosts and all(map(is_loopback, urls))


def _variables_of_providers() -> frozenset[str]:
    return frozenset(variable for provider in PROVIDERS for variable in provider.key_variables)


def _refuse_clear_text(base: BaseUrl, variables: tuple[str, ...]) -> None:
    if urlsplit(base.url).scheme == "http" and not is_loopback(base.url):
        raise UntrustedHost(
            f"{base.place}: {host_of(base.url)} would get the key of {variables[0]} over http, "
            "for anybody on the way to read; use https"
        )


def _first_set(variables: tuple[str, ...], environ: Mapping[str, str]) -> Secret | None:
    values = (environ.get(variable, "").strip() for variable in variables)
    found = next(filter(None, values), None)
    return None if found is None else Secret(found)


def _read(variables: tuple[str, ...], base: BaseUrl, environ: Mapping[str, str]) -> Secret:
    key = _first_set(variables, environ)
    if key is None:
        raise ConfigError(
            f"no key for {host_of(base.url)}: set {' or '.join(variables)} in the environment "
            f"(asked for by {base.place})"
        )
    return key


def _untrusted(base: BaseUrl, trust: Trust) -> UntrustedHost:
    host = host_of(base.url)
    entry = f"{host}={base.key_variable}" if base.key_variable else host
    asked = f" with the key of {base.key_variable}" if base.key_variable else ""
    beside = f"${TRUST}," if trust.hosts else ""
    return UntrustedHost(
        f"{base.place}: host {host!r}{asked} is a proposal of a file, which nobody has "
        f'confirmed. If you trust it: export {TRUST}="{beside}{entry}"'
        + ("" if base.key_variable else f' (or "{host}=VARIABLE" to send a key there)')
    )
