"""What a question leaves out, put back from the question before it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from newsqa.retrieval.dates import expressions_in
from newsqa.retrieval.earlier import Turn
from newsqa.retrieval.kinds import Kind, content_words, is_plural, kind_of_name
from newsqa.retrieval.mentions import Mention, mentions_in
from newsqa.retrieval.words import AUXILIARIES, DETERMINERS, PREPOSITIONS

_AUX = "|".join(sorted(map(re.escape, AUXILIARIES - {"'s", "'re"}), key=len, reverse=True))
_MONTHS = r"January|February|March|April|May|June|July|August|September|October|November|December"
TIME = re.compile(
    rf"(?:(?:on|in|during|since|until|by|for|over) )?(?:the )?(?:(?:last|next|this|previous|past|"
    r"following) (?:week|month|year|day|summer|winter|spring|autumn|season|time|night|weekend|"
    rf"(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day|{_MONTHS})|(?:{_MONTHS})(?: \d{{4}})?|"
    rf"\d{{1,2}}(?:st|nd|rd|th)? (?:of )?(?:{_MONTHS})(?: \d{{4}})?|"
    rf"(?:{_MONTHS}) \d{{1,2}}(?:st|nd|rd|th)?(?:,? \d{{4}})?|(?:19|20)\d\d|"
    r"(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day|yesterday|today|tomorrow|now|"
    r"the (?:day|week|month|year) (?:before|after))",
    re.IGNORECASE,
)
"""A time, standing alone."""
_ASKED = re.compile(
    r"^(?P<prep>(?:in|on|at|by|for|to|with|from|of|about|since|until|according to) )?"
    r"(?P<wh>how (?:many|much)|how (?:long|often|far|late|high|old|big|strong|fast|soon|hot|cold|"
    r"tall|large|deep|bad|well)|who(?:m|se)?|what|which|when|where|why|how)\b\s*",
    re.IGNORECASE,
)
_CLEFT = {
    "when": "when was it that",
    "where": "where was it that",
    "why": "why is it that",
    "how": "how is it that",
}
"""What asks of a clause whose order is kept: "When was it that Ada Quill won?"."""
_ADJUNCTS = frozenset("when where why how since".split())


def asked_again(word: str, turn: Turn) -> str:
    """The question of a turn with another question word: "Why?" after "When did it close?"."""
    question = turn.question.rstrip("?.! ")
    short = turn.short or ""
    lead = word.strip("?.! ").lower()
    asked = _ASKED.match(question)
    if asked is None:
        inverted = re.match(rf"(?:{_AUX})\b", question, re.IGNORECASE)
        rest = question[:1].lower() + question[1:] if inverted else question
        return _sentence(f"{lead} {rest}")
    rest = question[asked.end() :]
    wh = asked["wh"].lower()
    phrase = _wh_phrase(rest) if wh.startswith(("which", "what", "whose", "how m")) else ""
    body = rest[len(phrase) :].lstrip()
    first, _, after = body.partition(" ")
    inverts = first.lower() in AUXILIARIES and (
        wh in _ADJUNCTS or (wh.startswith("how ") and not phrase) or _begins_subject(after)
    )
    if inverts:
        # What was asked for stood elsewhere: the answer takes its place, in brackets.
        dropped = "" if wh in ("when", "where", "why", "how") else short
        if wh.startswith("who") and re.match(r"(?:is|was|are|were)$", first, re.I) and short:
            return _sentence(f"{lead} {first} {short} {after}")
        return _sentence(f"{lead} {body}{f' ({dropped})' if dropped else ''}")
    subject = short or phrase.strip() or ("someone" if wh.startswith("who") else "something")
    if short and phrase and wh.startswith("how"):
        number = re.fullmatch(r"[\w,.]+", short)
        subject = f"{short} {phrase.strip()}" if number else short
    return _sentence(f"{_CLEFT.get(lead, lead)} {subject} {body}")


def substituted(said: str, turn: Turn) -> str | None:
    """The question of a turn with what is said now in the place of its like; None without one."""
    question, said = turn.question.rstrip("?.! "), said.strip("?.!, ")
    if re.fullmatch(rf"(?:19|20)\d\d|(?:{_MONTHS})(?: \d{{4}})?", said):
        said = f"in {said}"
    if TIME.fullmatch(said):
        return _at_another_time(question, said)
    words = said.split()
    preposition = words[0].lower() if words[0].lower() in PREPOSITIONS else ""
    thing = " ".join(words[1:]) if preposition and len(words) > 1 else said
    mentions = [m for m in mentions_in(question) if m.kind != "time"]
    if preposition:
        like = _like_after(preposition, question, mentions)
        if like is None and preposition not in ("in", "on", "at", "of", "for", "about"):
            return _sentence(f"{question} {said}")
    else:
        like = _like_of(thing, turn, mentions)
    if like is None:
        return None
    start, end = like
    before = question[:start]
    if preposition:
        before = re.sub(r"\b\w+ (?:the )?$", "", before)
    return _sentence(f"{before}{said}{question[end:]}")


def _at_another_time(question: str, said: str) -> str:
    found = [(start, end) for start, end in expressions_in(question)] or [
        m.span() for m in re.finditer(rf"\b{TIME.pattern}\b", question, re.IGNORECASE)
    ]
    if not found:
        return _sentence(f"{question} {said}")
    start, end = found[-1]
    before = re.sub(r"\b(?:on|in|during|since|until|by) (?:the )?$", "", question[:start])
    return _sentence(f"{before}{said}{question[end:]}")


def _like_after(
    preposition: str, question: str, mentions: Sequence[Mention]
) -> tuple[int, int] | None:
    """Where what follows the same preposition stands, or one that locates as it does."""
    same = {preposition} | ({"in", "on", "at"} if preposition in ("in", "on", "at") else set())
    for mention in reversed(mentions):
        before = question[: mention.start].split()
        if before and before[-1].lower() in same and not mention.asked:
            return mention.start, mention.end
    return None


def _like_of(thing: str, turn: Turn, mentions: Sequence[Mention]) -> tuple[int, int] | None:
    """Where a thing of the same sort stands: a name for a name, several for several."""
    first = thing.split()[0]
    alike = [m for m in mentions if m.text.split()[-1].lower() == thing.split()[-1].lower()]
    if alike and " " in thing:
        return alike[-1].start, alike[-1].end  # "the Norland Cup" for "the Calder Cup"
    if first.lower() in DETERMINERS or len(thing.split()) > 4:
        return None
    named = first[:1].isupper() or turn.full_name(first) is not None
    last = thing.split()[-1]
    if not named and is_plural(last):
        for mention in mentions:
            if mention.asked and mention.plural:
                lead = re.match(
                    r"(?:how many|how much|which|what|whose) ", mention.text, re.IGNORECASE
                )
                return mention.start + (lead.end() if lead else 0), mention.end
        plural = [m for m in mentions if m.plural and not m.named]
        return (plural[-1].start, plural[-1].end) if plural else None
    kind = _kind_of(thing, turn)
    candidates = [m for m in mentions if m.named and not m.asked]
    if not candidates:
        return None
    scored = max(candidates, key=lambda m: _likeness(m, thing, kind, turn))
    if _likeness(scored, thing, kind, turn) < 0:
        return None
    return scored.start, scored.end


def _kind_of(name: str, turn: Turn) -> Kind | None:
    if turn.is_person(name):
        return "person"
    full = turn.full_name(name.split()[-1]) or name
    kind = kind_of_name(full)
    if kind in (None, "thing") and re.search(
        rf"\b(?:[Ii]n|[Aa]t|[Oo]n|[Ff]rom|[Tt]o) {re.escape(name)}\b", turn.quoted
    ):
        return "place"
    return kind


def _likeness(mention: Mention, name: str, kind: Kind | None, turn: Turn) -> float:
    theirs = mention.kind if mention.kind else _kind_of(mention.text, turn)
    if kind and theirs and kind != theirs:
        return -1.0 if "person" in (kind, theirs) else 0.2
    if kind is None and theirs == "thing":
        return -1.0  # a name of nobody knows what, for what has its kind in its name
    same_length = len(mention.text.split()) == len(name.split())
    return 2.0 * bool(kind and kind == theirs) + 0.5 * mention.subject + 0.3 * same_length


def _wh_phrase(rest: str) -> str:
    """The noun that goes with a question word: "people " of "people were hurt"."""
    taken: list[str] = []
    for word in rest.split():
        if word.lower() in AUXILIARIES | PREPOSITIONS or (taken and re.search(r"ed$", word)):
            break
        taken.append(word)
        if is_plural(word) or len(taken) == 3:
            break
    phrase = " ".join(taken)
    return rest[: len(phrase) + 1] if taken and rest.startswith(phrase) else ""


def _begins_subject(after: str) -> bool:
    first = after.split()[0] if after.split() else ""
    return (
        first.lower() in DETERMINERS or first[:1].isupper() or is_plural(first)
        or first.lower() in ("he", "she", "it", "they", "people", "anyone")
    )  # fmt: skip


def _sentence(text: str) -> str:
    whole = re.sub(r"\s+([?,.])", r"\1", " ".join(text.split()))
    return whole[:1].upper() + whole[1:] + "?"


def attached(question: str, about: Sequence[str]) -> str:
    """A question with what it is about in brackets, as far as it does not say so itself."""
    have = set(content_words(question))
    about = [re.sub(r"\s*\(", ", ", each).replace(")", "").replace("?", "") for each in about]
    missing = [each for each in about if not set(content_words(each)) <= have]
    if not missing:
        return question
    mark = "?" if question.endswith("?") else ""
    return f"{question.rstrip('?')} ({', '.join(dict.fromkeys(missing))}){mark}"
