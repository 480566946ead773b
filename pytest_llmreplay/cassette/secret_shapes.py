r"""Secrets known by their shape: keys of providers, bearer tokens, JWTs, URLs with credentials.

Every pattern is linear in the length of the text: it begins with a literal, a look-behind lets it
begin only where a word begins, and its quantifiers are possessive or bounded. The look-behind
stands behind the literal because `re` then searches for the literal first.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from .folded import folded
from .spans import Span, without_overlaps

__all__ = ["MARK", "might_show_secret", "secrets_by_shape"]

MARK = "[REDACTED"
"""How everything that was redacted begins."""

_WORD = r"[A-Za-z0-9_\-]"
_ALNUM = r"[A-Za-z0-9]"
_AFTER = f"(?!{_WORD})"
_MAYBE_QUOTE = r"(?:\\{0,7}[\"'])?+"
"""A backslash counts only before a quote: elsewhere it would eat the escapes of YAML and JSON."""
_BLOCK = "-----BEGIN "
_COOKIE = r"[^\s;,\"'\\=]{1,64}+=[^\s;,\"'\\]{1,4096}+"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shape:
    kind: str
    literals: tuple[str, ...]
    """One of them is in every text that holds this shape."""
    pattern: str
    """Its group `secret`, or the whole match, is the secret; compiled for the first suspect."""
    confirm: Callable[[str], bool]
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
) -> _Shape:
    """A token that begins with a literal prefix, where a word begins or after an escape."""
    begin = re.escape(prefix)
    before = rf"(?:(?<!{_WORD}{begin})|(?<=\\[nrtbf]{begin})|(?<=\\u[0-9A-Fa-f]{{4}}{begin}))"
    return _Shape(
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
) -> _Shape:
    """A secret known by the words around it."""
    return _Shape(
        kind=kind,
        literals=literals,
        pattern=pattern,
        confirm=confirm,
        replacement=replacement or f"{MARK}:{kind.replace(' ', '-')}]",
    )


_TOKENS = (
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

_AMONG_WORDS = (
    _context(
        "private key",
        (_BLOCK,),
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


_SHORTEST = 19
"""Every token has as many word characters in one run, counted from its prefix on."""
_MIGHT_BE_PASSWORD = re.compile(rb"://[^\s/@:\"'<>]{0,1200}+:[^\s/@\"'<>]{1,1200}+@")
"""Credentials in a URL, also where each of their characters is an escape of six."""
_CLASSES = bytes(
    ord("w") if chr(byte).isascii() and (chr(byte).isalnum() or byte in b"-_") else ord(" ")
    for byte in range(256)
)
_RUN = b"w" * _SHORTEST
_PREFIXES = tuple(literal.encode() for shape in _TOKENS for literal in shape.literals)
_BEGINNINGS = frozenset(prefix[:2] for prefix in _PREFIXES)
_LEADS = tuple(prefix for prefix in _PREFIXES if prefix.endswith((b".", b"/")))
"""Prefixes that end where the run of word characters begins."""
_BLOCK_SIGN = _BLOCK.rstrip().encode()
_SIGNS = {
    folded(literal.rstrip(" :").encode()): literal.lower().encode()
    for shape in _AMONG_WORDS
    for literal in shape.literals
    if literal not in {_BLOCK, "://"}
}
"""What stands, folded, in every text with a secret that is no token with a prefix.

With how it is spelt in lower case: `api-key` shows a secret, `api_key` does not. A sign ends in a
letter: what ends as many words do is looked for slowly.
"""


def might_show_secret(data: bytes, text: bytes) -> bool:
    """Whether UTF-8 text could hold a secret by shape; cheap, and never wrong when it says no.

    Args:
        data: Text, or JSON text, in which the secret may stand behind an escape.
        text: The same, folded.
    """
    for sign, spelling in _SIGNS.items():
        if sign in text and spelling in data.lower():
            return True
    if _BLOCK_SIGN in data or (b"@" in data and _MIGHT_BE_PASSWORD.search(data)):
        return True
    return _might_hold_token(data)


def _might_hold_token(data: bytes) -> bool:
    """Whether one of the long runs of word characters begins as a token does."""
    classes, end = data.translate(_CLASSES), 0
    while (at := classes.find(_RUN, end)) >= 0:
        if data[at : at + 2] in _BEGINNINGS or data.endswith(_LEADS, 0, at):
            return True
        if data.startswith(b"\\", at - 1) and _begins_behind_escape(data, at):
            return True
        end = classes.find(b" ", at)
        if end < 0:
            break
    return False


def _begins_behind_escape(data: bytes, at: int) -> bool:
    r"""Whether a token follows the `n` of `\n`, or the digits of `\x1b`, `\u00e9`, `\U000e0041`."""
    return any(data[at + past : at + past + 2] in _BEGINNINGS for past in (1, 3, 5, 9))


def secrets_by_shape(text: str) -> list[Span]:
    """Every secret of a text that shows by its shape, in order."""
    data = text.encode(errors="surrogatepass")
    return without_overlaps(_found(text)) if might_show_secret(data, folded(data)) else []


def _found(text: str) -> Iterator[Span]:
    for shape in (*_TOKENS, *_AMONG_WORDS):
        if any(literal in text for literal in shape.literals):
            for match in re.finditer(shape.pattern, text):
                group = "secret" if "secret" in match.re.groupindex else 0
                if shape.confirm(match[group]):
                    yield Span(
                        start=match.start(group),
                        end=match.end(group),
                        kind=shape.kind,
                        replacement=shape.replacement,
                    )
