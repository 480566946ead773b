"""A target that a config file describes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import cast, get_args

from pytest_llmreplay.compare.figures.own_price import Price, amount_of
from pytest_llmreplay.errors import ConfigError, did_you_mean
from pytest_llmreplay.event import Json
from pytest_llmreplay.providers.endpoints.lookup import provider_named
from pytest_llmreplay.providers.endpoints.table import PROVIDERS
from pytest_llmreplay.providers.registry import FORMATS, unknown_format
from pytest_llmreplay.replay.calls.endpoint import AuthStyle
from pytest_llmreplay.replay.calls.trust import BaseUrl
from pytest_llmreplay.replay.overrides import not_set

from .text import ConfigText

__all__ = ["TARGET_KEYS", "TargetEntry", "target_entry"]

TARGET_KEYS = ("provider", "model", "base_url", "api_key_env", "auth", "api", "parameters", "price")

_PRICE_KEYS = ("input", "output")

_RESERVED = re.compile(r"recorded|same|simulated|.*/.*|\s*")


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetEntry:
    """A target that a config file describes."""

    provider: str | None = None
    model: str | None = None
    base_url: BaseUrl | None = None
    auth: AuthStyle | None = None
    api: str | None = None
    """The format in which the target is asked."""
    parameters: Mapping[str, Json] = field(default_factory=dict)
    price: Price | None = None


def target_entry(name: str, value: Json, file: ConfigText) -> TargetEntry:
    """The target of a name, as it is described.

    Raises:
        ConfigError: The description says something that nobody understands.
    """
    place = ("targets", name)
    if _RESERVED.fullmatch(name):
        raise file.wrong(place, f"a target cannot be called {name!r}")
    entry = file.mapping(value, place)
    file.refuse_others(entry, TARGET_KEYS, place)
    return _Reading(entry, place, file).target()


class _Reading:
    def __init__(self, entry: Mapping[str, Json], place: tuple[str, ...], file: ConfigText) -> None:
        self._entry, self._place, self._file = entry, place, file

    def target(self) -> TargetEntry:
        return TargetEntry(
            provider=self._provider(),
            model=self._words("model"),
            base_url=self._base_url(),
            auth=self._auth(),
            api=self._api(),
            parameters=self._parameters(),
            price=self._price(),
        )

    def _parameters(self) -> dict[str, Json]:
        place = (*self._place, "parameters")
        parameters = self._file.mapping(self._entry.get("parameters") or {}, place)
        for key in parameters:
            if not_set(key):
                raise self._file.wrong((*place, key), f"{key!r} is no parameter of a target")
        return parameters

    def _price(self) -> Price | None:
        if self._entry.get("price") is None:
            return None
        place = (*self._place, "price")
        price = self._file.mapping(self._entry["price"], place)
        self._file.refuse_others(price, _PRICE_KEYS, place)
        amounts = {key: amount_of(price.get(key)) for key in _PRICE_KEYS}
        wrong = next((key for key, amount in amounts.items() if amount is None), None)
        if wrong is not None:
            problem = f"{wrong} is {price.get(wrong)!r}, not the USD for a million tokens"
            raise self._file.wrong((*place, wrong) if wrong in price else place, problem)
        return Price(**{key: amount or 0.0 for key, amount in amounts.items()})

    def _provider(self) -> str | None:
        name = self._words("provider")
        if name is None:
            return None
        provider = provider_named(name)
        if provider is None:
            known = [provider.name for provider in PROVIDERS]
            raise self._wrong("provider", f"no provider {name!r}{did_you_mean(name, known)}")
        return provider.name

    def _base_url(self) -> BaseUrl | None:
        url = self._words("base_url")
        variable = self._words("api_key_env")
        if url is None and variable is None:
            return None
        written = self._file.place(*self._place, "base_url" if url else "api_key_env")
        return BaseUrl(url=url or "", source="proposal", place=written, key_variable=variable)

    def _auth(self) -> AuthStyle | None:
        style = self._words("auth")
        if style is not None and style not in get_args(AuthStyle):
            choices = ", ".join(get_args(AuthStyle))
            raise self._wrong("auth", f"auth {style!r} is none of {choices}")
        return cast("AuthStyle | None", style)

    def _api(self) -> str | None:
        name = self._words("api")
        if name is not None and (problem := unknown_format(name, FORMATS)) is not None:
            raise self._wrong("api", problem)
        return name

    def _wrong(self, key: str, problem: str) -> ConfigError:
        return self._file.wrong((*self._place, key), problem)

    def _words(self, key: str) -> str | None:
        return self._file.words(self._entry, key, self._place)
