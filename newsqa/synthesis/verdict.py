"""Yes or no, only where a sentence states it.

A sentence states what a question asks where it has every word that the question is about, its
names in the same order (who beat whom), and nothing that holds it open.  It says no where a
negation stands right before one of the question's own verbs; where a negation stands anywhere
else, it says neither.
"""

from __future__ import annotations

import re

from newsqa.synthesis.coverage import Words
from newsqa.synthesis.wording import is_content
from newsqa.types import Verdict

_WORD = re.compile(r"[\w’'-]+")
_OPEN = re.compile(
    r"\b(?:may|might|could|would|should|if|whether|unless|until|reportedly|allegedly|alleged|"
    r"accused?|suspected|rumou?r\w*|claim\w*|plan\w*|propos\w+|expect\w*|likely|unlikely|possibl\w+|"
    r"consider\w*|consult\w*|hop\w+ to|want\w*|try\w*|tried|ask\w*|call\w* (?:for|on)|urg\w+|"
    r"almost|nearly|threat\w*|predict\w*|forecast\w*|pledg\w+|promis\w+|false\w*|wrong\w*|"
    r"den(?:y|ied|ies)|doubt\w*|\w+sel(?:f|ves))\b|\?",
    re.IGNORECASE,
)
_TRUE_OR_FALSE = re.compile(r"^\W*true or false\W*", re.IGNORECASE)
_AFTER_DETERMINER = re.compile(
    r"\b(?:the|an?|his|her|its|their|our|this|that|these|those|any|some) ([\w-]+)",
    re.IGNORECASE,
)
_OWNER = re.compile(r"([\w-]+)(?:[’']s\b|s[’'](?!\w))")
_NEGATION = re.compile(
    r"\b(?:not|never|no longer|neither|nor|failed to|fails to|refused to|declined to|"
    r"without|nobody|none|no)\b|n[’']t\b",
    re.IGNORECASE,
)
_BETWEEN = 2
"""Words that may stand between a negation and the verb that it negates."""


def verdict(question: str, sentence: str, words: Words) -> Verdict | None:
    """What a sentence says to a question for yes or no; None where it leaves it open."""
    question = _TRUE_OR_FALSE.sub("", question)
    if _OPEN.search(sentence) or _NEGATION.search(question):
        return None
    for pattern in (_AFTER_DETERMINER, _OWNER):
        # "Lifted the ban" is not "banned", and the mayor's deputy not the mayor.
        changed = _role(pattern, sentence, words) - _role(pattern, question, words)
        if changed & set(words.terms(question)):
            return None
    asked = [word for word in _WORD.findall(question) if is_content(word.casefold())]
    terms = {term for word in asked for term in words.terms(word)}
    said = words.terms(sentence)
    if not terms or not terms <= set(said):
        return None
    names = [term for word in asked if not word.islower() for term in words.terms(word)]
    if [term for term in dict.fromkeys(said) if term in names] != list(dict.fromkeys(names)):
        return None
    negations = list(_NEGATION.finditer(sentence))
    if not negations:
        return "yes"
    verbs = {term for word in asked if word.islower() for term in words.terms(word)}
    after = words.terms(" ".join(_WORD.findall(sentence[negations[0].end() :])[: _BETWEEN + 1]))
    return "no" if len(negations) == 1 and verbs & set(after) else None


def _role(pattern: re.Pattern[str], text: str, words: Words) -> set[str]:
    """The terms that a pattern finds in a text."""
    return {term for word in pattern.findall(text) for term in words.terms(word)}
