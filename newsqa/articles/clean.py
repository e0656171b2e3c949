"""What is the story, what is page furniture.

Only whole lines are ever removed, never parts of one, and only lines that a page puts
around a story: links to other stories, share bars, comment forms, prompts to subscribe,
cookie and advertising notes.  Where a line could be either, it stays.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from newsqa.articles.furniture import byline, is_feed_note, is_furniture, line_kind, may_promote

_CONTROLS = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ufeff]")
_ORDINARY = bytes({9, 10, *range(32, 127)})
_ODD = re.compile(
    rb"[\x00-\x1f\x7f]|\xc2[\x80-\x9f]|\xe2\x80[\xa8\xa9]|\xed[\xa0-\xbf]|\xef\xbb\xbf"
)
"""All that `sanitize` changes, as UTF-8."""
_SURROGATES = re.compile("[\ud800-\udfff]")
_BREAKS = re.compile("\r\n?|[\x0b\x0c\x85\u2028\u2029]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cleaned:
    """A story's text, the names that its own "Author:" lines gave, and what was removed."""

    text: str
    authors: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()


def clean(text: str, *, title: str | None = None) -> Cleaned:
    """The story in `text`: its lines unchanged, blank lines folded to one.

    The lines of the result are a subsequence of those of `sanitize(text)`, and cleaning
    twice changes nothing.  A first line that only repeats `title` is removed.
    """
    text = sanitize(text)
    promotes = may_promote(text)
    kept: list[str] = []
    bylines: list[int] = []
    removed: list[str] = []
    shares = begun = False
    for line in text.split("\n"):
        core = line.strip()
        if not core:
            kept.append("")
            continue
        if title and not begun and same_words(core, title):
            removed.append(core)
            continue
        kind = line_kind(core, promotes=promotes)
        if kind == "furniture":
            removed.append(core)
            continue
        begun = True
        shares = shares or kind == "share"
        if kind == "byline":
            bylines.append(len(kept))
        kept.append(line.rstrip())
    if shares:
        kept = _without_share_bars(kept, removed)
    names: tuple[str, ...] = ()
    if len(bylines) == 1:  # more of them make a list: of books, say, with their authors
        core = kept[bylines[0]].strip()
        kept[bylines[0]] = ""
        removed.append(core)
        names = (byline(core) or "",)
    _drop_feed_notes(kept, removed)
    return Cleaned(text=_folded(kept), authors=names, removed=tuple(removed))


def sanitize(text: str) -> str:
    """The same text as it can be stored and shown.

    Control characters and byte order marks are dropped, lone surrogates replaced by U+FFFD,
    and every kind of line end becomes "\\n".  All else stays as it is.
    """
    # Nearly every text is clean already: without its plain bytes little is left to look at.
    if _ODD.search(text.encode("utf-8", "surrogatepass").translate(None, _ORDINARY)):
        text = _SURROGATES.sub("\ufffd", _CONTROLS.sub("", _BREAKS.sub("\n", text)))
    return text


def clean_line(text: str) -> str:
    """A title or a name: sanitised, on one line, single spaces."""
    return " ".join(sanitize(text).split())


def same_words(line: str, other: str) -> bool:
    """Whether two lines differ in nothing but case, punctuation and spaces."""
    if line[:1].casefold() != other[:1].casefold() and line[:1].isalnum() and other[:1].isalnum():
        return False
    return _plain(line) == _plain(other)


def _plain(text: str) -> str:
    return re.sub(r"[\W_]+", " ", text).strip().casefold()


def _without_share_bars(lines: list[str], removed: list[str]) -> list[str]:
    """With runs of two or more lines that only name places to share to left blank.

    One such line alone may be a heading of the story ("Facebook"); it goes where it asks to
    share ("Share on Facebook").
    """
    kept = list(lines)
    run: list[int] = []
    for number, line in enumerate([*lines, "."]):  # the last one only ends a run
        core = line.strip()
        if core and line_kind(core) == "share":
            run.append(number)
        elif core:
            if len(run) > 1 or (run and is_furniture(lines[run[0]].strip())):
                removed.extend(lines[at].strip() for at in run)
                for at in run:
                    kept[at] = ""
            run = []
    return kept


def _drop_feed_notes(lines: list[str], removed: list[str]) -> None:
    """Take off the end what says where the story appeared first; elsewhere it may be story."""
    while lines and (not (core := lines[-1].strip()) or is_feed_note(core)):
        removed.extend(filter(None, [core]))
        lines.pop()


def _folded(lines: list[str]) -> str:
    """The lines with one blank line at most between two of them, and none around them."""
    folded: list[str] = []
    for line in lines:
        if line or (folded and folded[-1]):
            folded.append(line)
    return "\n".join(folded).strip()
