"""A span as it was read → a span as it is told; and what makes two of them the same answer."""

from __future__ import annotations

import re
import unicodedata

from newsqa.synthesis.reading import ReadSpan
from newsqa.synthesis.wording import NUMBER, UNIT, is_content


def whole_words(text: str, span: ReadSpan) -> tuple[int, int]:
    """A span with all of the words and numbers that it starts or ends in.

    But for scripts that don't part words by spaces.  A number has its currency's sign, its
    magnitude and its percent ("$940 million", "28%"), without which it says something else.
    """
    start, end = span.start, span.end
    while 0 < start < end and _joined(text, start):
        start -= 1
    while start < end < len(text) and _joined(text, end):
        end += 1
    if (
        start < end
        and text[start].islower()
        and (genus := _GENUS.search(text, max(0, start - 3), start))
    ):
        start = genus.start()
    if start < end and text[start].isdigit() and (sign := _CURRENCY.search(text, 0, start)):
        start = sign.start()
    if start < end and text[end - 1].isdigit() and (of := _MAGNITUDE.match(text, end)):
        end = of.end()
    if text.startswith(".", end) and _HALF_OF_A_DAY.search(text, start, end):
        end += 1
    return start, end


def as_told(text: str, span: ReadSpan, *, article: str) -> tuple[int, int]:
    """A span in whole words and names, without what wraps it; `article` tells how names are."""
    start, end = trimmed(text, *whole_words(text, span))
    return whole_name(text, start, end, article=article)


def with_unit(text: str, start: int, end: int) -> int:
    """Where a span ends with what it is so many of; `end` where it ends in no number.

    "6.4 metres", "5 feet 6 inches", "90-day".
    """
    numbers = NUMBER.finditer(text, start, end)
    if not any(number.end() == end for number in numbers):
        return end
    while unit := UNIT.match(text, end):
        end = unit.end()
        lesser = _LESSER.get(unit["unit"].casefold().rstrip("s"))
        follows = lesser.match(text, end) if lesser else None
        if follows is None:
            break
        end = follows.end()
    return end


def _joined(text: str, at: int) -> bool:
    """Whether the characters on both sides of a place are of one word or number."""
    if _NUMBER_GOES_ON.match(text, at - 1) or (at > 1 and _NUMBER_GOES_ON.match(text, at - 2)):
        return True
    if _NAME_GOES_ON.match(text, at - 1) or (at > 1 and _NAME_GOES_ON.match(text, at - 2)):
        return True
    return _is_spaced(text[at - 1]) and _is_spaced(text[at])


def _is_spaced(char: str) -> bool:
    """Whether it is a letter, a mark or a digit of a script that parts words by spaces."""
    if char.isascii():
        return char.isalnum()
    return unicodedata.category(char)[0] in "LMN" and not unicodedata.name(char, "").startswith(
        _UNSPACED
    )


def trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    """A span without the punctuation and white space that wraps it.

    A bracket stays where its partner is inside, a full stop where it ends an abbreviation.  An
    "’s" at the end goes too.
    """
    while start < end and text[start] in _WRAPPING:
        if text[start] == "(" and ")" in text[start:end].rstrip(_WRAPPING):
            break
        start += 1
    while end > start and text[end - 1] in _WRAPPING:
        if text[end - 1] == ")" and "(" in text[start:end]:
            break
        if text[end - 1] == "." and _ABBREVIATED.search(text, start, end):
            break
        end -= 1
    possessive = _POSSESSIVE.search(text, start, end)
    if possessive and possessive.start() > start:
        return trimmed(text, start, possessive.start())
    return start, end


def whole_name(text: str, start: int, end: int, *, article: str) -> tuple[int, int]:
    """A span with what its name can't do without.

    A title alone has the name that follows it ("President Joe Biden"); what never stands without
    an "’s" in the article, of three times or more, has it ("McDonald’s").
    """
    if _TITLE.fullmatch(text, start, end):
        dot = "." if text[start:end] in _ABBREVIATED_TITLES else ""
        named = _NAMED.match(text, end + len(dot)) if text.startswith(dot, end) else None
        if named is None or _NAME_STILL_GOES_ON.match(text, named.end()):
            return start, end
        proper = all(word[0].isupper() or word in _PARTICLES for word in named[0].split())
        return trimmed(text, start, named.end()) if proper else (start, end)
    name = text[start:end]
    if name and _POSSESSIVE_NEXT.match(text, end) and _always_possessive(name, article):
        return start, end + 2
    return start, end


def _always_possessive(name: str, article: str) -> bool:
    last = name.split()[-1]
    if not name[0].isupper() or not is_content(last.casefold()):
        return False
    places = [
        found.end() for found in re.finditer(rf"\b{re.escape(last)}\b", article, re.IGNORECASE)
    ]
    return len(places) >= _ALWAYS and all(_POSSESSIVE_NEXT.match(article, at) for at in places)


def without_honorific(text: str) -> str:
    """A text without the titles of persons that it begins with ("Ms. Quill", "President Biden")."""
    return _HONORIFIC.sub("", text)


def key_of(text: str) -> tuple[str, ...]:
    """What makes two spans the same answer.

    Their words without case, without articles and the titles of persons, numbers as digits, units
    in the singular.
    """
    text = _POSSESSIVE.sub("", without_honorific(text.strip()))
    text = _PER_CENT.sub(" percent", re.sub(r"(?<=\d),(?=\d{3}\b)", "", text))
    words = re.findall(r"\d+(?:\.\d+)?|%|[$£€¥]|[^\W\d_][\w.]*[^\W_]|\w", text.casefold())
    return tuple(plain(word) for word in words if word not in {"the", "a", "an"})


def plain(word: str) -> str:
    """A word (lower case) as keys have it: numbers as digits, units in the singular."""
    return _NUMBER_WORDS.get(word, _SAME.get(word, word))


_NUMBER_GOES_ON = re.compile(r"\d(?:,(?=\d{3}(?!\d))|[.:](?=\d))")
_CURRENCY = re.compile(r"(?:\b[A-Z]{1,2})?[$£€¥]\Z")
_MAGNITUDE = re.compile(
    r"(?:[\s-]?(?:thousand|million|billion|trillion)s?\b)?(?:\s?%|[\s-]per[\s-]?cent\b)?",
    re.IGNORECASE,
)
_HALF_OF_A_DAY = re.compile(r"\b[ap]\.m$")
_GENUS = re.compile(r"(?<![\w.])[A-Z]\. \Z")
"""Before a species: "E. coli"."""
_NAME_GOES_ON = re.compile(r"[A-Z]['’\u02bb](?=[A-Z])")
_UNSPACED = ("CJK", "HIRAGANA", "KATAKANA", "THAI", "LAO", "KHMER", "MYANMAR", "TIBETAN")
_WRAPPING = "\"'“”‘’()[]{}<>,;:.–—- \t\n\u00a0"
_NUMBER_WORDS = {
    word: str(number)
    for number, word in enumerate(
        """zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen
        fifteen sixteen seventeen eighteen nineteen twenty""".split()
    )
}
_LESSER = {
    unit: re.compile(
        rf"(?:,? and|,)? (?:\d+|{'|'.join(_NUMBER_WORDS)})"
        rf"(?= (?:{lesser})\b(?!-| (?:an?|per|each)\b))",
        re.IGNORECASE,
    )
    for units, lesser in (
        (("feet", "foot"), "inch(?:es)?"),
        (("year",), "months?|weeks?|days?"),
        (("month",), "weeks?|days?"),
        (("week",), "days?"),
        (("day",), "hours?|minutes?"),
        (("hour",), "minutes?|seconds?"),
        (("minute",), "seconds?"),
        (("pound",), "ounces?|pence"),
    )
    for unit in units
}
"""By unit, a number of a lesser one that goes on with it: "12 hours and 25 minutes"."""
_PER_CENT = re.compile(r"[\s-]per[\s-]cent\b", re.IGNORECASE)
_SAME = {
    "percent": "%",
    "us": "usa",
    "u.s": "usa",
    "u.s.a": "usa",
    "feet": "foot",
    "inches": "inch",
} | {
    f"{unit}s": unit
    for unit in """metre meter kilometre kilometer mile acre hectare kilogram gram tonne ton ounce
    litre liter gallon barrel degree knot crown dollar cent euro pound rupee rouble hour minute
    second day week month year decade""".split()
}
_HONORIFIC = re.compile(
    r"^(?:(?:mr|mrs|ms|dr|sir|dame|lord|lady|sen|gov|rep|rev|prof|president|senator|governor|"
    r"captain|king|queen|prince|princess|pope)\.?\s+)+(?=\w)",
    re.IGNORECASE,
)
_ABBREVIATED = re.compile(r"(?:(?:\b[A-Z]\.)+[A-Z]|\b[ap]\.m|\b(?:Jr|Sr|Inc|Co|Corp|Ltd))\.$")
_POSSESSIVE = re.compile(r"[’']s$")
_POSSESSIVE_NEXT = re.compile(r"(?<=[^\W\d_])[’']s\b")
_ALWAYS = 3
"""Times that something has to stand with an "’s", and never without, for it to be of its name."""
_ABBREVIATED_TITLES = frozenset("Sen Gov Rep Dr Mr Mrs Ms Rev Prof Gen Col Capt Sgt".split())
_TITLE = re.compile(
    r"(?:(?:Vice|Prime|Former|Deputy|Foreign) )*"
    r"(?:President|Minister|Chancellor|Secretary|Senator|Governor|Mayor|Speaker|Justice|Judge|King|"
    rf"Queen|Prince|Princess|Pope|Sir|Dame|{'|'.join(sorted(_ABBREVIATED_TITLES))})"
)
_PARTICLES = frozenset("de da dos di du van von der den la le al bin ibn ben el".split())
_CAPITALISED = (
    r"(?!(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day\b)"
    r"(?!(?:January|February|March|April|May|June|July|August|September|October|November|December|"
    r"[A-Z]{2,})\b)"
    r"(?:(?:[A-Z]\.)+|[^\W\d_a-z](?:[\w-]|[’'](?!s\b))*)"
)
_NAMED = re.compile(rf"(?: (?:(?:{'|'.join(sorted(_PARTICLES))}) )*{_CAPITALISED}){{1,5}}")
_NAME_STILL_GOES_ON = re.compile(rf" {_CAPITALISED}")
