"""Bylines as they are written → people's names."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Mapping

MOST = 30
"""Names kept of one article."""
LONGEST = 100
"""Characters of a name; what is longer is a sentence."""

_LEAD = re.compile(
    r"^\W*(?:(?:with\s+)?(?:(?:additional|further)\s+)?(?:story|words|text|written|report|"
    r"reported|reporting|analysis|opinion|video|photos?)\s+by|by|authors?)\b\s*:?\s*",
    re.IGNORECASE,
)
_BETWEEN = re.compile(
    r"\s*[;|\n•·]\s*|\s+(?:and|&)\s+"
    r"|\s+(?:with\s+)?(?:additional|further)\s+reporting\s+by\s+",
    re.IGNORECASE,
)
_COMMA = re.compile(r"\s*,\s*(?:(?:and|&)\s+)?", re.IGNORECASE)
_PARTICLES = frozenset(
    "de del della der den di da do dos du la le van von zu bin ibn al el ben y e of for the at"
    " in".split()
)
_SUFFIX = re.compile(r"^(?:jr|sr|ii|iii|iv|ph\.?d|m\.?d|mba|esq|obe|mbe)\.?$", re.IGNORECASE)
_TRASH = re.compile(
    r"https?:|www\.|\S@\S|^@|social links|navigation|^\W*$|^\d+$"
    r"|^(?:unknown|none|nan|null|n/?a|admin(?:istrator)?|editors?|anonymous|guest|author|byline)$"
    r"|(?:^|\s)(?:staff|staff (?:writer|reporter)s?|newsroom|news ?desk|editorial (?:team|board)|"
    r"web desk|contributor|correspondent)$",
    re.IGNORECASE,
)


def read_authors(value: object, *, source: str | None = None) -> tuple[str, ...]:
    """Names in the order given, without "By", staff desks, addresses and repetitions.

    `value` may be a list of names or of objects with a name, a string that holds such a
    list, or a byline ("A, B and C").  A name that is the outlet's own is dropped.
    """
    names: dict[str, str] = {}
    for name in _names(value):
        name = " ".join(_LEAD.sub("", name).strip(" ,.-–—:/").split())
        if name.count(".") and re.fullmatch(r"(?:[^\W\d_]\.\s?)*[^\W\d_]", name):
            name += "."  # initials: the last full stop was theirs
        plain = name.casefold()
        if not name or len(name) > LONGEST or _TRASH.search(name):
            continue
        if source is not None and plain == source.casefold():
            continue
        names.setdefault(plain, name)
        if len(names) == MOST:
            break
    return tuple(name for plain, name in names.items() if not _is_joined(plain, names))


def looks_like_names(text: str) -> bool:
    """Whether a text is nothing but names: one to a few, each of capitalised words."""
    names = read_authors(text)
    words = [word for name in names for word in re.split(r"[\s,]+", name) if word]
    if not words or max(len(name.split()) for name in names) > 6:
        return False
    if re.search(r"[^\W\d_]{3,}[.!?]\W*$", text) and not _SUFFIX.match(words[-1]):
        return False  # it ends like a sentence
    return all(word[0].isupper() or word in _PARTICLES for word in words)


def _names(value: object, depth: int = 0) -> Iterable[str]:
    if isinstance(value, str):
        if value[:1] in "[(" and depth == 0 and (listed := _read_list(value)) is not None:
            yield from _names(listed, depth + 1)
        else:
            yield from _split(value[: LONGEST * MOST])
    elif isinstance(value, Mapping):
        yield from _names(value.get("name"), depth + 1) if depth < 3 else ()
    elif isinstance(value, list | tuple) and depth < 3:
        for item in value[:1000]:
            yield from _names(item, depth + 1)


def _read_list(text: str) -> object | None:
    """The list that a string such as "['A', 'B']" or '["A"]' holds."""
    if len(text) > 10_000:
        return None
    try:
        found = ast.literal_eval(text)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return None
    return found if isinstance(found, list | tuple) else None


def _split(byline: str) -> Iterable[str]:
    for part in _BETWEEN.split(byline):
        pieces = _COMMA.split(part)
        if len(pieces) == 2 and all(piece and " " not in piece for piece in pieces):
            yield part  # "Doe, Jane": one person, as catalogues write it
            continue
        held = ""
        for piece in pieces:
            if held and _SUFFIX.match(piece):
                held = f"{held}, {piece}"
                continue
            if held:
                yield held
            held = piece
        if held:
            yield held


def _is_joined(plain: str, names: Mapping[str, str]) -> bool:
    """Whether a "name" is only the other names one after another, as some scrapers leave it."""
    rest = plain
    for other in names:
        if other != plain:
            rest = rest.replace(other, "")
    return rest != plain and not rest.strip(" ,")
