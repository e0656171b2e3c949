"""What a question asks for, and what a sentence has to offer: cheap readings of English."""

from __future__ import annotations

import re
from typing import Literal, TypeAlias

Kind: TypeAlias = Literal["name", "time", "number", "other"]

_KINDS: tuple[tuple[Kind, re.Pattern[str]], ...] = (
    (
        "number",
        re.compile(
            r"\bhow (many|much|old|long|far|tall|high|big|fast|often|large)\b"
            r"|\b(what|which) (percent\w*|proportion|number|amount|price|share|fraction|age)\b",
            re.IGNORECASE,
        ),
    ),
    (
        "time",
        re.compile(
            r"\bwhen\b|\b(what|which) (year|month|day|date|week|time|decade|century)\b",
            re.IGNORECASE,
        ),
    ),
    (
        "name",
        re.compile(
            r"\bwho(se|m)?\b|\bwhere\b"
            r"|\b(what|which|in what|in which) [\w’'\- ]{0,30}?\b(country|countries|state|city|"
            r"nation|continent|town|island|team|company|player|actor|actress|singer|film|movie|"
            r"show|book|party|president|minister|politician|man|woman|person|leader|celebrity|"
            r"artist|band|club|airline|university|brand|firm|network|platform|organi[sz]ation)\b",
            re.IGNORECASE,
        ),
    ),
)

_MONTH = (
    r"(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|"
    r"Sept?(?:ember)?|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)\b\.?"
)
_DAY = r"(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day"
TIME = re.compile(
    rf"\b(?:\d{{1,2}} {_MONTH}(?: \d{{4}})?|{_MONTH} \d{{1,2}}(?:st|nd|rd|th)?(?:,? \d{{4}})?"
    rf"|{_MONTH} \d{{4}}|(?:1[5-9]|20)\d\d(?:s|\b)|(?:early |late |last |next )?{_DAY}"
    rf"|\b{_MONTH}|\d{{1,2}}(?::\d\d)? ?[ap]\.?m\b\.?|noon|midnight)"
)
_SMALL = (
    r"one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|"
    r"sixteen|seventeen|eighteen|nineteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|"
    r"hundred|thousand|dozen"
)
NUMBER = re.compile(
    r"(?:(?:US)?[$£€¥]\s?)?\b\d[\d,]*(?:\.\d+)?(?:st|nd|rd|th)?"
    r"(?:(?:\s|-)(?:hundred|thousand|million|billion|trillion|percent|per cent|percentage points)"
    r"\b|\s?%|(?:m|bn|k|km|kg|mph|C|F)\b)*"
    rf"|\b(?:{_SMALL})(?:[- ](?:{_SMALL}|million|billion|trillion))*\b",
    re.IGNORECASE,
)
_PART = r"[A-Z][\w’'&.-]*[\w]|[A-Z]\b\.?"
NAME = re.compile(
    rf"(?:{_PART})(?:\s(?:(?:of|the|de|la|van|von|bin|al|and|for|&|in)\s){{0,2}}(?:{_PART})|\s\d+\b)*"
)
QUOTED = re.compile(r"[“\"]([^“”\"]{2,60}?)[,.]?[”\"]")

_FUNCTION_WORDS = frozenset(
    """a an the of in on at to for from by with about into over after before between during
    and or but if than then so as is are was were be been being am do does did done has have
    had having will would shall should can could may might must not no nor it its it's he she
    they them his her their theirs this that these those there here i you we us our your my me
    who whom whose which what when where why how many much old long far please tell s t re ve ll d
    recently week this year today yesterday according news article""".split()
)
_LEANING = re.compile(
    r"^[“\"'(]*(He|She|They|It|His|Her|Their|Its|This|That|These|Those|Such|But|And|So|However|"
    r"Both|Another|Also|Then|Meanwhile|There|Here)\b"
)


def kind_of_answer(question: str) -> Kind:
    """What kind of thing a question asks for: the first pattern that speaks."""
    for kind, pattern in _KINDS:
        if pattern.search(question):
            return kind
    return "other"


def is_content(word: str) -> bool:
    """Whether a word (lower case) says what a question is about."""
    return word not in _FUNCTION_WORDS


def offers(kind: Kind, sentence: str, question: str) -> bool:
    """Whether a sentence has something of that kind that the question doesn't have."""
    asked = question.casefold()
    patterns = {"number": NUMBER, "time": TIME, "name": NAME}
    if kind not in patterns:
        return True
    # The first word of a sentence is capitalised whatever it is.
    skip = 1 if kind == "name" else 0
    return any(
        found.group().casefold() not in asked for found in patterns[kind].finditer(sentence, skip)
    )


def leans(sentence: str) -> bool:
    """Whether a sentence starts with a word that points back to the one before."""
    return _LEANING.match(sentence) is not None


def numbers_in(text: str) -> frozenset[str]:
    """The numbers written in digits, without their separators."""
    return frozenset(re.sub(r"[,.]$|,", "", n) for n in re.findall(r"\d[\d,.]*", text))
