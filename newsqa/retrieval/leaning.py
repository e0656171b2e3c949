"""Where a question points back to what was said before, and where it stands by itself."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from newsqa.retrieval.kinds import kind_of_noun
from newsqa.retrieval.mentions import Mention, mentions_in
from newsqa.retrieval.words import AUXILIARIES, FUNCTION_WORDS, PRONOUNS, VERBS

Wants: TypeAlias = Literal["he", "she", "it", "they", "there", "then", "that", "noun", "item"]
"""What a reference points to: a person, a thing, several, a place, a time, what was said, what a
noun names, one of several."""

SHORT = 10
"""Words of a question in which "the company" may well be one spoken of before."""

_PRONOUNS: dict[str, Wants] = {
    "he": "he", "him": "he", "his": "he", "she": "she", "her": "she", "hers": "she", "it": "it",
    "its": "it", "they": "they", "them": "they", "their": "they", "theirs": "they",
    "there": "there", "then": "then",
}  # fmt: skip
_PRONOUN = re.compile(rf"(?<![\w-])(?:{'|'.join(_PRONOUNS)})(?![\w-])", re.IGNORECASE)
_OBJECTS = frozenset("him her them it".split())
_AUX = "|".join(sorted(map(re.escape, AUXILIARIES - {"'s", "'re"}), key=len, reverse=True))
_ASKING = (
    r"(?:(?:in|on|at|by|for|to|with|from|of|about|since|until|through) )?"
    r"(?:who(?:m|se)?|what|which|when|where|why|how)(?: [\w’'-]+){0,4}?"
)
OPENER = re.compile(
    r"^(?:(?:and|but|so|also|ok(?:ay)?|well|thanks?(?: you)?|then|right|no|yes|hmm+|oh|great|cool)"
    r"\b[\s,.!–—-]*)+(?=\w)",
    re.IGNORECASE,
)
"""Words that take up a conversation."""
_INVERTED = re.compile(
    rf"(?:^|[,;:–—]\s*|\band\s)(?:{_ASKING}\s)?(?:{_AUX}|who[’']?s|what[’']?s|where[’']?s|how[’']?s|"
    rf"whats|wheres|hows|whos)\s(?:only |also |all )?$",
    re.IGNORECASE,
)
"""Before the subject of a main clause."""
_CLAUSE = re.compile(
    r"\b(?:that|who|which|whose|because|while|when|where|if|whether|after|before|as|since|until|"
    r"say|said|says|think|announced?|claim\w*|told|admitted|warned|confirmed|revealed)\b",
    re.IGNORECASE,
)
_SENTENCE = re.compile(r"(?<!\b[A-Z])(?<!\bSt)(?<!\bMr)(?<!\bMs)(?<!\bDr)[.!?]\s+")
_FRONTED = re.compile(
    r"^(?:in|after|before|during|following|despite|with|since|while|when|as|for|to|on|at|by|if|"
    r"because of|since|amid|from|thanks to)\b[^,]*$",
    re.IGNORECASE,
)
_EXPLETIVE = re.compile(
    r"\bit (?:\w+ ){0,2}?(?:takes?|took|costs?)\b.{1,80}\bto\b|^\W*it(?:[’']s| is| was| took)\b"
    r"|\bit (?:is|was|has been|will be) (?:\w+ed|said|found|known|thought)\b(?= \w)"
    r"|\b(?:battle|fight|slug|stick|figure) it out\b"
    r"|\bit (?:\w+ ){0,2}?(?:true|false|possible|likely|legal|illegal|safe|okay|normal|right|fair|"
    r"common|important|necessary|worth|known|said|clear|expected|hot|cold|rain\w*|snow\w*|time)\b"
    r"(?=.*\b(?:that|to|if|whether|in|on|at|for|how|what|why|\w+ing)\b)"
    r"|\b(?:is|was) it (?:that|who)\b|\bwhat (?:time|day|year|date) is it\b"
    r"|\bmake it\b|\bmakes it\b|\bmade it (?:to|into)\b|\bit rain",
    re.IGNORECASE,
)
_THAT = re.compile(
    r"\b(?:that|this)\b(?=\W*$|,)"
    r"|(?<=\b)(?:(?<=is )|(?<=was )|(?<=did )|(?<=does )|(?<=would )|(?<=will )|(?<=has )|"
    r"(?<=about )|(?<=after )|(?<=can )|(?<=could ))(?:that|this)\b"
    r"(?=\s+(?:happen|cost|mean|be|been|was|true|possible|change|affect|work|take|come|go|help|"
    r"more|less|a|an|the|really|so|not|enough|allowed|legal|have|his|her|their|because|in|on|at)\b)",
    re.IGNORECASE,
)
_DETERMINED = re.compile(r"\b(?P<det>that|this|those|these|the)\s(?P<noun>[a-z][\w-]+)\b")
_OF_THESE = re.compile(r"\bof$", re.IGNORECASE)
_NOW = frozenset("week month year morning afternoon evening weekend summer winter spring".split())
_ITEM = re.compile(
    r"\b(?:the\s+)?(?P<which>first|second|third|fourth|fifth|last|other|former|latter)"
    r"(?:\s+(?:one|ones|two))\b"
    r"|\bthe\s+(?P<alone>first|second|third|fourth|fifth|last|other|others|former|latter)"
    rf"(?=\W*$|\s*,|\s+(?:{_AUX}|say|said|do|get|got|think|come|score|win|lose)\b)",
    re.IGNORECASE,
)
_THERE_IS = re.compile(
    r"\b(?:is|are|was|were|be|been|isn't|aren't|wasn't|will|would)\s$", re.IGNORECASE
)
_EXISTING = re.compile(
    r"^\s+(?!(?:now|today|then|before|first|yet|too|when|while|at the time|that|and|or|but)\b)\w",
    re.IGNORECASE,
)
"""After "is there": what there is, or where."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """Words of a question that stand for something said before."""

    text: str
    start: int
    end: int
    wants: Wants
    possessive: bool = False
    noun: str = ""
    """What it says of it: "company" in "that company", "second" in "the second one"."""


def references_in(question: str) -> list[Reference]:
    """What points back out of a question, in order; not what points to its own words."""
    mentions = mentions_in(question)
    named = any(mention.named for mention in mentions)
    found = [*_items(question, named=named), *_nouns(question, named=named)]
    if not re.match(r"\W*(?:is|was) (?:it|that) true that\b", question, re.IGNORECASE):
        found += [
            Reference(text=m[0], start=m.start(), end=m.end(), wants="that")
            for m in _THAT.finditer(question)
        ]
    for match in _PRONOUN.finditer(question):
        reference = _pronoun(question, match)
        inside = any(each.start <= match.start() < each.end for each in found)
        if reference is not None and not inside and _dangles(question, reference, mentions, found):
            found.append(reference)
    return sorted(found, key=lambda each: each.start)


def _items(question: str, *, named: bool) -> list[Reference]:
    """ "The second one", "the last"; without "one" only where the question names nothing."""
    return [
        Reference(
            text=match[0], start=match.start(), end=match.end(), wants="item",
            noun=(match["which"] or match["alone"]).lower(),
        )
        for match in _ITEM.finditer(question) if match["which"] or not named
    ]  # fmt: skip


def _nouns(question: str, *, named: bool) -> list[Reference]:
    """ "That company", "this law"; "the company" only where the question names nothing."""
    found = []
    for match in _DETERMINED.finditer(question):
        noun, det = match["noun"].lower(), match["det"].lower()
        if noun in FUNCTION_WORDS | VERBS or noun in PRONOUNS or noun in _NOW:
            continue
        if _OF_THESE.search(question[: match.start()].rstrip()) and det in ("these", "those"):
            continue
        following = question[match.end() :].split()
        modified = following and (following[0] in ("of", "for") or following[0].endswith("’s"))
        kind = kind_of_noun(noun)
        if det in ("this", "these") and named:  # of a riddle: "… bought this company"
            continue
        alone = named or len(question.split()) > SHORT
        if det == "the" and (alone or kind not in ("organisation", "place") or modified):
            continue
        found.append(
            Reference(text=match[0], start=match.start(), end=match.end(), wants="noun", noun=noun)
        )
    return found


def _pronoun(question: str, match: re.Match[str]) -> Reference | None:
    low = match[0].lower()
    before, after = question[: match.start()], question[match.end() :]
    if low == "it" and any(
        m.start() <= match.start() < m.end() for m in _EXPLETIVE.finditer(question)
    ):
        return None
    if low == "there" and _THERE_IS.search(before) and _EXISTING.match(after):
        return None
    if low == "there" and re.match(r"\s+(?:is|are|was|were)\b", after):
        return None
    if low == "then" and not re.match(r"\W*$", after):
        return None
    following = re.match(r"\s+([\w’'-]+)", after)
    next_word = following[1].lower() if following else ""
    possessive = low in ("his", "its", "their") or (
        low == "her" and bool(next_word) and next_word not in FUNCTION_WORDS
    )
    return Reference(
        text=match[0], start=match.start(), end=match.end(), wants=_PRONOUNS[low],
        possessive=possessive,
    )  # fmt: skip


def _dangles(
    question: str, reference: Reference, mentions: Sequence[Mention], others: Sequence[Reference]
) -> bool:
    """Whether nothing in the question itself is what it stands for."""
    start = reference.start
    opened = max((m.end() for m in _SENTENCE.finditer(question[:start])), default=0)
    if any(m.end <= opened for m in mentions):
        return False  # what it says first is what it goes on about
    clause = question[opened:start]
    # What points back itself gives no name; an item of a list does.
    pointing = [(each.start, each.end) for each in others if each.wants != "item"]
    own = [
        m for m in mentions
        if m.end <= start and _may_be(m, reference)
        and not any(a < m.end and m.start < b for a, b in pointing)
    ]  # fmt: skip
    inverted = _INVERTED.search(OPENER.sub("", clause))
    if inverted:
        # Its own clause has only just begun.
        begun = start - len(inverted[0].lstrip(",;:–— "))
        return not [m for m in own if m.end <= begun]
    asked_person = re.match(r"\W*(?:and |but |so )?who\b", clause, re.IGNORECASE)
    led = asked_person.end() if asked_person else 0
    as_object = reference.text.lower() in _OBJECTS and not reference.possessive
    if own or (asked_person and reference.wants in ("he", "she", "they")):
        first = min((m.end for m in own), default=start - len(clause) + led)
        between, after = question[first:start], question[reference.end :].split()
        if not after or not re.search(r"\w", after[0]):
            between = re.sub(r"\b(?:before|after|as|since|until)\s+$", "", between)
        same_clause = not _CLAUSE.search(between) and "," not in between
        acts = bool(after) and after[0].lower() in AUXILIARIES | VERBS
        return as_object and same_clause and not acts and len(clause.split()) <= 12
    if _FRONTED.match(clause.strip()):
        rest = question[reference.end :].partition(",")[2]
        return not any(m.named and _may_be(m, reference) for m in mentions_in(rest))
    return True


def _may_be(mention: Mention, reference: Reference) -> bool:
    """Whether a mention agrees with a pronoun, as far as its wording tells."""
    wants, kind = reference.wants, mention.kind
    if re.search(r"[’']s?\s", mention.text):
        return True  # whose it is, or it itself
    if wants in ("he", "she"):
        return kind in ("person", None) and not mention.plural and not _is_amount(mention)
    if wants == "it":
        return kind not in ("person", "time") and not mention.plural and not _is_amount(mention)
    if wants == "there":
        return kind == "place" or (mention.named and kind != "person")
    return wants != "then" or kind == "time"


def _is_amount(mention: Mention) -> bool:
    return re.match(r"how (?:many|much)\b", mention.text, re.IGNORECASE) is not None
