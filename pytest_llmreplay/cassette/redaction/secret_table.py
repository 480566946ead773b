r"""The shapes of secrets: keys of providers, bearer tokens, JWTs, URLs with credentials.

Every pattern is linear in the length of the text: it begins with a literal, a look-behind lets it
begin only where a word begins, and its quantifiers are possessive or bounded. The look-behind
stands behind the literal because `re` then searches for the literal first.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from dataclasses import dataclass

__all__ = ["AMONG_WORDS", "BLOCK", "MARK", "TOKENS", "Shape"]

MARK = "[REDACTED"
"""How everything that was redacted begins."""

_WORD = r"[A-Za-z0-9_\-]"
_ALNUM = r"[A-Za-z0-9]"
_AFTER = f"(?!{_WORD})"
_MAYBE_QUOTE = r"(?:\\{0,7}[\"'])?+"
"""A backslash counts only before a quote: elsewhere it would eat the escapes of YAML and JSON."""
BLOCK = "-----BEGIN "
"""How the blocks of PEM begin, that of a private key too."""
_COOKIE = r"[^\s;,\"'\\=]{1,64}+=[^\s;,\"'\\]{1,4096}+"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """How a kind of secret looks."""

    kind: str
    literals: tuple[str, ...]
    """One of them is in every text that holds this shape."""
    pattern: str
    """Its group `secret`, or the whole match, is the secret; compiled for the first suspect."""
    confirm: Callable[[str], bool]
    """Whether what looks so is one."""
    replacement: str


def _always(_secret: str) -> bool:
    return True


def _has_digit(secret: str) -> bool:
    return any("0" <= char <= "9" for char in secret)


_LONG_RUN = re.compile(r"(?=[A-Za-z]*+[0-9])[A-Za-z0-9]{16}")


def _is_random(secret: str) -> bool:
    """Whether a text looks drawn by lot, unlike `sk-learn-contrib-imbalanced`."""
    if _LONG_RUN.search(secret):
        return True
    return _has_digit(secret) and secret.lower() != secret != secret.upper()


def _is_basic(secret: str) -> bool:
    """Whether a text is the base64 of `user:password`."""
    try:
        return b":" in base64.b64decode(secret + "=" * (-len(secret) % 4))
    except ValueError:
        return False


def _is_credential(secret: str) -> bool:
    return not secret.startswith(MARK) and secret.strip("*x.") != "" and secret[0] not in "{$<%"


def _token(
    kind: str, prefix: str, rest: str, confirm: Callable[[str], bool] = _has_digit, end: str = ""
) -> Shape:
    """A token that begins with a literal prefix, where a word begins or after an escape."""
    begin = re.escape(prefix)
    before = rf"(?:(?<!{_WORD}{begin})|(?<=\\[nrtbf]{begin})|(?<=\\u[0-9A-Fa-f]{{4}}{begin}))"
    return Shape(
        kind=kind,
        literals=(prefix,),
        pattern=f"{begin}{before}{rest}{end}",
        confirm=confirm,
        replacement=f"{MARK}:{kind.replace(' ', '-')}]",
    )


def _context(
    kind: str,
    literals: tuple[str, ...],
    pattern: str,
    confirm: Callable[[str], bool] = _always,
    replacement: str | None = None,
) -> Shape:
    """A secret known by the words around it."""
    return Shape(
        kind=kind,
        literals=literals,
        pattern=pattern,
        confirm=confirm,
        replacement=replacement or f"{MARK}:{kind.replace(' ', '-')}]",
    )


TOKENS = (
    _token("api key", "sk-", _WORD + "{16,}+", _is_random),
    _token("api key", "sk_", r"(?:live_|test_)?[A-Za-z0-9]{24,}+"),
    _token("api key", "rk_", r"(?:live_|test_)[A-Za-z0-9]{16,}+"),
    _token("api key", "csk-", _ALNUM + "{24,}+"),
    _token("api key", "AIza", _WORD + "{30,}+"),
    _token("api key", "gsk_", _ALNUM + "{20,}+"),
    _token("api key", "hf_", _ALNUM + "{20,}+"),
    _token("api key", "r8_", _ALNUM + "{20,}+"),
    _token("api key", "fw_", _ALNUM + "{20,}+"),
    _token("api key", "ek_", _ALNUM + "{20,}+"),
    _token("api key", "pplx-", _ALNUM + "{20,}+"),
    _token("api key", "xai-", _ALNUM + "{20,}+"),
    _token("api key", "nvapi-", _WORD + "{20,}+"),
    _token("api key", "tvly-", _WORD + "{20,}+", _is_random),
    _token("api key", "lsv2_", r"[a-z]{2}_[A-Za-z0-9_]{20,}+"),
    _token("api key", "SG.", rf"{_WORD}{{20,}}+\.{_WORD}{{16,}}+"),
    _token("api key", "dapi", r"[a-f0-9]{32}", end=_AFTER),
    _token("aws key", "AKIA", r"[A-Z0-9]{16}", _always, _AFTER),
    _token("aws key", "ASIA", r"[A-Z0-9]{16}", _always, _AFTER),
    _token("aws key", "ABSK", r"[A-Za-z0-9]{15}[A-Za-z0-9+/=]{45,}+"),
    _token("aws key", "bedrock-api-key-", r"[A-Za-z0-9]{3}[A-Za-z0-9+/=]{17,}+"),
    _token("google token", "ya29.", _WORD + "{20,}+"),
    _token("google token", "auth_tokens/", _WORD + "{20,}+"),
    _token("github token", "github_pat_", r"[A-Za-z0-9_]{22,}+"),
    *(_token("github token", f"gh{kind}_", _ALNUM + "{30,}+") for kind in "pousr"),
    _token("gitlab token", "glpat-", r"[A-Za-z0-9_\-]{20}[A-Za-z0-9_\-.]*+"),
    *(_token("slack token", f"xox{kind}-", r"[A-Za-z0-9\-]{14,}+") for kind in "abeprs"),
    _token("npm token", "npm_", _ALNUM + "{36}", end=_AFTER),
    _token("pypi token", "pypi-", _WORD + "{50,}+"),
    _token("jwt", "eyJ", rf"{_WORD}{{16,}}+\.eyJ{_WORD}{{8,}}+\.{_WORD}*+", _always),
)
"""Secrets known by how they begin."""

AMONG_WORDS = (
    _context(
        "private key",
        (BLOCK,),
        r"-----BEGIN [A-Z0-9 ]{0,40}?PRIVATE KEY(?: BLOCK)?-----"
        r"(?:[A-Za-z0-9+/=\s\\:,._()]|-(?!----))*+(?:-----END [A-Z0-9 ]{0,60}+-----)?",
    ),
    _context(
        "bearer token",
        ("bearer ", "Bearer "),
        r"earer (?<=\b[Bb]earer ) {0,8}+(?P<secret>[A-Za-z0-9._~+/=\-]{8,}+)",
        _has_digit,
    ),
    _context(
        "basic credentials",
        ("uthorization", "UTHORIZATION"),
        rf"(?i:uthorization){_MAYBE_QUOTE} {{0,2}}+[:=] {{0,2}}+{_MAYBE_QUOTE}(?i:basic) {{1,8}}+"
        r"(?P<secret>[A-Za-z0-9+/=]{6,}+)",
        _is_basic,
    ),
    _context(
        "api key",
        ("api-key", "Api-Key", "API-KEY", "API-Key"),
        rf"(?i:api-key){_MAYBE_QUOTE} {{0,2}}+[:=] {{0,2}}+{_MAYBE_QUOTE}"
        r"(?P<secret>[A-Za-z0-9._~+/=\-]{8,}+)",
        _has_digit,
    ),
    _context(
        "url credentials",
        ("://",),
        r"://(?P<secret>[^\s/@:\"'<>\\]{0,200}+:[^\s/@\"'<>\\]{1,200}+)@",
        lambda secret: _is_credential(secret.partition(":")[2]),
        f"{MARK}]",
    ),
    _context(
        "cookie",
        ("ookie:", "OOKIE:"),
        rf"(?i:ookie: {{0,4}}+)(?P<secret>{_COOKIE}(?:; ?{_COOKIE}|; ?[A-Za-z]{{1,20}}+)*+)",
        _is_credential,
    ),
)
"""Secrets known by the words around them."""
