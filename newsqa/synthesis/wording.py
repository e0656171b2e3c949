"""What a sentence has to offer: cheap readings of English."""

from __future__ import annotations

import re

from newsqa.synthesis.asking import Kind

MONTH = (
    r"(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|"
    r"Sept?(?:ember)?|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)\b\.?"
)
DAY = r"(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day"
TIME = re.compile(
    rf"\b(?:\d{{1,2}} {MONTH}(?: \d{{4}})?|{MONTH} \d{{1,2}}(?:st|nd|rd|th)?(?:,? \d{{4}})?"
    rf"|{MONTH} \d{{4}}|(?:1[5-9]|20)\d\d(?:s|\b)|(?:early |late |last |next )?{DAY}"
    rf"|\b{MONTH}|\d{{1,2}}(?::\d\d)? ?[ap]\.?m\b\.?|noon|midnight)"
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
UNIT = re.compile(
    r"[- \u00a0\u202f](?P<unit>(?:square |cubic )?(?:metres?|meters?|kilomet(?:re|er)s?|km|miles?|"
    r"feet|foot|inch(?:es)?|acres?|hectares?|kilograms?|grams?|tonnes?|tons?|pounds|ounces?|"
    r"lit(?:re|er)s?|gallons?|barrels?|degrees|knots|crowns?|dollars?|cents?|euros?|pence|yen|yuan|"
    r"rupees?|rou?bles?|percent|per cent|percentage points?|hours?|minutes?|seconds?|days?|weeks?|"
    r"months?|years?|decades?)\b(?![-–]\w)(?: (?:Celsius|Fahrenheit)\b)?)"
    r"(?: (?:an|a|per) (?:second|minute|hour|day|month|year)\b)?",
    re.IGNORECASE,
)
"""What a number is of, right after it."""
_PART = r"(?:St|Dr|Mt|Ft)\.(?= [A-Z])|[A-Z][\w’'&.-]*[\w]|[A-Z]\b\.?"
NAME = re.compile(
    rf"(?:{_PART})(?:\s(?:(?:of|the|de|la|van|von|bin|al|&)\s){{0,2}}(?:{_PART})|\s\d+\b)*"
)
NO_PERSON = re.compile(
    r"\d|\b(University|College|School|Hall|House|Line|Lines|Party|Union|Club|Council|Authority|"
    r"Ministry|Department|Office|Committee|Commission|Court|Company|Corp|Inc|Ltd|Group|Bank|"
    r"Agency|Association|Athletic|United|City|Town|County|Street|Road|Bridge|River|Island|Hospital|"
    r"Church|Museum|Park|Station|Airport|League|Cup|Award|Prize|Times|Post|News|TODAY|States|"
    r"Kingdom|House|Senate|Assembly|Parliament|Congress|Government)\b"
)
"""In a name, what tells that it isn't a person's."""
QUOTED = re.compile(r"[“\"]([^“”\"]{2,60}?)[,.]?[”\"]")

CORROBORATED_FROM = 0.8
"""Share of a sentence's content words that a quote must have to say the same."""

_FUNCTION_WORDS = frozenset(
    """a an the of in on at to for from by with about into over after before between during
    and or but if than then so as is are was were be been being am do does did done has have
    had having will would shall should can could may might must not no nor it its it's he she
    they them his her their theirs this that these those there here i you we us our your my me
    who whom whose which what when where why how many much old long far please tell s t re ve ll d
    recently week this year today yesterday according news article""".split()
)
_DATELINE = re.compile(
    r"^[A-Z][A-Z .,’'-]{2,40}(?:, [A-Z][\w. ]{1,20})?(?: ?\([A-Za-z ./]{2,20}\))? ?[-–—]{1,2} "
    r"(?!.* [-–—]{1,2} )"  # "NASA — the space agency — said" has none
    r"|^\([A-Z]{2,10}\) ?[-–—]? ?"
)
_RETRACTING = re.compile(
    r"^(That|This|The|It|Both|Those|These)\b.{0,40}\b(was|were|is|are) "
    r"(wrong|incorrect|inaccurate|mistaken|in error|not (correct|true|accurate))\b"
    r"(?! (?:to|that)\b)"
)
_CHANGING = re.compile(
    r"\b(?:no longer|any ?more|again|lifted|ended|reopen\w*|resum\w+|return\w*|restor\w+|"
    r"cancel\w+|withdr[ae]w\w*|revok\w+|revers\w+|overturn\w*|suspend\w*|scrapp\w+|dropp\w+|"
    r"correct(?:ed|ion|s)|resign\w*|replac\w+|postpon\w+|delay\w*|instead|"
    r"(?:fully|now|since) (?:open|closed|back|been)|(?:is|are|was|were) over(?= ?[.,;:!?]|$))\b",
    re.IGNORECASE,
)
_LEANING = re.compile(
    r"^[“\"'(]*(He|She|They|It|His|Her|Their|Its|This|That|These|Those|Such|But|And|So|However|"
    r"Both|Another|Also|Then|Meanwhile|There|Here)\b"
)


def is_content(word: str) -> bool:
    """Whether a word (lower case) says what a question is about."""
    return word not in _FUNCTION_WORDS


def offers(kind: Kind, sentence: str, question: str) -> bool:
    """Whether a sentence has something of that kind that the question doesn't have."""
    if kind == "other":
        return True
    asked = question.casefold()
    pattern = {"count": NUMBER, "amount": NUMBER, "time": TIME}.get(kind, NAME)
    # The first word of a sentence is capitalised whatever it is.
    skip = 1 if pattern is NAME else 0
    return any(found.group().casefold() not in asked for found in pattern.finditer(sentence, skip))


def dateline_length(sentence: str) -> int:
    """Characters of the place and agency that open a report: "PARIS (AP) — "; 0 without."""
    found = _DATELINE.match(sentence)
    return found.end() if found else 0


def without_dateline(sentence: str) -> str:
    """A sentence without the place and agency that open a report."""
    return sentence[dateline_length(sentence) :]


def says_something(sentence: str) -> bool:
    """Whether it has a word once its dateline is gone."""
    return re.search(r"\w", without_dateline(" ".join(sentence.split()))) is not None


def leans(sentence: str) -> bool:
    """Whether a sentence starts with a word that points back to the one before."""
    return _LEANING.match(sentence) is not None


def retracts(sentence: str) -> bool:
    """Whether a sentence takes the one before it back."""
    return _RETRACTING.search(sentence) is not None


def changes(sentence: str) -> bool:
    """Whether a sentence says that something is otherwise than before ("was lifted", "again")."""
    return _CHANGING.search(sentence) is not None


def numbers_in(text: str) -> frozenset[str]:
    """The numbers written in digits, without their separators."""
    return frozenset(re.sub(r"[,.]$|,", "", n) for n in re.findall(r"\d[\d,.]*", text))


def corroborates(sentence: str, quote: str) -> bool:
    """Whether a quote of another article says what a sentence says.

    It has every number and every name of the sentence and most of its other words.
    """
    said, there = without_dateline(sentence), _words(quote)
    names = {word.casefold() for word in re.findall(r"(?<=\s)[A-Z]\w+", said)}
    content = {word for word in _words(said) if is_content(word)}
    return (
        numbers_in(said) <= numbers_in(quote)
        and names <= there
        and len(content & there) >= CORROBORATED_FROM * len(content)
    )


def _words(text: str) -> set[str]:
    return set(re.findall(r"\w+", text.casefold()))
