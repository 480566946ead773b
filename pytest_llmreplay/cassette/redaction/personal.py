"""Personal data known by its shape: email, phone, iban, card, ip.

Each is found only on the user's word; its patterns are loaded when somebody gives it.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from .placeholders import Placeholders
from .spans import Span

__all__ = ["personal_data"]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kind:
    name: str
    pattern: re.Pattern[str]
    confirm: Callable[[str], bool]
    normal: Callable[[str], str]
    """Two spellings of one value become equal."""


def _digits(value: str) -> str:
    return "".join(char for char in value if char.isdigit())


def _compact(value: str) -> str:
    return "".join(value.split()).upper()


def _is_phone(value: str) -> bool:
    shortest, longest = 8, 15
    return shortest <= len(_digits(value)) <= longest


def _is_card(value: str) -> bool:
    digits = _digits(value)
    if len(set(digits)) == 1 or (digits[0] == "2" and len(digits) != len("2221000000000009")):
        return False
    doubled = (int(digit) * 2 for digit in digits[-2::-2])
    rest = (int(digit) for digit in digits[::-2])
    return (sum(number // 10 + number % 10 for number in doubled) + sum(rest)) % 10 == 0


def _is_iban(value: str) -> bool:
    compact = _compact(value)
    moved = compact[4:] + compact[:4]
    return int("".join(str(int(char, 36)) for char in moved)) % 97 == 1


def _is_address(value: str) -> bool:
    try:
        address = ipaddress.ip_address(value)
    except ValueError:
        return False
    return not (address.is_loopback or address.is_unspecified)


_IBAN_LENGTHS = (
    "NO15 BE16 DK18 FI18 FO18 GL18 NL18 MK19 SI19 AT20 BA20 EE20 KZ20 LT20 LU20 XK20 CH21 HR21 "
    "LI21 LV21 BG22 BH22 CR22 DE22 GB22 GE22 IE22 ME22 RS22 AE23 GI23 IL23 IQ23 AD24 CZ24 ES24 "
    "MD24 PK24 RO24 SA24 SE24 SK24 TN24 VG24 PT25 IS26 TR26 FR27 GR27 IT27 MC27 SM27 AL28 AZ28 "
    "BY28 CY28 DO28 GT28 HU28 LB28 PL28 BR29 PS29 QA29 UA29 JO30 KW30 MU30 MT31"
)
"""Country and length, https://www.swift.com/standards/data-standards/iban"""


def _iban_pattern() -> re.Pattern[str]:
    lengths = ((each[:2], int(each[2:]) - 4) for each in _IBAN_LENGTHS.split())
    forms = "|".join(rf"{land}[0-9]{{2}}(?: ?[A-Z0-9]){{{more}}}" for land, more in lengths)
    return re.compile(rf"(?<![A-Za-z0-9])(?=[A-Z]{{2}}[0-9]{{2}})(?:{forms})(?![A-Za-z0-9])")


_OCTET = r"(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"
_LOCAL = r"\w.%+\-"

_KINDS = {
    kind.name: kind
    for kind in (
        _Kind(
            name="email",
            pattern=re.compile(
                rf"(?<![{_LOCAL}])[{_LOCAL}]{{1,64}}+@"
                r"(?:\w(?:[\w\-]{0,61}\w)?\.){1,8}[^\W\d_]{2,24}(?!\w)"
            ),
            confirm=bool,
            normal=str.lower,
        ),
        _Kind(name="iban", pattern=_iban_pattern(), confirm=_is_iban, normal=_compact),
        _Kind(
            name="card",
            pattern=re.compile(r"(?<![\w.\-])[2-6](?:[ \-]?[0-9]){12,18}(?![\w\-]|\.[0-9])"),
            confirm=_is_card,
            normal=_digits,
        ),
        _Kind(
            name="phone",
            pattern=re.compile(
                r"(?<![\w.+\-])(?:"
                r"(?:\+|00)[1-9][0-9]{0,2}(?:[ .\-/()]{0,3}[0-9]){6,13}"
                r"|\(?[2-9][0-9]{2}\)?[ .\-][0-9]{3}[ .\-][0-9]{4}"
                r"|\(?0[1-9][0-9]{1,4}\)?[ /\-][0-9]{3,8}(?:[ \-][0-9]{2,8}){0,2}"
                r")(?![\w\-]|\.[0-9])"
            ),
            confirm=_is_phone,
            normal=_digits,
        ),
        _Kind(
            name="ip",
            pattern=re.compile(
                rf"(?<![\w.:\-])(?:{_OCTET}(?:\.{_OCTET}){{3}}"
                r"|(?=[0-9A-Fa-f:]{0,39}[0-9])(?:[0-9A-Fa-f]{0,4}:){2,7}[0-9A-Fa-f]{0,4}"
                r")(?![\w:\-]|\.[0-9])"
            ),
            confirm=_is_address,
            normal=str.lower,
        ),
    )
}


def personal_data(text: str, kinds: Iterable[str], placeholders: Placeholders) -> Iterator[Span]:
    """Every stretch of personal data of these kinds."""
    for name in kinds:
        kind = _KINDS[name]
        for match in kind.pattern.finditer(text):
            if kind.confirm(match[0]):
                yield Span(
                    start=match.start(),
                    end=match.end(),
                    kind=name,
                    replacement=placeholders.of(name, kind.normal(match[0])),
                )
