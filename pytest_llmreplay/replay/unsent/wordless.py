"""Calls that ask for no answer in words: what was recorded of them says nothing of a model."""

from __future__ import annotations

import re

from pytest_llmreplay.event import Event
from pytest_llmreplay.providers.endpoints.routes import path_of
from pytest_llmreplay.providers.other import OTHER

from .unsendable import TOKEN_COUNT

__all__ = ["asks_no_words"]

_GET = re.compile(r"/(?:models|api/(?:tags|version|ps))(?:/|\Z)")
"""Paths under which a server tells what it has."""

_POST = re.compile(
    r"/(?:rerank|moderations|api/show|images/(?:generations|edits|variations)|audio/speech)/?\Z"
)
"""Paths that are answered in numbers, pictures or sounds, or by an Ollama about itself."""


def asks_no_words(event: Event) -> bool:
    """Whether a call is known to be answered without words of a model; of others nobody knows."""
    if event.api != OTHER.name:
        return event.api == "embeddings"
    request = event.exchange.request
    method, path = request.method.upper(), path_of(request.url)
    if method == "GET":
        return _GET.search(path) is not None
    return method == "POST" and any(known.search(path) for known in (TOKEN_COUNT, _POST))
