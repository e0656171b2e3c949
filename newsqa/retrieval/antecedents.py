"""What was said before that a reference points to."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from newsqa.retrieval.earlier import OBJECT_ASKED, Turn
from newsqa.retrieval.kinds import is_plural, kind_of_noun
from newsqa.retrieval.leaning import Reference
from newsqa.retrieval.mentions import Mention

LOOKED_BACK = 4
"""Turns in which what a word points to is looked for, the latest first."""
OF_A_TURN = 2.5
"""How much further away the same is one turn earlier."""
_ORDER = {"first": 0, "second": 1, "third": 2, "fourth": 3, "fifth": 4, "last": -1, "former": 0,
          "latter": -1}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Antecedent:
    """What a reference stands for, and the turn in which it was said."""

    text: str
    named: bool
    turn: Turn


def antecedent_of(
    reference: Reference, earlier: Sequence[Turn], *, taken: Sequence[str] = ()
) -> Antecedent | None:
    """The most salient thing that agrees: the latest turn first, what acts before the rest.

    `taken` are texts that other references of the same question stand for.
    """
    turns = list(reversed(earlier))[:LOOKED_BACK]
    if reference.wants == "item":
        return _item(reference, turns)
    if reference.wants == "then":
        return next((Antecedent(turn.times[-1], False, turn) for turn in turns if turn.times), None)
    if reference.wants == "noun":
        return _of_noun(reference, turns)
    if reference.wants == "that":
        return None
    best: tuple[float, Mention, Turn] | None = None
    for back, turn in enumerate(turns):
        for mention in _salient(turn):
            if mention.text in taken or not _agrees(mention, reference, turn):
                continue
            far = _distance(mention, reference) + back * OF_A_TURN
            if best is None or far < best[0]:
                best = far, mention, turn
    if best is not None:
        return _as_said(best[1], best[2])
    if reference.wants in ("he", "she"):
        for turn in turns[:1]:
            for person in turn.persons_quoted():
                if _agrees(person, reference, turn) and person.text not in taken:
                    return Antecedent(person.text, True, turn)
    return None


def _salient(turn: Turn) -> Iterator[Mention]:
    """What a turn speaks of, the most prominent first."""
    answered = turn.answered
    if answered is not None and answered.subject:
        yield answered
    about = [m for m in turn.mentions if m.text != turn.short]
    yield from (m for m in about if m.subject)
    if answered is not None and not answered.subject:
        yield answered
    if len(turn.several) > 1:
        yield Mention(
            text=_joined(turn.several), start=0, end=0, named=True, kind=None, plural=True
        )
    names = [m for m in turn.mentions if m.named and not m.asked]
    for one, other in pairwise(names):
        if turn.question[one.end : other.start] == " and ":
            yield replace(one, text=_joined([one.text, other.text]), kind=None, plural=True)
    yield from (m for m in about if not m.subject and not m.asked)
    yield from (_asked_for(m, turn) for m in about if m.asked)


def _asked_for(mention: Mention, turn: Turn) -> Mention:
    """What was asked for: with its number where that was the answer, else as "the …"."""
    words = re.sub(r"^(?:how (?:many|much)|which|what|whose)\s+", "", mention.text, flags=re.I)
    acts = OBJECT_ASKED.match(turn.question) is None
    number = turn.short if turn.short and re.fullmatch(r"[\d,.]+|\w+", turn.short) else "the"
    if re.match(r"how", mention.text, re.IGNORECASE) is None:
        number = "the"
    if turn.short and words.lower() in turn.short.lower():
        return replace(mention, text=turn.short, subject=acts)
    return replace(mention, text=f"{number} {words}", subject=acts)


def _agrees(mention: Mention, reference: Reference, turn: Turn) -> bool:
    wants, kind = reference.wants, mention.kind
    if wants in ("he", "she"):
        if mention.plural or kind in ("place", "organisation", "time"):
            return kind != "time" and not mention.plural and turn.is_person(mention.text)
        if kind != "person" and not (mention.named and turn.is_person(mention.text)):
            # A single name that acts may be a person's; a common noun is one by its meaning only.
            wanted = "feminine" if wants == "she" else "masculine"
            told = mention.named and turn.gender_of(mention.text) == wanted
            if kind == "thing" or not mention.named or not (mention.subject or told):
                return wants == "she" and _is_vessel(mention, turn)
        gender = turn.gender_of(mention.text) if mention.named else None
        return gender in (None, "feminine" if wants == "she" else "masculine")
    if wants == "it":
        return (
            kind not in ("person", "time")
            and not mention.plural
            and not (mention.named and turn.is_person(mention.text))
        )
    if wants == "they":
        # A team or a band may have a name of any sort.
        group = kind == "organisation" or (mention.named and kind in ("thing", None))
        return (mention.plural or group) and kind != "time"
    if wants == "there":
        return kind == "place" or (kind in ("organisation", "thing", None) and mention.named)
    return False


def _distance(mention: Mention, reference: Reference) -> float:
    """How far a mention that agrees is from what such a word mostly stands for."""
    kind = mention.kind
    if reference.wants in ("he", "she"):
        return 0 if kind == "person" and mention.named else 1 if mention.named else 3
    if reference.wants == "it":
        common = 0 if mention.named else 2 if not mention.subject else 0.5
        return common + (2 if kind in ("place", "organisation") else 0 if mention.subject else 1)
    if reference.wants == "they":
        return 0 if mention.plural else 1 if kind == "organisation" else 2 + (not mention.subject)
    return 0 if kind == "place" else 1


def _is_vessel(mention: Mention, turn: Turn) -> bool:
    """Whether the cited words speak of a ship by this name."""
    last = re.escape(mention.text.split()[-1])
    ship = r"(?:ship|ferry|vessel|boat|yacht|tanker|submarine)"
    return mention.named and bool(
        re.search(rf"\b{ship}\b.{{0,60}}\b{last}\b|\b{last}\b.{{0,60}}\b{ship}\b", turn.quoted)
        or re.search(rf"\b{ship}\b", turn.question)
    )


def _as_said(mention: Mention, turn: Turn) -> Antecedent:
    """With its full name, where it was named by a part of it only."""
    text = mention.text
    untitled = re.sub(r"^(?:Mrs|Mr|Ms|Miss|Dr)\.? ", "", text)
    if mention.named and " " not in untitled and mention.kind in ("person", None):
        full = turn.full_name(untitled)
        if full and full.split()[-1] == untitled and " " in full:
            text = full
    text = re.sub(r"^(?:a|an) ", "the ", text, flags=re.IGNORECASE)
    if mention.kind != "person" or not mention.named:
        text = re.sub(r"^The ", "the ", text)
    return Antecedent(text, mention.named, turn)


def _item(reference: Reference, turns: Sequence[Turn]) -> Antecedent | None:
    """One of several, by its place among them."""
    for back, turn in enumerate(turns):
        items = turn.items()
        if not items:
            continue
        if reference.noun in ("other", "others"):
            later = " ".join(each.question for each in turns[:back])
            left = [each for each in items if each not in later]
            if len(left) == len(items):
                left = list(items[1:])
            return Antecedent(_joined(left), True, turn) if left else None
        place = _ORDER.get(reference.noun, 0)
        if place < len(items):
            return Antecedent(items[place], True, turn)
    return None


def _of_noun(reference: Reference, turns: Sequence[Turn]) -> Antecedent | None:
    """What "that company" or "this law" is: what was called so, or what is of that kind."""
    noun, kind = reference.noun, kind_of_noun(reference.noun)
    stem = noun.removesuffix("s")
    for turn in turns:
        if kind == "time" and turn.times:
            return Antecedent(turn.times[-1], False, turn)
        for mention in _salient(turn):
            last = mention.text.split()[-1].lower()
            if last.removesuffix("s") == stem and not mention.asked:
                return _as_said(mention, turn)
        called = re.search(
            rf"(?:[A-ZÀ-Þ][\w’'-]+ ){{1,4}}{re.escape(noun.capitalize())}\b", turn.quoted
        )
        if called and kind != "person":
            return Antecedent(called[0], True, turn)
        for mention in _salient(turn):
            if kind and mention.kind == kind and mention.named and not is_plural(noun):
                return _as_said(mention, turn)
    return None


def _joined(names: Sequence[str]) -> str:
    return " and ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else names[0]
