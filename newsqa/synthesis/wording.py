"""What a question asks for, and what a sentence has to offer: cheap readings of English."""

from __future__ import annotations

import re
from typing import Literal, TypeAlias

Kind: TypeAlias = Literal["person", "place", "time", "count", "amount", "title", "name", "other"]

_PLACES = "country countries state city nation continent town island village place region county"
_PATTERNS: tuple[tuple[Kind, str], ...] = (
    ("count", r"\bhow many\b|\bhow old\b|\b(what|which) (percent\w*|number|proportion|age)\b"),
    (
        "amount",
        r"\bhow (much|long|far|tall|high|big|fast|large|deep|heavy|strong|late|hot|cold)\b"
        r"|\b(what|which)( \w+)? (amount|price|share|fraction|temperature|speed|fine)\b"
        r"|\bwhat\b.*\bcosts?\b",
    ),
    ("time", r"\bwhen\b|\b(what|which) (year|month|day|date|week|time|decade|century)\b"),
    ("person", r"\bwho(se|m)?\b"),
    ("place", rf"\bwhere\b|\b(what|which) (\w+ )?({_PLACES.replace(' ', '|')})\b"),
    ("title", r"\b(title|name)s? of\b|\b(called|named|titled)\b"),
    (
        "name",
        r"\bwhich\b|\bwhat (?!(is|are|was|were|did|does|do|has|have|had|will|would|can|could|"
        r"should|may|might|happen\w*|caus\w+|led|made|kinds?|sorts?|s)\b)[\w’'-]",
    ),
)
_KINDS = tuple((kind, re.compile(words, re.IGNORECASE)) for kind, words in _PATTERNS)

Shape: TypeAlias = Literal["fact", "list", "verdict", "account"]

_NUMERIC: tuple[Kind, ...] = ("count", "amount")
_OPENING = re.compile(
    r"^\W*(?:(?:and|but|so|then|also|please|(?:can|could|would) you (?:please )?tell me|"
    r"(?:according to|in|on|during|after|before|as of|since|last|this) [^,?]{2,60}),?\s+)+",
    re.IGNORECASE,
)
_VERDICT = re.compile(
    r"^(?:is|are|was|were|am|do|does|did|has|have|had|will|would|can|could|should|must|may|might)"
    r"(?:n[’']t)?\s|^true or false\b",
    re.IGNORECASE,
)
_OTHERWISE = re.compile(r"\bor (?!not\b|false\b)|\b(?:what|which|who|whom|how)\b", re.IGNORECASE)
"""In a question that starts like one for yes or no, what tells that it asks for something else."""
_ACCOUNT = re.compile(
    r"^how (?:is|are|was|were|am|do|does|did|has|have|had|will|would|can|could|should|come)\b"
    r"|\bwhy\b|^what (?:happen\w*|(?:has|have|had) happened|caus\w+|led)\b"
    r"|^what (?:is|was|are|were) (?:the )?(?:reasons?|causes?)\b"
    r"|^what(?:[’']s| is| are) (?:the )?(?:(?:latest|newest|recent) )?(?:news|developments?)\b"
    r"|^what(?:[’']s| is) (?:the latest|new|going on|happening) (?:about|at|from|in|on|with)\b"
    r"|^what(?:[’']s| is| was| has been) (?:known|reported|said|written) (?:about|of|on)\b"
    r"|^what do (?:we|you) know (?:about|of)\b|^(?:tell me (?:more )?)?about\b",
    re.IGNORECASE,
)
_COUNTED = r"two|three|four|five|six|seven|eight|nine|ten|several|other"
_LIST = re.compile(
    r"^(?:name|list)(?: all| the)+ "
    rf"|\b(?:what|which) (?:{_COUNTED}) (?:[\w’'-]+ ){{0,2}}?[\w’'-]+s\b"
    r"|\b(?:what|which) (?:[\w’'-]+ )?(?P<noun>[\w’'-]+(?<![s’'])s)"
    r"(?:\?|$| (?:are|were|have|do|did|will|would|can|could|won|took|made|\w+ed)\b)"
    r"|^(?:who|which|what) (?:are|were) the (?:[\w’'-]+ ){0,2}?[\w’'-]+s\b",
    re.IGNORECASE,
)
_SINGULAR = frozenset(
    """is was has does this its as his news series species sports politics economics physics
    mathematics always across gas bus virus status census campus bonus means headquarters olympics
    games s us vs""".split()
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
)
_LEANING = re.compile(
    r"^[“\"'(]*(He|She|They|It|His|Her|Their|Its|This|That|These|Those|Such|But|And|So|However|"
    r"Both|Another|Also|Then|Meanwhile|There|Here)\b"
)


def kind_of_answer(question: str) -> Kind:
    """What kind of thing a question asks for, by the question word that comes first."""
    found = [(match.start(), kind) for kind, words in _KINDS if (match := words.search(question))]
    # The order of the patterns decides between those that start at the same word.
    return min(found, key=lambda pair: pair[0])[1] if found else "other"


def shape_of(question: str) -> Shape:
    """Whether a question asks for a fact, for several, for yes or no, or for an account."""
    asked = _OPENING.sub("", question)
    if _VERDICT.match(asked) and not _OTHERWISE.search(asked):
        return "verdict"
    kind = kind_of_answer(question)
    if kind == "other" and _ACCOUNT.search(asked):
        return "account"
    several = _LIST.search(asked)
    if several and (several.group("noun") or "").casefold() not in _SINGULAR:
        return "fact" if kind in _NUMERIC else "list"
    return "fact"


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
