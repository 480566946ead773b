"""Path and headers of a request that is sent again."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import quote

from pytest_llmreplay.errors import ReplayError
from pytest_llmreplay.event import Event, Json

__all__ = ["OLDEST_VERSION", "encoded_path", "headers_of"]

CARRIED = ("anthropic-version", "anthropic-beta", "openai-beta")
"""Headers of the recording that say how its body is meant; they are sent again."""

OLDEST_VERSION = "2023-06-01"
"""The API version of a request that names none: its body may hold what later ones refuse
(https://platform.claude.com/docs/en/api/migration-2026-10-21)."""

COLLECTION = "/models/"
COLLECTIONS = frozenset({"models", "tunedModels"})
"""Where Google keeps models: https://ai.google.dev/api/all-methods"""

DATED = re.compile(r"\d{4}-\d{2}-\d{2}")
"""An API version under the name that it has everywhere, and not one cloud's own."""

PLAIN = re.compile(r"[\x20-\x7e]{1,1000}")


def encoded_path(path: str, model: str | None) -> str:
    """A format's path, with the model as one encoded segment where the path holds it.

    A model may name its collection, as Google's do (`models/…`, `tunedModels/…`): it takes the
    place of that of the path.

    Raises:
        ReplayError: The model cannot stand in a path.
    """
    if "{model}" not in path:
        return path
    collection, _, name = (model or "").rpartition("/")
    if collection in COLLECTIONS and path.startswith(COLLECTION):
        path, model = f"/{collection}/{path.removeprefix(COLLECTION)}", name
    if not model or not model.strip("."):
        raise ReplayError(f"model {model!r} cannot stand in a URL")
    return path.replace("{model}", quote(model.encode("utf-8", "surrogatepass"), safe=""))


def headers_of(event: Event, body: Mapping[str, Json], api: str) -> dict[str, str]:
    """What of the recorded headers, and of the recorded body, says how the request is meant.

    Raises:
        ReplayError: A recorded header is no plain text.
    """
    recorded = event.exchange.request.headers if api == event.api else {}
    headers = {name: recorded[name] for name in CARRIED if name in recorded}
    if api == event.api == "messages":
        headers = _told_in(body) | headers
    for name, value in headers.items():
        if not PLAIN.fullmatch(value):
            raise ReplayError(f"the recorded header {name} is no plain text: {value!r:.60}")
    if api == "messages":
        headers.setdefault("anthropic-version", OLDEST_VERSION)
    return headers


def _told_in(body: Mapping[str, Json]) -> dict[str, str]:
    """What a body for Bedrock or Vertex says that elsewhere is a header."""
    version, betas = body.get("anthropic_version"), body.get("anthropic_beta")
    headers = {}
    if isinstance(version, str) and DATED.fullmatch(version):
        headers["anthropic-version"] = version
    if isinstance(betas, list) and betas and all(isinstance(beta, str) for beta in betas):
        headers["anthropic-beta"] = ",".join(map(str, betas))
    return headers
