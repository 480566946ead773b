"""`pytest-llmreplay models`: what a target offers, and which providers can be asked at all."""

from __future__ import annotations

import os
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from pytest_llmreplay.cassette.projects.config_file import find_config
from pytest_llmreplay.errors import ConfigError, LlmReplayError, ReplayError, did_you_mean
from pytest_llmreplay.event import Json
from pytest_llmreplay.providers.endpoints.lookup import provider_named
from pytest_llmreplay.providers.endpoints.provider import Provider
from pytest_llmreplay.providers.endpoints.table import PROVIDERS
from pytest_llmreplay.replay.calls.endpoint import Endpoint
from pytest_llmreplay.replay.calls.trust import BaseUrl, Trust
from pytest_llmreplay.replay.config.file import Config, load_config
from pytest_llmreplay.replay.simulated import FAULTS
from pytest_llmreplay.replay.targets.endpoints import Endpoints
from pytest_llmreplay.replay.targets.target import Target, TargetSettings, resolve
from pytest_llmreplay.report.text.sanitise import json_text, safe_line

from .command import Command, Exit
from .listing import NotListed, models_at

__all__ = ["MODELS"]

_AT_ONCE = 16
_NOBODY = """\
no provider: no key variable is set, and no model server answers on this machine
set a key, such as OPENAI_API_KEY, or name a server by its base URL:
  pytest-llmreplay models http://127.0.0.1:8080/v1"""
_MAIN = {"anthropic": "messages", "gemini": "generate_content", "cohere": "cohere_chat"}
"""The API format in which a provider is asked; all others in OpenAI's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    """What is known of one provider."""

    provider: str
    variables: tuple[str, ...]
    """Names of the key variables that are set."""
    host: str | None
    state: str
    models: int | None = None

    @property
    def json(self) -> Json:
        """The row as `--json` shows it."""
        return {
            "provider": self.provider,
            "variables": list(self.variables),
            "host": self.host,
            "state": self.state,
            "models": self.models,
        }


def _add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "target",
        metavar="TARGET",
        nargs="?",
        help="A provider, PROVIDER/MODEL, a target of llmreplay.yaml, a base URL, or simulated. "
        "Without: the providers whose keys are set.",
    )
    parser.add_argument("--json", action="store_true", help="Print JSON.")
    parser.add_argument(
        "--no-check", action="store_true", help="Without a target: ask nobody, only look at keys."
    )
    parser.add_argument(
        "--timeout", type=float, default=5.0, metavar="S", help="Seconds to wait; by default 5."
    )


def _run(arguments: Namespace) -> Exit:
    if not 0 < arguments.timeout < float("inf"):
        raise ConfigError(f"--timeout: {arguments.timeout:g} is no time; write seconds above 0")
    if arguments.target is None:
        return _overview(arguments)
    if arguments.no_check:
        raise ConfigError("--no-check: a TARGET can only be asked; leave one of the two out")
    return _of_target(arguments)


def _of_target(arguments: Namespace) -> Exit:
    name: str = arguments.target
    if name.rstrip("/") == "simulated":
        _print_models(arguments, name, [f"simulated/{fault}" for fault in FAULTS])
        return Exit.OK
    target, api = _target(name)
    endpoint = _endpoint(target, api, os.environ)
    try:
        models = _asked(endpoint, api, os.environ, arguments.timeout)
    except NotListed as error:
        print(safe_line(f"{name}: {error} ({endpoint.host})"), file=sys.stderr)
        return Exit.FINDING
    _print_models(arguments, name, models)
    if target.model is not None and target.model not in models:
        print(safe_line(f"{name}: no model {target.model!r} is offered"), file=sys.stderr)
        return Exit.FINDING
    return Exit.OK


def _print_models(arguments: Namespace, name: str, models: list[str]) -> None:
    if arguments.json:
        print(json_text({"target": name, "models": models}))
    else:
        print("\n".join(map(safe_line, models)))


def _target(name: str) -> tuple[Target, str]:
    """The target of a name, and the API format to ask it in."""
    if "://" in name:
        base = BaseUrl(url=name.rstrip("/"), source="command line", place="TARGET")
        return Target(name=name, kind="same", base_url=base), "chat_completions"
    provider = provider_named(name)
    if provider is not None and name not in _config().targets:
        return Target(name=name, kind="same", provider=provider.name), _api(provider)
    target = resolve(name, TargetSettings(config=_config(), simulated=FAULTS))
    if target.kind in {"recorded", "simulated"} or (target.kind == "same" and not target.provider):
        raise ConfigError(f"{name!r} is not asked by itself; name a provider or a base URL")
    provider = provider_named(target.provider or "")
    if target.provider is None and target.base_url is None:
        guess = did_you_mean(name, [provider.name for provider in PROVIDERS], ".")
        raise ConfigError(
            f"{name!r}: whose model that is cannot be told{guess} Name a provider, "
            "PROVIDER/MODEL, a target of the config file, or a base URL"
        )
    return target, _api(provider) if provider else "chat_completions"


def _config() -> Config:
    here = Path.cwd()
    path = find_config(here, Path(here.anchor))
    return Config() if path is None else load_config(path)


def _api(provider: Provider) -> str:
    return _MAIN.get(provider.name, "chat_completions")


def _endpoint(target: Target, api: str, environ: Mapping[str, str]) -> Endpoint:
    try:
        return Endpoints(environ).of(target, provider=target.provider or "local", api=api)
    except ReplayError as error:
        raise ConfigError(str(error)) from None


def _asked(endpoint: Endpoint, api: str, environ: Mapping[str, str], timeout: float) -> list[str]:
    trusted = Trust.of(environ).variables(endpoint.base_url) is not None
    return models_at(endpoint, api, trusted=trusted, timeout=timeout)


def _overview(arguments: Namespace) -> Exit:
    Trust.of(os.environ)
    rows = list(_rows(os.environ, check=not arguments.no_check, timeout=arguments.timeout))
    if arguments.json:
        print(json_text([row.json for row in rows]))
    else:
        _print_table(rows)
    return Exit.OK


def _rows(environ: Mapping[str, str], *, check: bool, timeout: float) -> Iterator[_Row]:
    asked = [one for one in PROVIDERS if _is_set(one, environ) or (check and _is_local(one))]
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        rows = pool.map(lambda one: _row(one, environ, check=check, timeout=timeout), asked)
        for provider, row in zip(asked, rows, strict=True):
            if row.models is not None or _is_set(provider, environ):
                yield row


def _row(provider: Provider, environ: Mapping[str, str], *, check: bool, timeout: float) -> _Row:
    variables = tuple(name for name in provider.key_variables if environ.get(name, "").strip())
    api = _api(provider)
    host, state, count = None, "not checked", None
    try:
        target = Target(name=provider.name, kind="same", provider=provider.name)
        endpoint = _endpoint(target, api, environ)
        host = endpoint.host
        if check:
            count = len(_asked(endpoint, api, environ, timeout))
            state = "answers"
    except LlmReplayError as error:
        state = str(error)
    return _Row(provider=provider.name, variables=variables, host=host, state=state, models=count)


def _is_set(provider: Provider, environ: Mapping[str, str]) -> bool:
    names = (*provider.key_variables, *provider.base_url_variables)
    return any(environ.get(name, "").strip() for name in names)


def _is_local(provider: Provider) -> bool:
    return any("://localhost" in url for url in provider.base_urls.values())


def _print_table(rows: Iterable[_Row]) -> None:
    lines = [_cells(row) for row in rows]
    if not lines:
        print(_NOBODY)
        return
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    for line in lines:
        padded = (cell.ljust(width) for cell, width in zip(line, widths, strict=True))
        print("  ".join(padded).rstrip())


def _cells(row: _Row) -> tuple[str, ...]:
    state = row.state if row.models is None else f"{row.state}, {row.models} models"
    keys = ", ".join(row.variables) or "no key"
    return tuple(map(safe_line, (row.provider, keys, row.host or "-", state)))


MODELS = Command(
    name="models",
    help="List the models of a target, or the providers whose keys are set and which answer.",
    add_arguments=_add_arguments,
    run=_run,
)
