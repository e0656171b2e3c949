"""What the words of a question say besides what it asks: filler, freshness, outlets."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

_FILLER = re.compile(
    r"^\W*(?:(?:please|hi|hello|hey|ok|so),?\s+)*(?:(?:can|could|would) you (?:please )?"
    r"(?:tell|remind) me(?: about)?|do you know|i(?:['’]d| would) (?:like|love) to know|"
    r"i(?:['’]m| am) wondering|(?:please )?tell me(?: about)?|true or false|fill in the blank|"
    r"quiz question|question)\b[\s:,.–—-]*"
    r"|,? according to (?:various |several |some |recent |latest |news |media )*"
    r"(?:reports?|news|sources|experts)\b"
    r"|\b(?:which|who|what) of (?:these|the following)(?: [\w’'-]+)?"
    r"(?= (?:is|are|was|were|did|does|has|have|had|will|won|can|could)\b)",
    re.IGNORECASE,
)
"""Words around a question that say nothing about what it asks for."""
_NAME_RUN = r"(?:[Tt]he )?[A-Z][\w.’'&-]*(?: (?:of |the |and )?[A-Z][\w.’'&-]*){0,4}"
_QUOTED_OUTLET = re.compile(
    r"\b(?:[Aa]ccording to|[Rr]eported by|[Aa]s reported in|[Ii]n an interview with|[Tt]old) "
    rf"({_NAME_RUN})"
    rf"|({_NAME_RUN}) (?:reported|reports|wrote|writes)\b"
)
_HOST = re.compile(r"(?:www\.|edition\.)?([\w-]+)(?:\.(?:com?|org|net))?\.[a-z]{2,4}")
_NEWEST = re.compile(
    r"\b(?:latest|newest|most recent(?:ly)?|currently|current|now|nowadays|at the moment|so far|"
    r"as of today|right now|at present)\b",
    re.IGNORECASE,
)


def without_filler(text: str) -> str:
    """A question without the words that say nothing about what it asks for; "" if it has none."""
    left = " ".join(_FILLER.sub(" ", text).split()).strip(" ,:")
    return left if left != text and len(re.findall(r"\w+", left)) > 1 else ""


def asks_for_newest(text: str) -> bool:
    """Whether it asks for how things stand now."""
    return _NEWEST.search(text) is not None


def outlets_in(text: str, outlets: Sequence[str]) -> tuple[str, ...]:
    """The outlets that a question quotes by name: "according to …", "… reported that".

    A host stands for its name: "cnn.com" for CNN.
    """
    said = {_plain(match[1] or match[2]) for match in _QUOTED_OUTLET.finditer(text)}
    if not said:
        return ()
    return tuple(outlet for outlet in outlets if _is_named(_name_of(outlet), said))


def _name_of(outlet: str) -> str:
    host = _HOST.fullmatch(outlet.casefold())
    return _plain(host[1] if host else outlet)


def _plain(name: str) -> str:
    words = re.findall(r"\w+", name.casefold())
    return " ".join(words[1:] if words[:1] == ["the"] and len(words) > 1 else words)


def _is_named(outlet: str, said: Collection[str]) -> bool:
    # "Reuters", and "Reuters news agency".
    return any(name == outlet or name.startswith(f"{outlet} ") for name in said)
