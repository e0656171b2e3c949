"""What a question counts ("how many copies"), and whether an answer is of that."""

from __future__ import annotations

import re

from newsqa.synthesis.coverage import Words
from newsqa.synthesis.wording import NUMBER, is_content

_COUNTED = re.compile(
    r"\bhow many (?:more |other |new )?(?P<many>.*)"
    r"|\b(?:what|which) (?:percentage|percent|per cent|proportion|share) of (?:the )?(?P<part>.*)",
    re.IGNORECASE,
)
_ENDS = frozenset(
    """is are was were will did does do has have had can could should would may might of in on at
    for to from by with this that""".split()
)
"""Words that end what is counted."""
_MAGNITUDES = frozenset("hundred thousand million billion trillion dozen".split())
_NAMED_BY = 4
"""Words that name what is counted, in the question as behind the number."""
_BEHIND = re.compile(
    rf"(?: (?:and|or|to) \d[\d,.]*\b)?(?:[^\S\n]*-?(?!\d)[\w’',]+){{0,{_NAMED_BY}}}"
)
"""Words on the same line and of the same sentence, up to the next number but "12 or 13"."""


def counted(question: str, words: Words) -> frozenset[str]:
    """The terms of what is counted; none where nothing is."""
    found = _COUNTED.search(question)
    if found is None:
        return frozenset()
    named: list[str] = []
    for word in re.findall(r"[^\W_]+", (found["many"] or found["part"] or "").casefold()):
        if word in _ENDS or len(named) == _NAMED_BY:
            break
        if len(word) > 1 and word.isalpha() and word not in _MAGNITUDES and is_content(word):
            named.append(word)
    return frozenset(words.terms(" ".join(named)))


def is_of(named: frozenset[str], text: str, start: int, end: int, words: Words) -> bool:
    """Whether what comes right behind the number in a span names what is counted."""
    number = NUMBER.search(text, start, end)
    if not named or number is None:
        return False
    behind = _BEHIND.match(text, end)
    told = text[number.end() : end] + (behind[0] if behind else "")
    return not named.isdisjoint(words.terms(told))
