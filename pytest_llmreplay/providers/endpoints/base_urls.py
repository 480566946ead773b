"""Base URLs in environment variables, as the providers' own tools read them."""

from __future__ import annotations

from urllib.parse import urlsplit

__all__ = ["told_base_url"]

_OLLAMA_PORT = 11434


def told_base_url(variable: str, value: str) -> str:
    """The base URL that the value of a variable means.

    A value without a scheme is reached by plain HTTP. `OLLAMA_HOST` is also what the server listens
    on, and has a port of its own where no scheme stands
    (https://github.com/ollama/ollama-python/blob/main/ollama/_client.py).

    Raises:
        ValueError: It is no URL.
    """
    url = (value if "://" in value else f"http://{value}").rstrip("/")
    if variable != "OLLAMA_HOST":
        return url
    # A server listens on 0.0.0.0; a client cannot call it there.
    url = url.replace("://0.0.0.0", "://127.0.0.1")
    return url if "://" in value or urlsplit(url).port else f"{url}:{_OLLAMA_PORT}"
