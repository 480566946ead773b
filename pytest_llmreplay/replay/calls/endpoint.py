"""Where calls go: a base URL, and how the key of its account travels."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, NoReturn
from urllib.parse import urlsplit

from pytest_llmreplay.providers.endpoints.provider import AuthStyle

__all__ = ["AuthStyle", "Endpoint", "Secret", "host_of", "is_loopback"]

PLACEHOLDER = "no-key-needed"
"""Sent where a server wants a key header and no real key may go."""
_REFUSES_KEY = frozenset({401, 403})
_LEAST_SECRET = 8
"""Characters of a key that is worth hiding."""


class Secret:
    """A key that shows itself to nobody who does not ask for it."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """The key itself, for the header that carries it."""
        return self._value

    def __repr__(self) -> str:
        return "'***'"

    __str__ = __repr__

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and self._value == other._value

    def __hash__(self) -> int:
        return hash(self._value)

    def __reduce__(self) -> NoReturn:
        raise TypeError("a key is never pickled")


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """One base URL of one provider, with the key that may go there."""

    provider: str
    base_url: str
    """Without a trailing slash."""
    key: Secret | None = None
    """None: a placeholder is sent."""
    auth: AuthStyle = "bearer"
    own_headers: bool = field(default=False)
    """Whether this is the provider's own address, where account headers of its SDK may go."""
    client: Any = field(default=None, repr=False)
    """What a user's hook made; it knows address and credentials by itself."""
    cloud: str | None = None
    """The cloud whose paths are asked; none where a format's own are."""
    api_version: str | None = None
    """Azure's, where it is asked below its deployments."""

    @property
    def host(self) -> str:
        """Host, with the port where the URL names one."""
        return host_of(self.base_url)

    @property
    def loopback(self) -> bool:
        """Whether nothing leaves this machine."""
        return is_loopback(self.base_url)

    def hide_key(self, text: str) -> str:
        """What the server says, which may repeat the key that it refuses.

        A key of a few letters, as servers of one's own have, is no secret: hiding it would blank
        words.
        """
        key = "" if self.key is None else self.key.reveal()
        return text if len(key) < _LEAST_SECRET else text.replace(key, "***")

    def hide_key_in(self, data: bytes) -> bytes:
        """The same of bytes in whatever encoding."""
        return self.hide_key(data.decode("latin-1")).encode("latin-1")

    def lacks_key(self, status: int) -> bool:
        """Whether an answer with this status refuses a call that had no key to show."""
        return status in _REFUSES_KEY and self.key is None and self.client is None

    def auth_headers(self) -> Mapping[str, str]:
        """The header that carries the key."""
        if self.auth == "none":
            return {}
        value = PLACEHOLDER if self.key is None else self.key.reveal()
        if self.auth == "bearer":
            return {"authorization": f"Bearer {value}"}
        return {self.auth: value}


def host_of(url: str) -> str:
    """Host of a URL in lower case, with the port where the URL names one."""
    return urlsplit(url).netloc.rpartition("@")[2].lower()


@lru_cache(maxsize=256)
def is_loopback(url: str) -> bool:
    """Whether a URL names this machine by a literal loopback address or as `localhost`.

    A spelling that only resolvers read, such as `127.1`, is a foreign host: a file may propose
    loopback without a person, and HTTP libraries differ in what they take the others for.
    """
    name = urlsplit(url).hostname or ""
    if name == "localhost":
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False
