"""The numbers that a text says, however they are written: "1.5 million" is "1,500,000"."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

_UNITS = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen " \
    "fifteen sixteen seventeen eighteen nineteen"  # fmt: skip
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
_ORDINALS = "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth"
_SMALL = {word: value for value, word in enumerate(_UNITS.split())} | {
    word: 20 + 10 * at for at, word in enumerate(_TENS.split())
}
_SCALES = {
    "hundred": 1e2, "thousand": 1e3, "million": 1e6, "billion": 1e9, "trillion": 1e12,
    "dozen": 12.0, "m": 1e6, "mn": 1e6, "bn": 1e9, "tn": 1e12, "k": 1e3,
}  # fmt: skip
_PARTS = {
    "half": 2, "halves": 2, "third": 3, "quarter": 4, "fifth": 5, "sixth": 6, "seventh": 7,
    "eighth": 8, "tenth": 10,
}  # fmt: skip
_WORDS = rf"(?:{'|'.join(_SMALL)})(?:[ -](?:{'|'.join(_UNITS.split()[1:10])}))?"
_SCALE = r"hundred|thousand|million|billion|trillion|dozen"
_NUMBER = re.compile(
    # A fraction in words: "two thirds", "a quarter".
    rf"\b(?P<over>(?:an?|{'|'.join(_SMALL)})[ -])(?P<part>{'|'.join(_PARTS)})s?\b"
    # Hours and minutes are one figure.
    r"|(?P<clock>(?<![\w.,:])\d{1,2}[:.]\d\d(?= ?[ap]\.?m\b)|(?<![\w.,:])\d{1,2}:\d\d(?![\w:]))"
    rf"|(?P<digits>(?<![\w.,])\d{{1,3}}(?:,\d{{3}})+(?:\.\d+)?|(?<![\w.,])\d+(?:\.\d+)?)"
    rf"(?:(?P<ordinal>st|nd|rd|th)\b|(?P<short>(?:m|mn|bn|tn|k)\b)|[ -](?P<scale>{_SCALE})s?\b)?"
    rf"|\b(?P<words>{_WORDS}(?: (?:{_SCALE})(?: and)?(?: {_WORDS})?)*)\b"
    rf"|\b(?P<bare>(?:a|several|many) (?:{_SCALE}))s?\b"
    rf"|\b(?P<rank>{_ORDINALS.replace(' ', '|')})\b",
    re.IGNORECASE,
)
_UNIT = re.compile(r"[ -]?(?P<unit>%|per ?cent\b|percent\w*|degrees?|[a-z]+)", re.IGNORECASE)
_MEASURES = {
    form: name
    for name, forms in {
        "percent": "% percent percentage",
        "metre": "metre metres meter meters m",
        "centimetre": "centimetre centimetres centimeter centimeters cm",
        "millimetre": "millimetre millimetres millimeter millimeters mm",
        "kilometre": "kilometre kilometres kilometer kilometers km",
        "mile": "mile miles",
        "foot": "foot feet ft",
        "inch": "inch inches",
        "kilogram": "kilogram kilograms kilo kilos kg",
        "tonne": "tonne tonnes ton tons",
        "litre": "litre litres liter liters",
        "second": "second seconds",
        "minute": "minute minutes",
        "hour": "hour hours",
        "day": "day days",
        "week": "week weeks",
        "month": "month months",
        "year": "year years",
        "dollar": "dollar dollars",
        "euro": "euro euros",
        "pound": "pound pounds",
        "degree": "degree degrees",
    }.items()
    for form in forms.split()
}
_CURRENCIES = {"$": "dollar", "€": "euro", "£": "pound"}
_LESS = re.compile(r"\b(?:nearly|almost|under|below|less than|fewer than|just short of) $", re.I)
_MORE = re.compile(r"\b(?:more than|over|above|at least|upwards of) $", re.I)
_NEAR = re.compile(r"\b(?:about|around|roughly|some|approximately|nearly|almost) $", re.I)


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantity:
    """A number that a text says, and where."""

    value: float
    unit: str | None
    """What it measures, where that is a known measure or currency."""
    start: int
    end: int
    low: float
    """The least that it may stand for: "more than 1,000" may stand for 1,120."""
    high: float
    ordinal: bool = False

    def stands_for(self, other: Quantity) -> bool:
        """Whether whoever says this one can mean the other."""
        if self.unit and other.unit and self.unit != other.unit:
            return False
        return self.low <= other.value <= self.high


def quantities_in(text: str) -> list[Quantity]:
    """The numbers of a text in order; "one" only where it counts something."""
    found = []
    for match in _NUMBER.finditer(text):
        value = _value(match)
        if value is None or (value == 1 and not match["digits"] and not _counts(match)):
            continue
        before = text[max(0, match.start() - 20) : match.start()]
        after = _UNIT.match(text, match.end())
        unit = _MEASURES.get(after["unit"].lower().replace(" ", "")) if after else None
        unit = unit or _CURRENCIES.get(before[-1:])
        low = high = value
        if _MORE.search(before):
            low, high = value, value * 1.25
        elif _LESS.search(before):
            low, high = value * 0.85, value
        elif _NEAR.search(before):
            low, high = value * 0.95, value * 1.05
        found.append(
            Quantity(
                value=value,
                unit=unit,
                start=match.start(),
                end=match.end(),
                low=low - 1e-9,
                high=high + 1e-9,
                ordinal=bool(match["ordinal"] or match["rank"]),
            )
        )
    return found


def unsaid(claimed: Iterable[Quantity], evidence: Iterable[Quantity]) -> list[Quantity]:
    """Those of the claimed numbers that the evidence doesn't have."""
    there = list(evidence)
    return [one for one in claimed if not any(one.stands_for(other) for other in there)]


def _value(match: re.Match[str]) -> float | None:
    if match["part"]:
        over = match["over"].strip(" -").lower()
        top = _SMALL.get(over, 1)
        # "A second" and "the third" are no fractions; "one in nine" is two numbers.
        return top / _PARTS[match["part"].lower()]
    if match["clock"]:
        hours, minutes = re.split(r"[:.]", match["clock"])
        return int(hours) + int(minutes) / 100
    if match["digits"]:
        value = float(match["digits"].replace(",", ""))
        scale = (match["scale"] or match["short"] or "").lower()
        return value * _SCALES.get(scale, 1.0)
    if match["rank"]:
        return float(_ORDINALS.split().index(match["rank"].lower()) + 1)
    if match["bare"]:
        kind, scale = match["bare"].lower().split()
        return _SCALES[scale] if kind == "a" else None
    return _in_words(match["words"].lower())


def _in_words(words: str) -> float:
    total, part = 0.0, 0.0
    for word in re.split(r"[ -]", words):
        if word in _SMALL:
            part += _SMALL[word]
        elif word in _SCALES:
            part = (part or 1.0) * _SCALES[word]
            if word != "hundred":
                total, part = total + part, 0.0
    return total + part


def _counts(match: re.Match[str]) -> bool:
    """Whether "one" or "first" is a number here that must stand in the evidence."""
    return bool(match["part"] or match["clock"] or match["ordinal"])
