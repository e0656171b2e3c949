"""A follow-up and what was said before it → a wording that stands by itself, without a model."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from newsqa.retrieval.antecedents import Antecedent, antecedent_of
from newsqa.retrieval.earlier import TextOf, Turn, latest
from newsqa.retrieval.ellipsis import attached
from newsqa.retrieval.fragments import by_form, has_form, names_something, statement_of
from newsqa.retrieval.kinds import content_words, kind_of_noun, stem_of
from newsqa.retrieval.leaning import OPENER, Reference, references_in
from newsqa.retrieval.words import AUXILIARIES, FUNCTION_WORDS, VERBS
from newsqa.types import Answer

MAX_WORDS = 40
"""A longer question is taken to say all that it needs."""
MAX_STANDALONE_CHARS = 1000
RELATED_FROM = 0.6
"""Share of a nameless question's content words that what was cited before has."""
RELATED_WORDS = 9

_OLD_ONE = re.compile(r"\b(?P<lead>(?:the|a|that|this) (?:\w+ )?)(?P<one>ones?)\b", re.IGNORECASE)
_SPEAKING = re.compile(
    r"\b(?:say|said|says|think|thinks|respond|responded|react|reacted|comment|answer|argue|want|"
    r"reply|replied|claim|do about (?:it|that))\W*$",
    re.IGNORECASE,
)
_WHAT_IS_ASKED = frozenset(("is", "does", "do", "did"))
"""How much something is, or does."""
_LACKS_NOUN = re.compile(
    rf"^how (?:many|much) (?:{'|'.join(sorted(VERBS | AUXILIARIES - _WHAT_IS_ASKED))})\b",
    re.IGNORECASE,
)
"""Asks how many, and not of what."""
_CONTINUING = re.compile(r"^(?:and|but|so|also|then)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standalone:
    """A follow-up in a wording that needs nothing before it."""

    text: str
    turn: Turn
    """The earlier turn that it leans on."""
    same_matter: bool
    """Whether it asks on about what that turn asked, so that its time holds on too."""


def standalone(question: str, earlier: Sequence[Turn]) -> Standalone | None:
    """The question in a wording of its own; None where it stands by itself.

    `earlier` are the turns before it, oldest first.  What a word points to is the most salient
    thing of those turns that agrees with it; what is left out is taken from the latest.
    """
    if not earlier or len(question.split()) > MAX_WORDS:
        return None
    opener = OPENER.match(question)
    asked = question[opener.end() :] if opener else question
    continuing = bool(opener and _CONTINUING.match(question))
    turn = earlier[-1]
    text = by_form(asked, turn, continuing=continuing)
    if text is not None:
        return _made(text, turn, same_matter=True)
    return _clause(asked, earlier, continuing=continuing)


def turns_of(history: Sequence[str | Answer], text_of: TextOf | None = None) -> list[Turn]:
    """Earlier questions and answers as turns, each in a wording of its own.

    `text_of` gives the articles that the latest of them cites.
    """
    turns: list[Turn] = []
    recent = latest(history)
    for place, item in enumerate(recent, start=1):
        if isinstance(item, Answer):
            last = place == len(recent)
            turns.append(Turn.of(item.query.text, item, text_of=text_of if last else None))
        else:
            said = " ".join(item.split())
            whole = standalone(said, turns)
            turns.append(Turn.of(whole.text if whole else said))
    return [turn for turn in turns if re.search(r"\w", turn.question)]


def stands_alone(question: str) -> bool:
    """Whether a question can be asked with nothing before it: whole, and pointing to nothing."""
    opener = OPENER.match(question)
    asked = question[opener.end() :] if opener else question
    return not references_in(asked) and not has_form(asked)


def _clause(asked: str, earlier: Sequence[Turn], *, continuing: bool) -> Standalone | None:
    """The wording of a follow-up that is a whole clause."""
    turn = earlier[-1]
    references = references_in(asked)
    resolved = _resolved(asked, references, earlier) if references else None
    if resolved is not None:
        return resolved
    one = _OLD_ONE.search(asked)
    if one and not names_something(asked):
        noun = _noun_of(turn)
        if noun:
            text = f"{asked[: one.start('one')]}{noun}{asked[one.end('one') :]}"
            return _made(attached(text, turn.topic), turn, same_matter=False)
    named = names_something(asked)
    if _SPEAKING.search(asked) and (continuing or _is_known(asked, turn)):
        return _made(attached(asked, _without_speaker(turn)), turn, same_matter=True)
    if not named and (continuing or _LACKS_NOUN.match(asked) or _is_related(asked, turn)):
        return _made(attached(asked, turn.topic), turn, same_matter=True)
    return None


def _resolved(
    asked: str, references: Sequence[Reference], earlier: Sequence[Turn]
) -> Standalone | None:
    """The question with what its words point to in their place."""
    turn, text, found = earlier[-1], asked, list[Antecedent]()
    stands_for: dict[str, Antecedent] = {}
    shift = 0
    for reference in references:
        same = stands_for.get(reference.wants)
        antecedent = (
            same
            if same and reference.wants != "item"
            else antecedent_of(reference, earlier, taken=[each.text for each in found])
        )
        if antecedent is None:
            continue
        stands_for[reference.wants] = antecedent
        found.append(antecedent)
        put = _in_place(reference, antecedent, text[: reference.start + shift])
        start, end = reference.start + shift, reference.end + shift
        text = text[:start] + put + text[end:]
        shift += len(put) - (reference.end - reference.start)
    text = text[:1].upper() + text[1:]
    same_matter = any(each.wants in ("that", "then") for each in references)
    if not found:
        # "the second" is one of something here, "the second one" of something said before.
        if all(
            each.wants == "noun"
            or (each.wants == "item" and not each.text.endswith(("one", "ones", "two")))
            for each in references
        ):
            return None
        pointing = any(each.wants == "that" for each in references)
        said = [statement_of(turn)] if pointing else turn.topic
        return _made(attached(asked, said), turn, same_matter=True)
    leaned = found[0].turn
    if not any(each.named for each in found) and not names_something(text):
        text = attached(text, leaned.topic)
    elif same_matter:
        text = attached(text, [statement_of(turn)])
    elif _SPEAKING.search(text) or not _says_more(text, found):
        text = attached(text, leaned.topic)
    return _made(text, leaned, same_matter=same_matter)


def _says_more(text: str, found: Sequence[Antecedent]) -> bool:
    """Whether a question asks for something of what its words point to: "Who was Ines Harrow?"."""
    pointed = {word for each in found for word in content_words(each.text)}
    return bool(set(content_words(text)) - pointed)


def _in_place(reference: Reference, antecedent: Antecedent, before: str) -> str:
    """What takes the place of a reference."""
    if reference.wants == "there":
        return (
            antecedent.text
            if before.rstrip().lower().endswith(" from")
            else (f"in {antecedent.text}")
        )
    if reference.wants == "then":
        located = re.match(r"(?:on|in|at|from|since|until|during|before|after)\b", antecedent.text)
        led = re.search(r"\b(?:since|until|by|before|after|from)\s+$", before, re.IGNORECASE)
        digits = re.fullmatch(r"\d{4}", antecedent.text)
        return (
            antecedent.text if located or led else (f"{'in' if digits else 'on'} {antecedent.text}")
        )
    if reference.possessive:
        return f"{antecedent.text}’" if antecedent.text.endswith("s") else f"{antecedent.text}’s"
    return antecedent.text


def _without_speaker(turn: Turn) -> list[str]:
    """What a turn is about, less who acted in it: another is asked about in that place."""
    acted = [m.text for m in turn.mentions if m.subject and m.kind in ("person", "organisation")]
    speaking = re.search(r"\b(?:say|said|think|tell|told|want)\b", turn.question)
    if speaking:
        acted += [m.text for m in turn.mentions if m.subject]
    words = {word for each in acted for word in content_words(each)}
    return [each for each in turn.topic if not words & set(content_words(each))]


def _noun_of(turn: Turn) -> str | None:
    """The common noun for what a turn is about: "cable car" of "Ilvane's new cable car"."""
    for mention in turn.mentions:
        words = [w for w in mention.text.split() if w.islower() and w not in FUNCTION_WORDS]
        words = [w for w in words if w not in ("new", "old", "many", "big", "small", "first")]
        if words and mention.kind not in ("person", "time"):
            return " ".join(words[-2:])
    return None


def _is_known(asked: str, turn: Turn) -> bool:
    """Whether what a question names, or its subject, was spoken of before."""
    before = f"{turn.question} {turn.short or ''} {turn.quoted}".lower()
    words = content_words(asked)
    return bool(words) and all(word in before for word in words if not _SPEAKING.match(word))


def _is_related(asked: str, turn: Turn) -> bool:
    """Whether a short question without a name asks about what was cited before."""
    words = [word for word in content_words(asked) if kind_of_noun(word) != "time"]
    if not words or len(asked.split()) > RELATED_WORDS:
        return False
    near = {stem_of(w) for w in content_words(f"{turn.question} {turn.short or ''} {turn.quoted}")}
    stems = [stem_of(word) for word in words]
    known = sum(stem in near for stem in stems)
    if known >= RELATED_FROM * len(stems) or (known and len(stems) == 2):
        return True
    # A whole article has many words that say little: all must be there.
    return set(stems) <= near | {stem_of(word) for word in content_words(turn.articles)}


def _made(text: str, turn: Turn, *, same_matter: bool) -> Standalone:
    whole = " ".join(text.split())
    if len(whole) > MAX_STANDALONE_CHARS:
        whole = whole[:MAX_STANDALONE_CHARS].rsplit(" ", 1)[0]
    whole = whole[:1].upper() + whole[1:]
    return Standalone(text=whole, turn=turn, same_matter=same_matter)
