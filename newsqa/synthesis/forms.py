"""What form a span has: a name, a quoted title, a date, a number or an amount."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from newsqa.synthesis.asking import Kind
from newsqa.synthesis.wording import DAY, MONTH, NAME, NO_PERSON, NUMBER, QUOTED, TIME, UNIT

FIT: dict[Kind, dict[str, float]] = {
    "person": {"person": 1.0, "surname": 0.5},
    "place": {"located": 1.0, "name": 0.5, "full name": 0.5},
    "name": {"full name": 1.0, "name": 0.9, "quoted": 0.9, "located": 0.5},
    "title": {"quoted": 1.0, "full name": 0.8, "name": 0.7},
    "time": {"time": 1.0},
    "count": {"number": 1.0},
    "amount": {"amount": 1.0, "number": 0.6},
    "other": {},
}
"""How well each form of span suits each kind of question."""

_A_DAY = re.compile(
    rf"(?:{DAY}|\d{{1,2}} {MONTH}|{MONTH} \d{{1,2}}(?:st|nd|rd|th)?)(?:,? \d{{4}})?"
)
_A_YEAR = re.compile(r"(?:1[5-9]|20)\d\d")
_DIGITS = re.compile(r"\d[\d,.]*%?")
WORD = re.compile(r"[\w’']+")
_HONORIFIC = re.compile(
    r"^(The|A|An|Mr|Mrs|Ms|Dr|Sir|Sen|Gov|Rep|Rev|Captain|President)\b\.?\s+(?=[A-Z])"
)
_LOCATING = re.compile(r"\b(in|at|near|from|to|on|off|of|across|outside)( the)? $")
_NAME_LIKE = re.compile(r"(?:[Tt]he )?[A-Z]")


def forms_in(sentence: str) -> Iterator[tuple[str, int, str]]:
    """Form, place and text of every span of a sentence; dates are not also numbers."""
    dates = [(m.start(), m.end()) for m in TIME.finditer(sentence)]
    for start, end in dates:
        yield "time", start, sentence[start:end].rstrip(".,")
    for found in NUMBER.finditer(sentence):
        if any(start < found.end() and found.start() < end for start, end in dates):
            continue
        text = found.group().rstrip(",.")
        unit = UNIT.match(sentence, found.start() + len(text))
        yield "measure" if unit else "number", found.start(), text
        if unit or re.search(r"[$£€¥%]|percent|per cent", text):
            yield "amount", found.start(), text + (unit.group() if unit else "")
    for found in QUOTED.finditer(sentence):
        yield "quoted", found.start(1), found.group(1)
    for found in NAME.finditer(sentence):
        yield from _named(sentence, found.start(), found.group(), dates)


def _named(
    sentence: str, start: int, text: str, dates: Sequence[tuple[int, int]]
) -> Iterator[tuple[str, int, str]]:
    opening = not sentence[:start].strip("“”\"'‘(—– ")
    if any(a <= start < b for a, b in dates):
        return
    while title := _HONORIFIC.match(text):
        start, text = start + title.end(), text[title.end() :]
    text = re.sub(r"[’']s$|[.,]$", "", text)
    full = " " in text
    if not full and opening and not any(char.isupper() for char in text[1:]):
        return  # a sentence's first word is capitalised whatever it is
    person = NO_PERSON.search(text) is None and not text.isupper()
    if person:
        yield "person" if full else "surname", start, text
    yield "full name" if full else "name", start, text
    if _LOCATING.search(sentence[:start]):
        yield "located", start, text


def forms_of(text: str) -> set[str]:
    """The forms that a text has as a whole, but for an article or a title before it."""
    while title := _HONORIFIC.match(text):
        text = text[title.end() :]
    whole = len(plain_key(text))
    # A name that opens a sentence is told from an ordinary word by what is before it.
    found = {form for form, _, part in forms_in(f"… {text}") if len(plain_key(part)) >= whole > 0}
    if _NAME_LIKE.match(text):
        found |= {"quoted", "located"}
    return found


def is_unfit(kind: Kind, text: str) -> bool:
    """Whether a text can't be of a kind: a day for "how many", a day, a year or "71" for "who".

    A month alone may be a name, and much that has no digit is a number ("a million", "half").
    """
    if kind in ("count", "amount", "person", "place") and _A_DAY.fullmatch(text):
        return True
    if kind == "person":
        return _DIGITS.fullmatch(text) is not None
    return kind == "place" and _A_YEAR.fullmatch(text) is not None


def asks_in(sentence: str, start: int, number: str, asked: set[str]) -> bool:
    """Whether the question asks in the unit that follows a number ("how many years")."""
    unit = UNIT.match(sentence, start + len(number))
    return unit is not None and bool(set(WORD.findall(unit["unit"].casefold())) & asked)


def plain_key(text: str) -> tuple[str, ...]:
    """The words of a text without case, articles and the separators of numbers."""
    words = [word.casefold().replace(",", "") for word in re.findall(r"[\w’',.]*\w", text)]
    return tuple(word for word in words if word not in {"the", "a", "an"})
