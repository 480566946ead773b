"""Counting and rewording, the same on every machine."""

from __future__ import annotations

import re
from collections.abc import Mapping

from .dice import Dice

__all__ = ["reworded", "tokens_of", "word_count"]

_WORD = re.compile(r"\w+")

# Each pair may stand for the other wherever the word stands alone, so that no meaning moves.
_SYNONYMS: Mapping[str, str] = {
    "also": "in addition",
    "although": "even though",
    "because": "since",
    "big": "large",
    "but": "yet",
    "can't": "cannot",
    "carefully": "with care",
    "cheaper": "less expensive",
    "clearly": "plainly",
    "doesn't": "does not",
    "don't": "do not",
    "enough": "sufficient",
    "fast": "quickly",
    "for example": "for instance",
    "gives": "provides",
    "happy": "glad",
    "help": "assist",
    "helps": "assists",
    "however": "nevertheless",
    "i'll": "I will",
    "i'm": "I am",
    "i've": "I have",
    "important": "significant",
    "isn't": "is not",
    "large": "big",
    "let me": "allow me to",
    "mainly": "mostly",
    "many": "numerous",
    "maybe": "perhaps",
    "mostly": "mainly",
    "nearly": "almost",
    "need": "require",
    "needs": "requires",
    "often": "frequently",
    "only": "just",
    "perhaps": "maybe",
    "quickly": "fast",
    "rarely": "seldom",
    "shows": "demonstrates",
    "so that": "in order that",
    "sorry": "very sorry",
    "strong": "solid",
    "thanks": "thank you",
    "therefore": "hence",
    "though": "although",
    "usually": "normally",
    "we'll": "we will",
    "whole": "entire",
    "without": "with no",
    "you'll": "you will",
    "you're": "you are",
}
_KNOWN = re.compile(
    r"\b(" + "|".join(sorted(_SYNONYMS, key=len, reverse=True)) + r")\b", re.IGNORECASE
)
_OPENINGS = ("Certainly. ", "Of course. ", "Sure. ", "")
_CODE = re.compile(r"(```.*?```|`[^`]*`)", re.DOTALL)


def word_count(text: str) -> int:
    """Words and numbers."""
    return len(_WORD.findall(text))


def tokens_of(text: str) -> int:
    """Tokens, by rule of thumb: four for every three words."""
    return -(-word_count(text) * 4 // 3)


def reworded(text: str, dice: Dice) -> str:
    """A text in other words; code, numbers and names stay."""
    outside_code = _CODE.split(text)
    outside_code[::2] = [_KNOWN.sub(_synonym, prose) for prose in outside_code[::2]]
    changed = "".join(outside_code)
    opening = dice.choose(_OPENINGS if changed != text else _OPENINGS[:-1])
    return opening + changed


def _synonym(found: re.Match[str]) -> str:
    word = found.group()
    other = _SYNONYMS[word.lower()]
    return other[0].upper() + other[1:] if word[0].isupper() else other
