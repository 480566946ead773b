"""What is known of a provider."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

__all__ = ["AuthStyle", "Provider"]

AuthStyle = Literal["bearer", "x-api-key", "api-key", "x-goog-api-key", "none"]
"""How a key is sent: the header, `bearer` for `authorization`, `none` where nobody wants one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """Someone who serves models."""

    name: str
    """What users type, and what cassettes write as `provider`."""
    otel_name: str
    """`gen_ai.provider.name` of the OpenTelemetry conventions."""
    hosts: tuple[str, ...] = ()
    """Patterns of the hosts that are this provider's alone."""
    base_urls: Mapping[str, str] = field(default_factory=dict)
    """By API format; a replay appends the format's path. Without: the user has to name one."""
    key_variables: tuple[str, ...] = ()
    """Environment variables that hold the key; the first that is set counts."""
    base_url_variables: tuple[str, ...] = ()
    """Environment variables with which the SDKs name another base URL."""
    auth: Mapping[str, AuthStyle] = field(default_factory=dict)
    """By API format; `bearer` where nothing is said."""
    imitated: frozenset[str] = frozenset()
    """API formats of others that it takes over in part only, for tests."""

    @property
    def apis(self) -> tuple[str, ...]:
        """The formats whose base URL is known."""
        return tuple(self.base_urls)

    @property
    def key_hosts(self) -> frozenset[str]:
        """Hosts that the key variables are for: only those spelled out.

        Anyone can rent a host under a pattern such as `*.openai.azure.com`, so such a host has to
        be named by a person before a key goes there.
        """
        return frozenset(host for host in self.hosts if "*" not in host and "/" not in host)

    def auth_style(self, api: str) -> AuthStyle:
        """How the key is sent in this API format."""
        return self.auth.get(api, "bearer")
