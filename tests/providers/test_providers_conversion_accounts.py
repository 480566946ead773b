"""Nothing that a request says vanishes untold on its way to another format."""

from __future__ import annotations

import json
import sys
from typing import Any

import pytest
from providers.accounts import Converts, excerpts, unaccounted
from providers.conversions import TARGETS, converted
from providers.said import REQUESTS
from real_calls import needs_recordings, requests

LONGEST = 400


def accounts(api: str, target: str) -> Converts:
    """A conversion of which the outcome can be compared."""

    def convert(body: Any) -> tuple[str, tuple[str, ...]]:
        encoded = converted(api, target, body)
        return json.dumps(encoded.body), encoded.losses

    return convert


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("api", REQUESTS)
def test_what_a_request_can_say_arrives_or_is_told(api: str, target: str) -> None:
    """Every value of a request that says all that its format can."""
    if api == target:
        pytest.skip("a request goes out in its own format untouched")
    for body in REQUESTS[api]:
        for key, excerpt in excerpts(body):
            assert [] == unaccounted(key, excerpt, accounts(api, target)), excerpt


@needs_recordings
def test_what_real_requests_say_arrives_or_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    """Every value of every recorded call, into each format that it does not speak."""
    calls, seen, silent = 0, set[str](), list[str]()
    for api, body in requests():
        calls += 1
        for key, excerpt in excerpts(_shortened(body)):
            kind = f"{api} {json.dumps(_outline(excerpt), sort_keys=True)}"
            if kind in seen:
                continue
            seen.add(kind)
            for target in TARGETS.keys() - {api}:
                lost = unaccounted(key, excerpt, accounts(api, target))
                silent += [f"{api} to {target}: {path}" for path in lost]
    with capsys.disabled():
        told = f"{calls} calls, {len(seen)} kinds of excerpts, {len(silent)} silent losses"
        sys.stdout.write(f"\n{told}\n")
    assert 0 < calls
    assert [] == silent


def _shortened(value: Any) -> Any:
    """The same with long texts cut, where Base64 may be cut."""
    if isinstance(value, dict):
        return {key: _shortened(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_shortened(inner) for inner in value]
    return value[:LONGEST] if isinstance(value, str) else value


def _outline(value: Any) -> Any:
    """The same for excerpts that differ in their words alone."""
    if isinstance(value, dict):
        return {key: _outline(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_outline(inner) for inner in value]
    return value[:18] if isinstance(value, str) else value
