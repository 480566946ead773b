"""Where a project lets its data go at all, whoever names a target: `llm_targets_allow`.

What counts is the host that is asked, as that is who gets the data: the name of a provider stands
for the hosts that are its own, and for no other server that speaks its format.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from typing import Self
from urllib.parse import urlsplit

from pytest_llmreplay.errors import ConfigError, did_you_mean
from pytest_llmreplay.providers.endpoints.lookup import (
    provider_named,
    provider_of_host,
    provider_of_model,
)
from pytest_llmreplay.providers.endpoints.table import PROVIDERS
from pytest_llmreplay.replay.calls.endpoint import Endpoint, is_loopback

__all__ = ["ALLOW", "Allowed"]

ALLOW = "llm_targets_allow"
"""The ini key."""

_HERE = "localhost"
"""Stands for every server on this machine."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Entry:
    """A provider or a host, and which of its models."""

    place: str
    model: str = "*"
    """A pattern."""

    def fits(self, endpoint: Endpoint, model: str | None) -> bool:
        """Whether a model may be asked there; one that nobody knows yet may be."""
        return self._holds(endpoint) and (model is None or fnmatchcase(model, self.model))

    def _holds(self, endpoint: Endpoint) -> bool:
        if provider_named(self.place) is not None:
            return _is_at(self.place, endpoint)
        if self.place == _HERE and endpoint.loopback:
            return True
        name = (urlsplit(endpoint.base_url).hostname or "").lower()
        return any(fnmatchcase(host, self.place) for host in (name, endpoint.host))


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowed:
    """What may be asked; all there is where nobody says anything."""

    written: tuple[str, ...] = ()
    entries: tuple[_Entry, ...] = ()
    where: str = ALLOW
    """Where it stands, for messages."""
    others: tuple[Allowed, ...] = ()
    """What has to allow it, too."""

    @classmethod
    def by_all(cls, files: Mapping[str, Iterable[str]]) -> Self:
        """What each of some ini files allows.

        Args:
            files: What is written in each, by the name of the file; empty for that of the run.

        Raises:
            ConfigError: An entry is none.
        """
        read = (
            replace(cls.of(written), where=f"{ALLOW} of {file}" if file else ALLOW)
            for file, written in files.items()
        )
        first, *others = read
        return replace(first, others=tuple(others))

    @classmethod
    def of(cls, written: Iterable[str]) -> Self:
        """Read `PROVIDER`, `PROVIDER/MODEL`, `HOST` and `HOST/MODEL`; `*` stands for anything.

        Raises:
            ConfigError: An entry is none of these.
        """
        texts = tuple(written)
        return cls(written=texts, entries=tuple(map(_entry, texts)))

    def check(self, target: str, endpoint: Endpoint, model: str | None) -> None:
        """Refuse what the project does not allow.

        Args:
            target: Its name, for the message.
            endpoint: Where it is asked.
            model: What is asked there; none where that is not known yet.

        Raises:
            ConfigError: No entry fits.
        """
        for one in self.others:
            one.check(target, endpoint, model)
        if not self.entries or any(entry.fits(endpoint, model) for entry in self.entries):
            return
        asked = f"{model} at {endpoint.host}" if model else endpoint.host
        raise ConfigError(
            f"{target}: this project does not allow {asked}: {self.where} names "
            f"{', '.join(self.written)}; add {_wanted(endpoint)} there if data may go to it"
        )


def _entry(text: str) -> _Entry:
    place, _, model = text.partition("/")
    provider = provider_named(place)
    if provider is not None:
        return _Entry(place=provider.name, model=model or "*")
    if not _is_host(place):
        names = [provider.name for provider in PROVIDERS]
        meant = did_you_mean(place, names, ".")
        raise ConfigError(
            f"{ALLOW}: {text!r} names no provider and no host{meant} Write PROVIDER, "
            "PROVIDER/MODEL, HOST or HOST/MODEL, such as anthropic/claude-* or llm.corp.example"
        )
    return _Entry(place=place.lower(), model=model or "*")


def _is_host(place: str) -> bool:
    if provider_of_model(place) is not None:
        return False  # gpt-4.1 is a model
    return place == _HERE or any(sign in place for sign in ".:*")


def _is_at(provider: str, endpoint: Endpoint) -> bool:
    """Whether an endpoint is a provider's own: at its hosts, or here where it has none."""
    owner = provider_of_host(urlsplit(endpoint.base_url).hostname or "")
    if owner is not None:
        return owner.name == provider
    row = provider_named(provider)
    urls = row.base_urls.values() if row is not None else ()
    is_here = bool(urls) and all(map(is_loopback, urls)) and endpoint.loopback
    return is_here and endpoint.provider == provider


def _wanted(endpoint: Endpoint) -> str:
    owner = provider_of_host(urlsplit(endpoint.base_url).hostname or "")
    return repr(owner.name if owner is not None else endpoint.host)
