"""What a question asks for: cheap readings of English."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Literal, TypeAlias

from newsqa.chunking.sentences import sentence_spans
from newsqa.retrieval.kinds import kind_of_noun
from newsqa.retrieval.words import FUNCTION_WORDS, VERBS

Kind: TypeAlias = Literal["person", "place", "time", "count", "amount", "title", "name", "other"]

_NO_NAME = r"(?<!\bthe )(?<!\bdoctor )"
"""Before a question word that isn't the WHO, the Who or Doctor Who."""
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
    ("person", rf"{_NO_NAME}\bwho(se|m)?\b"),
    ("place", rf"\bwhere\b|\b(what|which) (\w+ )?({_PLACES.replace(' ', '|')})\b"),
    (
        "title",
        r"\btitles? of\b|(?<!in the )\bnames? of\b"
        r"|\b(called|named|titled)\b(?! (?:the |an? )?(?-i:[A-Z“\"]))"  # not "the ship named Dora"
        # "What is her name?", "what was the old ship's name", not "what is known of the name".
        r"|\bwhat(?:[’']s| is| are| was| were) "
        r"(?:her|his|its|their|(?:[\w-]+ ){0,3}[\w-]+(?:[’']s|s[’'])) (?:\w+ )?names?\b",
    ),
    (
        "name",
        r"\bwhich\b|\bwhat (?!(about|else|is|are|was|were|did|does|do|has|have|had|will|would|can|"
        r"could|should|may|might|happen\w*|caus\w+|led|made|kinds?|sorts?|s)\b)[\w’'-]",
    ),
)
_KINDS = tuple((kind, re.compile(words, re.IGNORECASE)) for kind, words in _PATTERNS)

_ASKING = re.compile(
    rf"\b(?:what|which|how|why|{_NO_NAME}who(?:se|m)?|when|where)\b", re.IGNORECASE
)
_MAY_RELATE = re.compile(r"(?:who(?:se|m)?|when|where)\b", re.IGNORECASE)
"""Question words that may begin a clause instead ("the man who fell")."""
_RELATES_NOT = re.compile(r"\b(?:what|which|how|why)\b", re.IGNORECASE)
_AUXILIARIES = (
    "is|are|was|were|am|do|does|did|has|have|had|will|would|can|could|should|must|may|might"
)
_AUXILIARY = re.compile(rf" (?:{_AUXILIARIES})\b", re.IGNORECASE)
_ASKED_AFTER = re.compile(
    r"(?:^|^\W*(?:after|against|before|in|like|on|through|under|without)"
    r"|\b(?:me|us|know|ask|tell|out|and|but|so|or|then|to|with|by|for|from|of|at|since|until|"
    r"till|about)) \W?\Z",
    re.IGNORECASE,
)
"""What stands before a question word that begins no clause: "tell me who", "by whom"."""

_BEFORE_NOUN: dict[Kind, re.Pattern[str]] = {
    "name": re.compile(r"(?:which|what) (?:of (?:the|these|those) )?", re.IGNORECASE),
    "place": re.compile(r"(?:which|what) ", re.IGNORECASE),
    "title": re.compile(r"names? of (?:(?:the|an?|both|all) )*", re.IGNORECASE),
}
_KINDS_OF_NOUNS: dict[str, Kind] = {"person": "person", "place": "place"}
_WORD = re.compile(r"[\w–-]+")
_VERB_LIKE = re.compile(r"(?:ed|[^s]s)$")
"""After the noun of a person or a place, which stand in the singular after "which"."""
_GOES_ON = re.compile(
    r"\b(?:[A-Z]\.[A-Z]|St|Mt|Ft|Lt|Gov|Sen|Rep|Gen|Col|Capt|Sgt|Rev|Prof|Dr|Mr|Mrs|Ms|vs)\.$"
    r"|[^.!?…”’\"')\]]$"
)
"""What ends no sentence, though a capital follows: "the U.S. Senate"; nor does what is only cut."""

Shape: TypeAlias = Literal["fact", "list", "verdict", "account"]

_NUMERIC: tuple[Kind, ...] = ("count", "amount")
_OPENING = re.compile(
    r"^\W*(?:(?:and|but|so|then|also|please|(?:can|could|would) you (?:please )?tell me|"
    rf"(?:according to|in|on|during|after|before|as of|since|last|this|(?:when|where)(?! (?:"
    rf"{_AUXILIARIES})\b)) [^,?]{{2,60}}),?\s+)+",
    re.IGNORECASE,
)
_VERDICT = re.compile(rf"^(?:{_AUXILIARIES})(?:n[’']t)?\s|^true or false\b", re.IGNORECASE)
_STANDS = re.compile(r"^(?:is|are|has|have|does|do)(?:n[’']t)?\s", re.IGNORECASE)
_OTHERWISE = re.compile(
    rf"\bor (?!not\b|false\b)|\b(?:what|which|{_NO_NAME}whom?|how)\b", re.IGNORECASE
)
"""In a question that starts like one for yes or no, what tells that it asks for something else."""
_ACCOUNT = re.compile(
    rf"^how (?:{_AUXILIARIES}|come)\b"
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


@lru_cache(maxsize=256)
def kind_of_answer(question: str) -> Kind:
    """What kind of thing a question asks for, by the question word that comes first.

    A "who", "when" or "where" that begins a clause is none ("the man who fell was treated at which
    hospital?").  Of several sentences the first with a question mark and a question word counts.
    """
    asked = _asked_in(question)
    opening = len(asked) - len(_OPENING.sub("", asked))
    found = [
        (match, kind)
        for kind, words in _KINDS
        for match in words.finditer(asked)
        if not _begins_a_clause(match, asked, opening)
    ]
    if not found and not _RELATES_NOT.search(asked):
        found = [(match, kind) for kind, words in _KINDS if (match := words.search(asked))]
    # The order of the patterns decides between those that start at the same word.
    first = min(found, key=lambda pair: pair[0].start(), default=None)
    if first is None:
        return "other"
    match, kind = first
    noun = _BEFORE_NOUN[kind].match(asked, match.start()) if kind in _BEFORE_NOUN else None
    return _kind_of_phrase(asked[noun.end() :], kind) if noun else kind


def _asked_in(question: str) -> str:
    """The first sentence with both a question mark and a question word, else either, else all.

    Of those without a mark one that begins with a question word comes first.
    """
    question = " ".join(question.split())
    sentences = _sentences(question)
    marked = [sentence for sentence in sentences if sentence.endswith("?")]
    worded = [sentence for sentence in sentences if _ASKING.search(sentence)]
    both = [sentence for sentence in marked if sentence in worded]
    worded.sort(key=lambda sentence: not _ASKING.match(_OPENING.sub("", sentence)))
    return next(iter([*both, *marked, *worded]), question)


def _sentences(text: str) -> list[str]:
    """The sentences of a text of one line, those that an abbreviation parts put together.

    So are those that a name parts: "Who bought Yahoo! Japan?".
    """
    sentences: list[str] = []
    for span in sentence_spans(text):
        said = text[span.start : span.end]
        by_itself = _ASKING.search(said) or _VERDICT.match(said)
        named = bool(sentences) and sentences[-1].endswith("!") and not by_itself
        if sentences and (named or _GOES_ON.search(sentences[-1])):
            sentences[-1] += f" {said}"
        else:
            sentences.append(said)
    return sentences


def _begins_a_clause(match: re.Match[str], asked: str, opening: int) -> bool:
    """Whether a question word tells of something that is named, and asks for nothing."""
    if not _MAY_RELATE.match(match.group()):
        return False
    at, after = match.start(), asked[match.end() :]
    if at < opening and asked[:opening].rstrip().endswith(","):
        return True
    if _ASKED_AFTER.search(asked, 0, at) or not re.search(r"\w", after):
        return False
    if at in (0, opening):
        # "When the bridge fell, which train was hit?"
        by_itself = match.group().casefold() in ("when", "where")
        return by_itself and not _AUXILIARY.match(after) and _RELATES_NOT.search(after) is not None
    return True


def _kind_of_phrase(text: str, otherwise: Kind) -> Kind:
    """The kind of the noun phrase that a text begins with ("Republican candidate was asked …").

    Its last noun counts, where that is known: a guard dog is no person.  "Which country's
    president" asks for a country.
    """
    kind: Kind | None = None
    owner, *owned = re.split("[’']s\\b|(?<=s)[’'](?= )", text)
    # "Which country's president" asks for a country, "the name of the president's dog" for a dog's.
    for word in _WORD.findall(owned[-1] if owned and otherwise == "title" else owner):
        if word.casefold() in FUNCTION_WORDS | VERBS or (kind and _VERB_LIKE.search(word)):
            break
        known = _KINDS_OF_NOUNS.get(kind_of_noun(re.split("[-–]", word)[-1]) or "")
        if known is None and kind is not None:
            return otherwise
        kind = known or kind
    return kind or otherwise


def topic_of(question: str) -> str:
    """What an account is asked of: the question without the words that ask for one.

    "The ferry?" of "What is the latest news about the ferry?"; any other question as it is.
    """
    if shape_of(question) != "account":
        return question
    return _ACCOUNT.sub(" ", _OPENING.sub("", _asked_in(question)), count=1).strip() or question


def asks_how_it_stands(question: str) -> bool:
    """Whether a question for yes or no is put in the present ("Is the bridge open?")."""
    return _STANDS.match(_OPENING.sub("", _asked_in(question))) is not None


def shape_of(question: str) -> Shape:
    """Whether a question asks for a fact, for several, for yes or no, or for an account."""
    asked = _OPENING.sub("", _asked_in(question))
    if _VERDICT.match(asked) and not _OTHERWISE.search(asked):
        return "verdict"
    kind = kind_of_answer(question)
    if kind == "other" and _ACCOUNT.search(asked):
        return "account"
    several = _LIST.search(asked)
    if several and (several.group("noun") or "").casefold() not in _SINGULAR:
        return "fact" if kind in _NUMERIC else "list"
    return "fact"
