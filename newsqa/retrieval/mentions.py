"""What a question speaks of: its names and noun phrases, and what they may be, told by wording."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from newsqa.retrieval.kinds import Kind, is_plural, kind_of_name, kind_of_noun
from newsqa.retrieval.words import (
    AUXILIARIES,
    DETERMINERS,
    DOING,
    FUNCTION_WORDS,
    PREPOSITIONS,
    PRONOUNS,
    QUANTITIES,
    QUESTION_WORDS,
    STATES,
    VERBS,
)

_OF_TIME = re.compile(
    r"\b(?:January|February|March|April|May|June|July|August|September|October|November|December|"
    r"(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day)\b(?! [a-z]{3,})|^(?:19|20)\d\d$"
)
_TOKEN = re.compile(
    r"(?:St|Mt|Ft|Dr|Mr|Mrs|Ms|Rev|Gov|Sen|Rep|Gen|Prof|No)\.(?=\s[A-Z0-9])|(?:[A-Z]\.){2,}|"
    r"[\w–-]+(?:[’'.&][\w–-]+)*|[^\w\s]"
)
_CAPITAL = re.compile(r"[A-Z“\"]?[A-ZÀ-Þ]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention:
    """Something that a text speaks of."""

    text: str
    start: int
    end: int
    """Half-open, characters of the text that it stands in."""
    named: bool
    """Whether a name is in it."""
    kind: Kind | None
    """What it is; None where its wording does not tell."""
    plural: bool
    subject: bool = False
    """Whether it does what the question asks about."""
    asked: bool = False
    """Whether it is what is asked for: "how many people", "which ship"."""


@dataclass(frozen=True, slots=True)
class _Token:
    text: str
    start: int
    end: int

    @property
    def low(self) -> str:
        return self.text.lower().replace("’", "'")

    @property
    def is_word(self) -> bool:
        return self.text[0].isalnum()

    @property
    def is_capital(self) -> bool:
        return _CAPITAL.match(self.text) is not None


def mentions_in(text: str) -> list[Mention]:
    """Names and noun phrases, in order; a phrase around a name is one mention with it."""
    tokens = [_Token(m[0], m.start(), m.end()) for m in _TOKEN.finditer(text)]
    found: list[Mention] = []
    at = 0
    while at < len(tokens):
        end = _phrase_end(tokens, at)
        if end == at:
            at += 1
            continue
        # After what is asked for, a subject stands only behind an auxiliary.
        behind = at > 0 and tokens[at - 1].low in AUXILIARIES
        first = not any(m.subject or (m.asked and not behind) for m in found)
        found.append(_mention(text, tokens, at, end, first=first))
        at = end
    return found


def _phrase_end(tokens: Sequence[_Token], at: int) -> int:
    """The token after the phrase that begins here; `at` itself where none does."""
    token = tokens[at]
    if not token.is_word:
        return at
    named = token.is_capital and (token.low not in FUNCTION_WORDS | VERBS or not _opens(tokens, at))
    counted = re.fullmatch(r"how|what|which|whose", token.low)
    if counted and at + 1 < len(tokens):
        return _asked_end(tokens, at)
    starts = token.low in DETERMINERS | QUANTITIES or token.text[0].isdigit()
    if not named and not starts:
        possessive = token.low.endswith(("'s", "s'")) and token.low not in FUNCTION_WORDS
        if not possessive and not _is_bare_plural(tokens, at):
            return at
    if token.low in ("that", "this", "these", "those") and not _determines(tokens, at):
        return at
    end = at + 1
    while end < len(tokens) and _goes_on(tokens, at, end, named=named):
        end += 1
    end = _without_verb(tokens, at, end)
    # A determiner alone is no phrase.
    return at if end == at + 1 and token.low in DETERMINERS | QUANTITIES else end


def _asked_end(tokens: Sequence[_Token], at: int) -> int:
    """After "how many people", "which ship", "what new law"."""
    start = at + 1
    if tokens[at].low == "how":
        if tokens[start].low not in ("many", "much"):
            return at
        start += 1
    end = start
    while (
        end < len(tokens)
        and tokens[end].is_word
        and tokens[end].low not in (FUNCTION_WORDS | VERBS)
    ):
        if end > start and tokens[end].low.endswith(("ed", "ly")):
            break
        end += 1
        if is_plural(tokens[end - 1].text) or end - start == 3:
            break
    return at if end == start else end


def _goes_on(tokens: Sequence[_Token], at: int, end: int, *, named: bool) -> bool:
    """Whether a phrase that has begun takes in one more token."""
    token, before = tokens[end], tokens[end - 1]
    if not token.is_word:
        return False
    if token.low in ("of", "de", "la", "van", "von", "der", "al"):
        # "Bay of Pigs", but not "mayor of Ilvane": that names two.
        following = tokens[end + 1] if end + 1 < len(tokens) else None
        return token.low != "of" and following is not None and following.is_capital
    if token.is_capital:
        # "the Marine Safety Board", "the old Weir Bridge"; after more words another name begins.
        lowercase = sum(not word.is_capital for word in tokens[at + 1 : end])
        return before.is_capital or before.low in DETERMINERS or (not named and lowercase < 2)
    if end == at + 1 and tokens[at].low in DETERMINERS and token.low not in QUESTION_WORDS:
        # What follows a determiner is no verb: "the cost", "the last auctioneer".
        return token.low not in PRONOUNS | AUXILIARIES | PREPOSITIONS
    if token.low in FUNCTION_WORDS or token.low in VERBS:
        return False
    if named and tokens[at].low not in DETERMINERS and not _has_possessive(tokens, at, end):
        return False
    if before.low not in DETERMINERS and re.search(r"(?:ed|ing)$", token.low):
        return False
    return end - at < 6


def _has_possessive(tokens: Sequence[_Token], at: int, end: int) -> bool:
    return any(token.low.endswith(("'s", "s'")) for token in tokens[at:end])


def _without_verb(tokens: Sequence[_Token], at: int, end: int) -> int:
    """The end of a subject without the verb or the state that is asked about it."""
    before = tokens[at - 1].low if at else ""
    last = tokens[end - 1]
    words = end - at - (tokens[at].low in DETERMINERS)
    if words < 2 or last.is_capital:
        return end
    following = tokens[end].low if end < len(tokens) else ""
    if before in AUXILIARIES and last.low in STATES | VERBS:
        end, words = end - 1, words - 1
    goes_on = following == "of" or (end < len(tokens) and tokens[end].is_capital)
    if before in DOING and words > 1 and not goes_on and not tokens[end - 1].is_capital:
        end -= 1
    return end


def _is_bare_plural(tokens: Sequence[_Token], at: int) -> bool:
    """Whether an undetermined plural stands where nouns stand: after "are", "do", "of" …"""
    token, before = tokens[at], tokens[at - 1].low if at else ""
    if token.low in FUNCTION_WORDS | VERBS or not is_plural(token.text):
        return False
    return at > 0 and (before in AUXILIARIES | PREPOSITIONS or tokens[at - 1].low in VERBS)


def _determines(tokens: Sequence[_Token], at: int) -> bool:
    following = tokens[at + 1] if at + 1 < len(tokens) else None
    if following is None or not following.is_word:
        return False
    return following.low not in FUNCTION_WORDS | VERBS


def _opens(tokens: Sequence[_Token], at: int) -> bool:
    return at == 0 or tokens[at - 1].text in '.!?:;“"‘('


def _is_common_opening(tokens: Sequence[_Token], at: int) -> bool:
    """Whether the first word of a sentence has its capital from there alone, as far as one sees."""
    if not _opens(tokens, at) or at + 1 >= len(tokens):
        return False
    following = tokens[at + 1]
    return following.is_word and not following.is_capital and not tokens[at].low.endswith("'s")


def _mention(text: str, tokens: Sequence[_Token], at: int, end: int, *, first: bool) -> Mention:
    words = tokens[at:end]
    start, stop = words[0].start, words[-1].end
    said = text[start:stop]
    asked = words[0].low in ("how", "what", "which", "whose")
    before = tokens[at - 1].low if at else ""
    named = any(
        word.is_capital
        and word.low not in FUNCTION_WORDS
        and not (place == at and _is_common_opening(tokens, place))
        for place, word in enumerate(words, start=at)
    )
    last = words[-1]
    if _OF_TIME.search(said):
        kind: Kind | None = "time"
    elif asked or not named or not last.is_capital:
        kind = kind_of_noun(last.text)
        if named and kind is None and not asked:
            kind = "thing"
    else:
        owner = re.fullmatch(r"(.+)['’]s?", said)
        kind = kind_of_name(owner[1] if owner else said, before)
    if kind is None and not asked and before in ("in", "at"):
        kind = "place" if named else None
    # "Ryan Reynolds" is one, "the Greens" are several.
    grouped = words[0].low in DETERMINERS | QUANTITIES
    alone = last.is_capital and not grouped
    plural = is_plural(last.text) and not alone
    return Mention(
        text=said,
        start=start,
        end=stop,
        named=named,
        kind=kind,
        plural=plural,
        asked=asked,
        subject=first and not asked and before not in PREPOSITIONS,
    )


def names_in(text: str) -> Iterator[Mention]:
    """Only the mentions that are names, whatever stands around them."""
    for mention in mentions_in(text):
        if mention.named:
            yield mention
