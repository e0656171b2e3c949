"""Where a sentence says the contrary of its evidence, or more than it: denials, swapped roles."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import cache
from itertools import combinations, pairwise, takewhile

from newsqa.synthesis.clauses import Anchor, Clause, Stem, Word

NEAR = 3
"""Content words on each side of a name or number that tell what it is said of."""
FAR = 12
"""The same where it is sought what may be said of it."""
_ASIDE = re.compile(r", (?:who|which|whose|where) [^,]{4,80},|\([^)]*\)")

_OPPOSITES = """rise/fall/drop rose/fell/dropped increase/decrease increased/decreased up/down
open/close/shut opened/closed/shut reopened/closed win/lose won/lost more/less/fewer over/under
above/below before/after first/last highest/lowest largest/smallest oldest/newest biggest/smallest
best/worst higher/lower accept/reject accepted/rejected support/oppose supported/opposed
guilty/innocent convicted/acquitted arrested/released found/lost gain/loss gained/lost begin/end
began/ended start/stop started/stopped early/late earlier/later safe/unsafe/dangerous alive/dead
survived/died legal/illegal allow/ban allowed/banned approve/reject approved/rejected pass/fail
hire/fire hired/fired left/right north/south east/west northern/southern eastern/western
maximum/minimum strong/weak hot/cold warm/cool buy/sell bought/sold import/export inside/outside
better/worse majority/minority present/absent true/false possible/impossible likely/unlikely
free/paid old/young older/younger male/female man/woman men/women son/daughter brother/sister
father/mother husband/wife lifted/imposed upstream/downstream public/private"""


@cache
def _opposites(stem: Stem) -> Mapping[str, frozenset[str]]:
    """The stems that say the contrary of each."""
    table: dict[str, set[str]] = defaultdict(set)
    for group in _OPPOSITES.split():
        one, *others = (stem(word) for word in group.split("/"))
        for other in others:
            if one != other:
                table[one].add(other)
                table[other].add(one)
    return {word: frozenset(contrary) for word, contrary in table.items()}


def opposed(clause: Clause, evidence: Clause, *, stem: Stem) -> str | None:
    """A word whose contrary is what the evidence says in its place, and only that."""
    contrary = _opposites(stem)
    if clause.is_denied or evidence.is_denied:
        return None
    there = [word.stem for word in evidence.words]
    for at, word in enumerate(clause.words):
        if word.stem in there:
            continue
        near = _beside_word(clause, at)
        for place, other in enumerate(there):
            if other in contrary.get(word.stem, ()) and near & _beside_word(evidence, place):
                return word.text
    return None


def _beside_word(clause: Clause, at: int) -> set[str]:
    """The stems of the two content words on each side of a word, names and numbers included."""
    left = [w.stem for w in clause.words[:at] if w.content][-2:]
    return {*left, *[w.stem for w in clause.words[at + 1 :] if w.content][:2]}


def denied(clause: Clause, evidence: Sequence[Clause], nearest: Clause) -> bool:
    """Whether one of the two has a negation of what the other says outright.

    `nearest` is the clause of the evidence that has most of its words.
    """
    mine, theirs = clause.denied(), [scope for each in evidence for scope in each.denied()]
    if len(mine) > len(nearest.denied()):
        # Otherwise worded, the same denial may be meant; two are one too many for one.
        met = [scope for scope in mine if any(set(scope[:2]) & set(other) for other in theirs)]
        return len(met) < len(mine) or len(mine) > len(theirs)
    if mine:
        return False
    plain = [w.stem for w in nearest.words if w.content]
    for scope in nearest.denied():
        first = scope[:1]
        if first and first[0] in clause.all_stems and plain.count(first[0]) == 1:
            return True
    return False


def overstated(clause: Clause, nearest: Clause) -> str | None:
    """A word for what the evidence only expects, plans or supposes, where it is said outright."""
    if clause.is_open:
        return None
    plain = [w.stem for w in nearest.words if w.content]
    for verb in nearest.left_open():
        if verb in clause.stems and plain.count(verb) == 1:
            return verb
    return None


def misplaced(clause: Clause, evidence: Sequence[Clause]) -> Anchor | None:
    """A name or number that has what the evidence says of another in its place.

    What is said of one is told by the words near it, on their side of it; the sides count only
    where both are told in the same voice.
    """
    passive = _is_passive(clause)
    there = [
        (anchor, each, at, _is_passive(each) != passive)
        for each in evidence
        for at, anchor in enumerate(each.anchors)
    ]
    for at, anchor in enumerate(clause.anchors):
        if anchor.kind == "day":
            continue
        mine = _around(clause, at, most=NEAR)
        own, rival = 0, 0
        for other, each, place, flipped in there:
            if _same(anchor, other):
                far = _around(each, place, most=FAR, beyond=True, flipped=flipped)
                own = max(own, len(mine & far))
            elif other.kind == anchor.kind:
                near = _around(each, place, most=NEAR, flipped=flipped)
                rival = max(rival, len(mine & near))
        if rival >= 2 and own * 2 < rival:
            return anchor
    return None


def miscounted(clause: Clause, evidence: Sequence[Clause]) -> Anchor | None:
    """A number beside a name, where the evidence has another number beside it, and it by another.

    "Pell 5.8, Sandoval 36.9" where "Pell had 36.9, Sandoval 5.8" is what stands there.
    """
    pairs = [pair for each in evidence for pair in _beside(each)]
    for name, number in _beside(clause):
        of_name = [theirs for other, theirs in pairs if _same(name, other)]
        of_number = [other for other, theirs in pairs if _same(number, theirs)]
        if (
            of_name
            and of_number
            and not any(_same(number, theirs) for theirs in of_name)
            and not any(_same(name, other) for other in of_number)
        ):
            return number
    return None


def exchanged(clause: Clause, nearest: Clause) -> tuple[Anchor, Anchor] | None:
    """Two names or two numbers that have changed places, with the same words between them.

    "The bill passed by 27 votes to 41" where it was "41 votes to 27".  In another voice
    ("was beaten by") they rightly change places.
    """
    if _is_passive(clause) != _is_passive(nearest):
        return None
    for (at, one), (after, other) in combinations(enumerate(clause.anchors), 2):
        if one.kind == "day" or one.kind != other.kind or _same(one, other):
            continue
        between = _between(clause, at, after)
        for (i, first), (j, second) in combinations(enumerate(nearest.anchors), 2):
            if not (_same(first, other) and _same(second, one)):
                continue
            if _joined_alike(between, _between(nearest, i, j), one.kind):
                return one, other
    return None


def _between(clause: Clause, one: int, other: int) -> list[Word]:
    """The words from an anchor to a later one, without articles."""
    start, end = clause.anchors[one].end, clause.anchors[other].start
    return [w for w in clause.words if start <= w.start < end and w.text.lower() not in _ARTICLES]


def _joined_alike(mine: Sequence[Word], theirs: Sequence[Word], kind: str) -> bool:
    content = {w.stem for w in mine if w.content and w.anchor is None}
    if content & {w.stem for w in theirs if w.content and w.anchor is None}:
        return True
    words = [[w.text.lower() for w in each] for each in (mine, theirs)]
    if kind == "number" and ("to" in words[0] and "to" in words[1]):
        return True
    return words[0] == words[1] and bool(words[0]) and words[0][0] not in _EVEN


_ARTICLES = frozenset(("a", "an", "the", "mr", "mrs", "ms", "dr"))
_EVEN = frozenset(("and", "or", "with", "nor"))
"""Words that join two of equal rank."""


def _beside(clause: Clause) -> list[tuple[Anchor, Anchor]]:
    """Each number with the name before it, parentheses apart."""
    found = []
    aside = [match.span() for match in _ASIDE.finditer(clause.text)]
    name: Anchor | None = None
    for anchor in clause.anchors:
        if any(start < anchor.start < end for start, end in aside):
            continue
        if anchor.kind == "name":
            name = anchor
        elif anchor.kind == "number" and name is not None:
            found.append((name, anchor))
    return found


def apart(clause: Clause, evidence: Sequence[Clause]) -> tuple[Anchor, Anchor] | None:
    """Two neighbouring names or numbers that the evidence has in no one place.

    A place is a sentence, with what it points back to of the one before.
    """
    places: list[list[Anchor]] = []
    before: list[Anchor] = []
    for each in evidence:
        places.append([*each.anchors, *_pointed_at(each, before)])
        before = list(places[-1])
    anchors = [anchor for anchor in clause.anchors if anchor.kind != "day"]
    for one, other in pairwise(anchors):
        known = [any(_same(each, a) for p in places for a in p) for each in (one, other)]
        together = any(
            any(_same(one, a) for a in place) and any(_same(other, a) for a in place)
            for place in places
        )
        if all(known) and not together:
            return one, other
    return None


def _pointed_at(sentence: Clause, before: Sequence[Anchor]) -> list[Anchor]:
    """Of the anchors before a sentence: all where it leans on them or names nobody, else those
    that it takes up by a part of their name ("the prize" for "Lantern Prize")."""
    if sentence.leans or not any(anchor.kind == "name" for anchor in sentence.anchors):
        return list(before)
    words = {word.text.casefold() for word in sentence.words}
    return [each for each in before if each.name and words & set(each.name.words)]


def _is_passive(clause: Clause) -> bool:
    return any(word.text.lower() == "by" for word in clause.words)


def _around(
    clause: Clause, at: int, *, most: int, beyond: bool = False, flipped: bool = False
) -> set[tuple[str, str]]:
    """Side and stem of the content words near an anchor, with `beyond` past other anchors too."""
    inside = [i for i, w in enumerate(clause.words) if w.anchor == at]
    if not inside:
        return set()
    sides = ("right", "left") if flipped else ("left", "right")
    left, right = clause.words[: inside[0]][::-1], clause.words[inside[-1] + 1 :]
    found: set[tuple[str, str]] = set()
    for side, words in zip(sides, (left, right), strict=True):
        near = words if beyond else takewhile(lambda word: word.anchor is None, words)
        content = [word for word in near if word.content and word.anchor is None]
        found |= {(side, word.stem) for word in content[:most]}
    return found


def _same(one: Anchor, other: Anchor) -> bool:
    if one.kind != other.kind:
        return False
    if one.name and other.name:
        return bool(set(one.name.words) & set(other.name.words))
    if one.number and other.number:
        return one.number.stands_for(other.number)
    return True
