"""Does what is quoted support what is said?

A sentence is supported where every name, number, date and quotation in it stands in its quotes,
nothing in it says the contrary or more, each name and number has said of it what the quotes say
of it, and the rest says in much the same words, or with much the same meaning, what they say.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache

import numpy as np

from newsqa.synthesis.clauses import Clause, clauses_of, sentences_of
from newsqa.synthesis.conflicts import (
    apart,
    denied,
    exchanged,
    miscounted,
    misplaced,
    opposed,
    overstated,
)
from newsqa.synthesis.coverage import Words
from newsqa.synthesis.days import agree
from newsqa.synthesis.evidence import Encode, Vectors
from newsqa.synthesis.naming import KnownNames, Name, folded
from newsqa.synthesis.quantities import unsaid
from newsqa.synthesis.verbs import VERB_OF

ENOUGH = 1.15
"""Share of the content words that stand in the quotes plus cosine, from which both are enough."""
LEAST_SHARED = 0.34
"""That share alone; a name, number or date weighs nothing here."""
MANY_ANCHORS = 4
"""Names, numbers and days from which a sentence says much by them alone."""
MOST_QUOTES = 3
"""Quotes that one sentence may stand on."""
ENTAILED_FROM = 0.5
"""Probability, where a model for entailment is named."""
FEWEST_WORDS = 3
"""Of a sentence that says anything."""
LEAST_WORDS = 4
"""Of a part that stands on a quote of its own."""

_QUOTED = re.compile(r"[“\"]([^“”\"]+)[”\"]")
_MARKUP = re.compile(
    r"!\[|\]\(|<[a-z/!][^>]*>|\bhttps?:|\bwww\.|\bdata:|javascript:|```|<\||\|>|\[/?INST\]",
    re.IGNORECASE,
)
_PARTS = re.compile(r";|,? (?:and|but|while|whereas)(?= (?:[A-Z]|the |it |he |she |they ))|, and ")
_ATTRIBUTED = re.compile(r"^According to (?:the )?(?P<who>[^,]{2,60}), ")
_REPORTS = re.compile(r"\b(?:report\w*|according to|article|publish\w*|wrote|writes)\b", re.I)

Entails = Callable[[str, str], float]
"""From evidence and a sentence to the probability that the one entails the other."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Quoted:
    """A quote with what is known of where it stands."""

    text: str
    source: str | None = None
    authors: tuple[str, ...] = ()
    published: date | None = None
    around: str = ""
    """Title and text of its article: what a last name is short for, what needs no capital."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """Whether a sentence is supported, by which of the quotes, and if not, why."""

    supported: bool
    by: tuple[int, ...] = ()
    """Places among the quotes that were given."""
    reason: str = ""


@dataclass(slots=True)
class Judge:
    """Judges sentences by quotes.  Holds what it has read of the quotes of one answer."""

    words: Words
    encode: Encode
    entails: Entails | None = None
    _read: dict[Quoted, _Reading] = field(default_factory=dict)
    _vectors: dict[tuple[str, ...], Vectors] = field(default_factory=dict)

    def judge(self, sentence: str, cited: Sequence[int], offered: Sequence[Quoted]) -> Judgement:
        """The sentence by the quotes that it cites, else by others of those that were offered.

        `cited` are places among `offered`.  What is supported by fewer quotes than it cites
        cites those alone; what cites none, or the wrong ones, those that support it.  One quote
        must support all of it, or each of its parts have one of its own: the name in one and the
        deed in another are nobody's.
        """
        said = self._say(sentence)
        own = [at for at in dict.fromkeys(cited) if 0 <= at < len(offered)][:MOST_QUOTES]
        reason = "it cites no quote"
        for at in own:
            found = self._against(said, [offered[at]])
            if found is None:
                return Judgement(supported=True, by=(at,))
            reason = found
        if len(own) > 1 and (by := self._in_parts(said, own, offered)):
            return Judgement(supported=True, by=by)
        others = [at for at in range(len(offered)) if at not in own]
        for at in others:
            if self._against(said, [offered[at]]) is None:
                return Judgement(supported=True, by=(at,), reason=reason)
        if by := self._in_parts(said, [*own, *others], offered):
            return Judgement(supported=True, by=by, reason=reason)
        return Judgement(supported=False, reason=reason)

    def _in_parts(
        self, said: _Said, places: Sequence[int], offered: Sequence[Quoted]
    ) -> tuple[int, ...]:
        """For each part of a sentence one quote that supports it; empty where one has none."""
        parts = [part for part in _PARTS.split(said.text) if part.strip(" ,;")]
        if not 1 < len(parts) <= MOST_QUOTES or any(len(p.split()) < LEAST_WORDS for p in parts):
            return ()
        found: list[int] = []
        for part in map(self._say, parts):
            by = next((at for at in places if self._against(part, [offered[at]]) is None), None)
            if by is None:
                return ()
            found.append(by)
        return tuple(dict.fromkeys(found))

    def objection(self, sentence: str, quotes: Sequence[Quoted]) -> str | None:
        """Why the quotes together don't support the sentence; None where they do."""
        return self._against(self._say(sentence), quotes)

    def stem(self, word: str) -> str:
        """The archive's own stem of a word."""
        found = self.words.terms(VERB_OF.get(word, word))
        return found[0] if found else word

    def _say(self, sentence: str) -> _Said:
        text = " ".join(sentence.split())
        return _Said(text, text, bool(_REPORTS.search(text)))

    def _against(self, said: _Said, quotes: Sequence[Quoted]) -> str | None:
        read = [self._reading(quoted) for quoted in quotes]
        if not read or len(re.findall(r"\w+", said.text)) < FEWEST_WORDS:
            return "there is nothing to compare"
        said = _unattributed(said, quotes)
        evidence = [clause for each in read for clause in each.clauses]
        whole = sentences_of(said.text, stem=self.stem)
        found = (
            _unquotable(said.text, quotes)
            or self._unnamed(said.text, read, quotes)
            or _uncounted(whole, evidence)
            or _undated(said.reported, whole, evidence, quotes)
        )
        if found:
            return found
        common = frozenset(word for each in read for word in each.common)
        for clause in clauses_of(said.text, stem=self.stem, common=common):
            found = self._conflict(clause, evidence)
            if found:
                return found
        return self._unlike(said, whole, read, quotes)

    def _conflict(self, clause: Clause, evidence: Sequence[Clause]) -> str | None:
        nearest = _nearest(clause, evidence)
        parts = [p for e in evidence for p in clauses_of(e.text, stem=self.stem, common=())]
        if denied(clause, parts, _nearest(clause, parts or evidence)):
            return "one of the two denies what the other says"
        if word := opposed(clause, nearest, stem=self.stem):
            return f"“{word}” is the contrary of what is quoted"
        if word := overstated(clause, nearest):
            return f"what is quoted leaves open what is said of “{word}”"
        anchor = misplaced(clause, evidence) or miscounted(clause, evidence)
        if anchor is not None:
            return f"what is said of “{clause.text[anchor.start : anchor.end]}” is of another"
        if two := exchanged(clause, nearest):
            one, other = (clause.text[each.start : each.end] for each in two)
            return f"“{one}” and “{other}” have changed places"
        if two := apart(clause, evidence):
            one, other = (clause.text[each.start : each.end] for each in two)
            return f"“{one}” and “{other}” stand apart in what is quoted"
        return None

    def _unnamed(
        self, sentence: str, read: Sequence[_Reading], quotes: Sequence[Quoted]
    ) -> str | None:
        common = frozenset(word for each in read for word in each.common)
        known = KnownNames.of(
            [*(q.text for q in quotes), *(q.source or "" for q in quotes),
             *(author for q in quotes for author in q.authors)]
        )  # fmt: skip
        for clause in clauses_of(sentence, stem=self.stem, common=common):
            for anchor in clause.anchors:
                name = anchor.name
                if name is None or known.have(name) or any(r.expands(name.words) for r in read):
                    continue
                return f"“{clause.text[name.start : name.end]}” is not in what is quoted"
        return None

    def _unlike(
        self,
        said: _Said,
        whole: Sequence[Clause],
        read: Sequence[_Reading],
        quotes: Sequence[Quoted],
    ) -> str | None:
        """Whether the sentence has too little of the quotes' words and meaning."""
        there = {stem for each in read for clause in each.clauses for stem in clause.all_stems}
        mine = frozenset().union(*(clause.stems for clause in whole))
        shared = _share(mine, there)
        if sum(len(clause.anchors) for clause in whole) >= MANY_ANCHORS:
            # A list of names and figures has few other words to share.
            shared = (shared * len(mine) + 1) / (len(mine) + 1)
        enough = shared >= LEAST_SHARED
        if enough and shared < ENOUGH:
            vector = self._meaning((said.whole,))[0]
            cosine = max(float(np.max(self._meaning(each.texts) @ vector)) for each in read)
            enough = shared + cosine >= ENOUGH
        if self.entails is not None:
            # A model that was trained for it has the last word on what no rule has refused.
            enough = self.entails(" ".join(q.text for q in quotes), said.text) >= ENTAILED_FROM
        return None if enough else "what is quoted says something else"

    def _meaning(self, texts: tuple[str, ...]) -> Vectors:
        """Their vectors, `(n, dim)`; encoded only where the words leave a doubt."""
        if texts not in self._vectors:
            self._vectors[texts] = self.encode(texts)
        return self._vectors[texts]

    def _reading(self, quoted: Quoted) -> _Reading:
        if quoted not in self._read:
            clauses = sentences_of(quoted.text, stem=self.stem, published=quoted.published)
            texts = [quoted.text, *(clause.text for clause in clauses)]
            self._read[quoted] = _Reading(
                clauses=clauses,
                texts=tuple(texts if len(clauses) > 1 else texts[:1]),
                common=frozenset(
                    re.findall(r"\b[a-z][a-z’'-]+\b", f"{quoted.around} {quoted.text}")
                ),
                own=KnownNames.of([quoted.text]),
                around=quoted.around,
            )
        return self._read[quoted]


@dataclass(frozen=True, slots=True)
class _Said:
    text: str
    whole: str
    """With whom it is attributed to, as it was written."""
    reported: bool = False
    """Whether it says what somebody reported, and so may say when."""


@dataclass(frozen=True, slots=True)
class _Reading:
    clauses: tuple[Clause, ...]
    texts: tuple[str, ...]
    """The quote, and its sentences where it has several: what meaning is compared with."""
    common: frozenset[str]
    own: KnownNames
    around: str

    def expands(self, words: Sequence[str]) -> bool:
        """Whether a full name is what a last name in the quote is short for, in its article."""
        last = words[-1]
        if len(words) < 2 or not any(last in name.words for name in self.own.names):
            return False
        full = {
            name.words for name in _names_around(self.around)
            if len(name.words) > 1 and name.words[-1] == last
        }  # fmt: skip
        return full == {tuple(words)}


@lru_cache(maxsize=64)
def _names_around(text: str) -> tuple[Name, ...]:
    return KnownNames.of([text]).names


def _nearest(clause: Clause, evidence: Sequence[Clause]) -> Clause:
    """What has most of a clause's words."""
    return max(evidence, key=lambda each: len(clause.all_stems & each.all_stems))


def _unattributed(said: _Said, quotes: Sequence[Quoted]) -> _Said:
    """The sentence without "According to the Harbour Post," where that is whose quote it is."""
    found = _ATTRIBUTED.match(said.text)
    if found is None:
        return said
    who = _plain(found["who"]).removeprefix("the ")
    if not any(who == _plain(q.source or "").removeprefix("the ") for q in quotes):
        return said
    rest = said.text[found.end() :]
    return _Said(rest[:1].upper() + rest[1:], said.whole, reported=True)


def has_markup(text: str) -> bool:
    """Whether it has what a page could take for an image, a link, a tag or a turn of a chat."""
    return _MARKUP.search(text) is not None


def _unquotable(sentence: str, quotes: Sequence[Quoted]) -> str | None:
    """Markup, or words in quotation marks that nobody is quoted with."""
    if has_markup(sentence):
        return "it has markup or an address"
    there = [_plain(quoted.text) for quoted in quotes]
    for words in _QUOTED.findall(sentence):
        if not any(_plain(words) in text for text in there):
            return f"“{words}” is nowhere quoted"
    return None


def _plain(text: str) -> str:
    return " ".join(re.findall(r"\w+", folded(text.replace("’", "'"))))


def _uncounted(whole: Sequence[Clause], evidence: Sequence[Clause]) -> str | None:
    numbers = [a.number for each in evidence for a in each.anchors if a.number]
    for clause in whole:
        claimed = [a.number for a in clause.anchors if a.number]
        for missing in unsaid(claimed, numbers):
            return f"“{clause.text[missing.start : missing.end]}” is not in what is quoted"
    return None


def _undated(
    reported: bool,
    whole: Sequence[Clause],
    evidence: Sequence[Clause],
    quotes: Sequence[Quoted],
) -> str | None:
    days = [a.day for each in evidence for a in each.anchors if a.day]
    told = [q.published for q in quotes if q.published] if reported else []
    for clause in whole:
        for claimed in (a.day for a in clause.anchors if a.day):
            published = any(
                day in claimed.could_be
                or (claimed.year, claimed.month, claimed.day) == (None, day.month, day.day)
                for day in told
            )
            if not published and not any(agree(claimed, day) for day in days):
                return f"“{claimed.text}” is not in what is quoted"
    return None


def _share(mine: frozenset[str], there: set[str]) -> float:
    """The share of stems that the others have, as such or in another form; 1 of none."""
    if not mine:
        return 1.0
    starts = {stem[:5] for stem in there if len(stem) >= 5}
    return sum(stem in there or stem[:5] in starts for stem in mine) / len(mine)
