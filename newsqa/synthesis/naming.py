"""The names that a text says, and whether another text has them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

_PART = r"(?:[A-Z]\.)+|[A-Z][\w-]*(?:[’'](?!s\b)[A-Z]?\w+)*"
_JOINT = r"(?: (?:of|de|la|van|von|der|bin|al|&))? "
_NAME = re.compile(rf"(?<![\w’'-])(?:{_PART})(?:{_JOINT}(?:{_PART}))*")
_STYLES = frozenset(
    "mr mrs ms miss dr sir dame lord lady prof professor rev reverend the a an st saint".split()
)
"""Words before a name that say nothing that must stand elsewhere."""
_NO_NAMES = frozenset(
    """i monday tuesday wednesday thursday friday saturday sunday january february march april may
    june july august september october november december christmas easter""".split()
)
_JOINTS = frozenset("of the de la van von der bin al &".split())
_OPENING = frozenset(
    """a an the this that these those he she it they his her its their our your my we you there here
    who what when where why how which one some many most more all both each every no not nobody none
    neither nothing if although though while when whereas because since as after before until during
    in on at by for from to of with without within under over about around between among against
    along across near amid despite besides but and or so yet then now also however meanwhile still
    only even just almost nearly more less fewer at according earlier later today yesterday tonight
    tomorrow last next another other others such several few half two three four five six seven
    eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen
    twenty thirty forty fifty sixty seventy eighty ninety hundreds thousands police officials
    residents people voters ministers engineers investigators doctors experts scientists officers
    authorities police lawmakers leaders workers owners visitors prices trains schools ferries
    homes families buyers shopkeepers flood floodwater water heavy strong""".split()
)
"""Words that begin a sentence with a capital that is not their own."""
_COMMON_ENDING = re.compile(
    r"(?:ings?|ions?|ments?|ness|ers|ists|ents|ants|ies|ly|ance|ence|ship|hood|age|ism|able|ful|"
    r"ous|ive|ics|ors|als|ials)$"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Name:
    """A name as it stands in a text."""

    words: tuple[str, ...]
    """Folded, without styles and possessives."""
    start: int
    end: int


def folded(word: str) -> str:
    """A word in lower case, without accents, possessive and dots."""
    plain = unicodedata.normalize("NFKD", re.sub(r"[’']s?$", "", word)).casefold()
    return "".join(c for c in plain if not unicodedata.combining(c)).replace(".", "")


def names_in(text: str, *, common: Collection[str] = ()) -> list[Name]:
    """The names of a text, in order.

    `common` are words known to be written without a capital: at the start of a sentence, where
    every word has one, they are no names.
    """
    found = []
    for match in _NAME.finditer(text):
        start, words = match.start(), match[0].split()
        if _opens(text, start):
            while words and _is_common(words[0], words[1:], text, start, common):
                start += len(words[0]) + 1
                words = words[1:]
        kept = [
            plain
            for word in words
            if (plain := folded(word)) and plain not in _STYLES and plain not in _JOINTS
        ]
        if kept and not (len(kept) == 1 and kept[0] in _NO_NAMES):
            kept = [word for word in kept if word not in _NO_NAMES or len(kept) > 1]
            found.append(Name(words=tuple(kept), start=start, end=match.end()))
    return found


def _opens(text: str, start: int) -> bool:
    """Whether a sentence, a quotation or the text begins here."""
    near = text[max(0, start - 8) : start]
    before = near.rstrip(" “\"'‘(")
    return not before or before[-1] in ".!?:;\n—–-" or before != near.rstrip()


def _is_common(
    word: str, after: Sequence[str], text: str, start: int, common: Collection[str]
) -> bool:
    plain = folded(word)
    if plain in _OPENING or plain in _STYLES:
        return True
    if after:
        return plain in common
    following = re.match(r"[\w.’'-]+ ([\w’'-]+)", text[start:])
    next_word = following[1] if following else ""
    # "Rising water closed the road", "Officials said": a common noun or a participle.
    return plain in common or (bool(_COMMON_ENDING.search(plain)) and next_word.islower())


@dataclass(frozen=True, slots=True)
class KnownNames:
    """The names that stand in some evidence, and the words around them."""

    names: tuple[Name, ...]
    words: frozenset[str]
    """Every word, folded."""

    @classmethod
    def of(cls, texts: Iterable[str]) -> KnownNames:
        """Those of several texts."""
        texts = list(texts)
        return cls(
            tuple(name for text in texts for name in names_in(text)),
            frozenset(folded(word) for text in texts for word in re.findall(r"[\w’'.-]+", text)
                      for word in (word, *word.split("-"), word.rstrip(".,"))),
        )  # fmt: skip

    def have(self, name: Name) -> bool:
        """Whether one of them is this name, or has it as its part: "Harrow" of "Ines Harrow".

        A name of several words must stand together: the first name of one and the last of
        another is nobody's.  An acronym stands for what it abbreviates.
        """
        own = name.words
        if any(_is_part(own, known.words) for known in self.names):
            return True
        if len(own) == 1:
            word = own[0]
            letters = {"".join(w[0] for w in known.words) for known in self.names}
            return word in self.words or (len(word) > 1 and word in letters)
        # A title that the evidence writes small ("mayor Nadia Ferrow") or a name over a comma.
        parts = set(own) & {word for known in self.names for word in known.words}
        rest = [word for word in own if word not in parts]
        together = any(parts <= set(known.words) for known in self.names)
        return bool(parts) and together and all(word in self.words for word in rest)


def _is_part(own: tuple[str, ...], known: tuple[str, ...]) -> bool:
    at = iter(known)
    return all(word in at for word in own)
