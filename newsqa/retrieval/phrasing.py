"""What the words of a question say besides what it asks: filler, freshness, outlets."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

_FILLER = re.compile(
    r"^\W*(?:(?:please|hi|hello|hey|ok|so),?\s+)*(?:(?:can|could|would) you (?:please )?"
    r"(?:tell|remind) me(?: about)?|do you know|i(?:['’]d| would) (?:like|love) to know|"
    r"i(?:['’]m| am) wondering|(?:please )?tell me(?: about)?(?= (?-i:[a-z]))|"
    r"true or false|fill in the blank|(?:quiz )?question(?=\s*[:,–—]))\b[\s:,.–—-]*"
    r"|,? according to (?:various |several |some |recent |latest |news |media )*"
    r"(?:reports?|news media|news|media|sources|experts)\b",
    re.IGNORECASE,
)
"""Words around a question that say nothing about what it asks for."""
_QUOTING = re.compile(
    r"\b(?:according to|reported by|as reported (?:in|by)|in an interview with|told)\s+(?:the\s+)?",
    re.IGNORECASE,
)
_QUOTED = re.compile(r"\s+(?:reported|reports|wrote|writes|said|says)\b")
_NEXT_WORD = re.compile(r"['’]s\b|\s*([\w’'-]+)")
_KINDS = frozenset("news agency newspaper magazine paper report reports that".split())
"""What may follow an outlet's name in capitals without making another name of it."""
_HOST = re.compile(r"(?:www\.|edition\.)?([\w-]+)(?:\.(?:com?|org|net))?\.[a-z]{2,4}")
_NEWEST = re.compile(
    r"(?<!then-)\b(?:latest|newest|most recent(?:ly)?|currently|current(?! (?:of|affairs)\b)|"
    r"(?<!until )(?<!till )now|nowadays|at the moment|so far|as of today|at present)\b"
    r"|^(?:Currently|Now),"
)
# Lower case, for "Now" in the middle is part of a name.


def without_filler(text: str) -> str:
    """A question without the words that say nothing about what it asks for; "" if it has none."""
    left = " ".join(_FILLER.sub(" ", text).split()).strip(" ,:")
    return left if left != text and len(re.findall(r"\w+", left)) > 2 else ""


def asks_for_newest(text: str) -> bool:
    """Whether it asks for how things stand now."""
    return _NEWEST.search(text) is not None


def outlets_in(text: str, outlets: Sequence[str]) -> tuple[str, ...]:
    """The outlets that a question quotes by name: "according to …", "… reported that".

    A host stands for its name: "cnn.com" for CNN.  A longer name that starts with an outlet's
    ("Time Warner") is not the outlet's.
    """
    quoting = [match.end() for match in _QUOTING.finditer(text)]
    quoted = [match.start() for match in _QUOTED.finditer(text)]
    return tuple(
        outlet
        for outlet in outlets
        if (quoting or quoted) and _is_quoted(_pattern_of(outlet), text, quoting, quoted)
    )


@lru_cache(maxsize=10_000)
def _pattern_of(outlet: str) -> re.Pattern[str]:
    """Its name as it is written, or as its host runs it together."""
    host = _HOST.fullmatch(outlet.casefold())
    if host:
        letters = [re.escape(char) for char in host[1].replace("-", "").removeprefix("the")]
        name = r"[\s-]?".join(letters) + (r"(?:\.\w{2,4}){0,2}" if len(letters) else r"(?!)")
    else:
        words = re.findall(r"\w+", outlet)
        words = words[1:] if words[:1] in (["The"], ["the"]) and len(words) > 1 else words
        name = r"\W+".join(map(re.escape, words)) or r"(?!)"
    return re.compile(rf"\b{name}\b", re.IGNORECASE)


def _is_quoted(
    name: re.Pattern[str], text: str, quoting: Sequence[int], quoted: Sequence[int]
) -> bool:
    for match in name.finditer(text):
        before = re.search(r"(?:^|[.,;:]\s*|\b(?:as|[Tt]he|and)\s+)$", text[: match.start()])
        # "According to Reuters and CNN"
        listed = any(
            re.fullmatch(r"(?:[\w.’'-]+(?:,| and| or)? ){1,5}(?:the )?", text[at : match.start()])
            and text[at : match.start()].rstrip().endswith(("and", "or", ",", "the"))
            for at in quoting
        )
        after = _NEXT_WORD.match(text, match.end())
        word = after[1] if after and after[1] else ""
        longer = word[:1].isupper() and word.casefold() not in _KINDS
        if (match.start() in quoting or listed) and not longer:
            return True
        if before and match.end() in quoted and match[0][:1].isupper():
            return True
    return False
