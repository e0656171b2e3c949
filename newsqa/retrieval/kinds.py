"""What names and nouns are of: a person, a place, an organisation; told by their words alone."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal, TypeAlias

from newsqa.retrieval.words import (
    FUNCTION_WORDS,
    ORGANISATIONS,
    PERSONS,
    PLACES,
    ROLES,
    TITLES,
)

Kind: TypeAlias = Literal["person", "place", "organisation", "thing", "time"]

_OF_ORGANISATION = re.compile(
    r"\b(Authority|Party|Union|Club|Council|Ministry|Department|Office|Committee|Commission|Court|"
    r"Company|Corp|Inc|Ltd|Group|Bank|Agency|Association|Athletic|United|League|University|College|"
    r"School|Board|Trust|Times|Post|Herald|News|Senate|Assembly|Parliament|Congress|"
    r"Government|Police|Airlines|Democrats|Republicans|Lines|[A-Z]{2,})\b"
)
_OF_PLACE = re.compile(
    r"\b(City|Town|Island|Islands|Street|County|Valley|Quay|States|Kingdom|Republic|Province|"
    r"District|Square|Road|Park|Mount|Lake|River)\b"
)
_OF_THING = re.compile(
    r"\d|\b(Bridge|Cup|Award|Prize|Hall|House|Hospital|Church|Museum|Station|Airport|Act|Law|"
    r"Comet|Storm|Hurricane|Telescope|Exchange|Court)\b"
)
_LOCATING = frozenset("in at near from to on".split())
_SINGULAR_IN_S = re.compile(r"(?:ss|us|is|news|series|species|'s|’s)$")


def content_words(text: str) -> list[str]:
    """The words, in lower case, that say what a text is about."""
    words = re.findall(r"\w+(?:[-–]\w+)*", text.lower().replace("’", "'").replace("'s", ""))
    return [word for word in words if word not in FUNCTION_WORDS]


def stem_of(word: str) -> str:
    """A word (lower case) without its ending, as far as two of its forms may be told the same."""
    stem = re.sub(r"(?<=\w{3})(?:ings?|ed|es|s|ers?|ors?|ments?|ions?)$", "", word)
    return stem.rstrip("e") if len(stem) > 3 else stem


def kind_of_name(name: str, before: str = "") -> Kind | None:
    """What a name is of, by its words and by the word before it."""
    words = [word.strip(".").lower() for word in name.split()]
    if not words:
        return None
    if words[0] in TITLES or (
        len(words) > 1
        and words[-1] not in PERSONS | ROLES
        and any(word in PERSONS | ROLES for word in words[:-1])
    ):
        return "person"
    for kind, pattern in (("thing", _OF_THING), ("organisation", _OF_ORGANISATION)):
        if pattern.search(name):
            return kind  # type: ignore[return-value]
    if _OF_PLACE.search(name) or before in _LOCATING:
        return "place"
    if words[0] == "the":
        return "thing"
    return "person" if len(words) in (2, 3) and name.replace(" ", "").isalpha() else None


def kind_of_noun(noun: str) -> Kind | None:
    """What a common noun is of."""
    single = noun.lower()
    for form in (single, single.removesuffix("s"), single.removesuffix("ies") + "y"):
        for kind, known in _NOUNS:
            if form in known:
                return kind
    return None


_NOUNS: Sequence[tuple[Kind, frozenset[str]]] = (
    ("person", PERSONS), ("place", PLACES), ("organisation", ORGANISATIONS),
    ("time", frozenset("day week month year time date hour decade century".split())),
)  # fmt: skip


def is_plural(noun: str) -> bool:
    """Whether a noun is one of several, by its ending."""
    low = noun.lower()
    return low in ("people", "men", "women", "children", "police") or (
        low.endswith("s") and len(low) > 3 and not _SINGULAR_IN_S.search(low)
    )
