"""`llmreplay.yaml`: targets and checks for the cassettes below it."""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast, get_args

from pytest_llmreplay.cassette.reader import parse_document
from pytest_llmreplay.compare.own_price import Price, amount_of
from pytest_llmreplay.errors import CassetteDamaged, ConfigError
from pytest_llmreplay.event import Json
from pytest_llmreplay.providers.registry import FORMATS
from pytest_llmreplay.providers.table import PROVIDERS, provider_named

from .endpoint import AuthStyle
from .gate_config import GateEntry, gate_entry
from .overrides import not_set
from .selecting import unknown_key
from .trust import BaseUrl

__all__ = ["Config", "TargetEntry", "find_config", "load_config"]

NAME = "llmreplay.yaml"

KEYS = ("targets", "variants", "prompts", "checks", "gate", "judge")
"""`targets`, `checks` and `gate` are read here, the others by those who know them."""

_READ = frozenset(("targets", "checks", "gate"))

TARGET_KEYS = ("provider", "model", "base_url", "api_key_env", "auth", "api", "parameters", "price")

PRICE_KEYS = ("input", "output")

RESERVED = re.compile(r"recorded|same|simulated|.*/.*|\s*")


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """What a config file says."""

    path: Path | None = None
    targets: Mapping[str, TargetEntry] = field(default_factory=dict)
    checks: tuple[str, ...] | None = None
    gate: GateEntry = field(default_factory=GateEntry)
    rest: Mapping[str, Json] = field(default_factory=dict)
    """Sections that others read."""
    text: str = field(default="", repr=False)
    """The file as it is written."""

    def place(self, *keys: str) -> str:
        """File and line of the key that others lead to, for messages."""
        return f"{self.path}:{_line(self.text, keys)}"


def find_config(start: Path, root: Path) -> Path | None:
    """The nearest `llmreplay.yaml` in `start` or above it, up to `root`."""
    for folder in (start, *start.parents):
        if (folder / NAME).is_file():
            return folder / NAME
        if folder == root:
            break
    return None


def load_config(path: Path) -> Config:
    """Read a config file.

    Raises:
        ConfigError: The file cannot be read, or says something that nobody understands.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
        value = parse_document(text, first_line=1)
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: cannot be read: {error}") from None
    except CassetteDamaged as error:
        raise ConfigError(str(error.at(path))) from None
    return _Reading(path, text).config({} if value is None else value)


class _Reading:
    """One pass over a parsed file, with its text at hand for line numbers."""

    def __init__(self, path: Path, text: str) -> None:
        self._path = path
        self._text = text

    def config(self, value: Json) -> Config:
        sections = self._mapping(value, ())
        self._known(sections, KEYS, ())
        targets = self._mapping(sections.get("targets") or {}, ("targets",))
        return Config(
            path=self._path,
            targets={name: self._target(name, entry) for name, entry in targets.items()},
            checks=self._checks(sections.get("checks")),
            gate=gate_entry(sections.get("gate"), self._wrong_gate),
            rest={key: sections[key] for key in sections if key not in _READ},
            text=self._text,
        )

    def _target(self, name: str, value: Json) -> TargetEntry:
        place = ("targets", name)
        if RESERVED.fullmatch(name):
            raise self._wrong(place, f"a target cannot be called {name!r}")
        entry = self._mapping(value, place)
        self._known(entry, TARGET_KEYS, place)
        return TargetEntry(
            provider=self._provider(entry, place),
            model=self._text_of(entry, "model", place),
            base_url=self._base_url(entry, place),
            auth=self._auth(entry, place),
            api=self._api(entry, place),
            parameters=self._parameters(entry, (*place, "parameters")),
            price=self._price(entry, (*place, "price")),
        )

    def _parameters(self, entry: Mapping[str, Json], place: tuple[str, ...]) -> dict[str, Json]:
        parameters = self._mapping(entry.get("parameters") or {}, place)
        for key in parameters:
            if not_set(key):
                raise self._wrong((*place, key), f"{key!r} is no parameter of a target")
        return parameters

    def _price(self, entry: Mapping[str, Json], place: tuple[str, ...]) -> Price | None:
        if entry.get("price") is None:
            return None
        told = self._mapping(entry["price"], place)
        self._known(told, PRICE_KEYS, place)
        amounts = {key: amount_of(told.get(key)) for key in PRICE_KEYS}
        wrong = next((key for key, amount in amounts.items() if amount is None), None)
        if wrong is not None:
            problem = f"{wrong} is {told.get(wrong)!r}, not the USD for a million tokens"
            raise self._wrong((*place, wrong) if wrong in told else place, problem)
        return Price(**{key: amount or 0.0 for key, amount in amounts.items()})

    def _provider(self, entry: Mapping[str, Json], place: tuple[str, ...]) -> str | None:
        name = self._text_of(entry, "provider", place)
        if name is None:
            return None
        provider = provider_named(name)
        if provider is None:
            known = [provider.name for provider in PROVIDERS]
            raise self._wrong((*place, "provider"), f"no provider {name!r}{_nearest(name, known)}")
        return provider.name

    def _base_url(self, entry: Mapping[str, Json], place: tuple[str, ...]) -> BaseUrl | None:
        url = self._text_of(entry, "base_url", place)
        variable = self._text_of(entry, "api_key_env", place)
        if url is None and variable is None:
            return None
        written = f"{self._path}:{self._line((*place, 'base_url' if url else 'api_key_env'))}"
        return BaseUrl(url=url or "", source="proposal", place=written, key_variable=variable)

    def _auth(self, entry: Mapping[str, Json], place: tuple[str, ...]) -> AuthStyle | None:
        style = self._text_of(entry, "auth", place)
        if style is not None and style not in get_args(AuthStyle):
            choices = ", ".join(get_args(AuthStyle))
            raise self._wrong((*place, "auth"), f"auth {style!r} is none of {choices}")
        return cast("AuthStyle | None", style)

    def _api(self, entry: Mapping[str, Json], place: tuple[str, ...]) -> str | None:
        name = self._text_of(entry, "api", place)
        if name is not None and name not in FORMATS:
            known = ", ".join(FORMATS)
            raise self._wrong((*place, "api"), f"api {name!r} is none of {known}")
        return name

    def _checks(self, value: Json) -> tuple[str, ...] | None:
        if value is None:
            return None
        specs = [value] if isinstance(value, str) else value
        if not isinstance(specs, list) or not all(isinstance(spec, str) for spec in specs):
            raise self._wrong(("checks",), "checks is a list of texts, or one text")
        return tuple(cast("list[str]", specs))

    def _text_of(self, entry: Mapping[str, Json], key: str, place: tuple[str, ...]) -> str | None:
        value = entry.get(key)
        if value is not None and not (isinstance(value, str) and value.strip()):
            raise self._wrong((*place, key), f"{key} is {value!r}, not a text")
        return value if isinstance(value, str) else None

    def _mapping(self, value: Json, place: tuple[str, ...]) -> dict[str, Json]:
        if not isinstance(value, dict):
            name = ".".join(place) or "the file"
            raise self._wrong(place, f"{name} is {value!r:.60}, not a mapping of keys to values")
        return value

    def _wrong_gate(self, place: tuple[str, ...], problem: str) -> ConfigError:
        return self._wrong(("gate", *place), problem)

    def _known(
        self, value: Mapping[str, Json], keys: Collection[str], place: tuple[str, ...]
    ) -> None:
        for key in value:
            if key not in keys:
                raise self._wrong((*place, key), unknown_key(key, keys))

    def _wrong(self, place: tuple[str, ...], problem: str) -> ConfigError:
        return ConfigError(f"{self._path}:{self._line(place)}: {problem}")

    def _line(self, place: tuple[str, ...]) -> int:
        return _line(self._text, place)


def _line(text: str, keys: tuple[str, ...]) -> int:
    """Line of a key, found by the keys that lead to it."""
    at = 0
    for key in keys:
        found = re.compile(rf"""(?<![\w-])["']?{re.escape(key)}["']?\s*:""").search(text, at)
        if found is None:
            break
        at = found.start()
    return text.count("\n", 0, at) + 1


def _nearest(word: str, known: Collection[str]) -> str:
    near = difflib.get_close_matches(word, known, n=1, cutoff=0.5)
    return f"; did you mean {near[0]!r}?" if near else ""
