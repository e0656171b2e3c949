"""What is the story, what is page furniture.

Only whole lines are ever removed, never parts of one, and only lines that a page puts
around a story: links to other stories, share bars, comment forms, prompts to subscribe,
cookie and advertising notes.  Where a line could be either, it stays.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from newsqa.articles.furniture import byline, line_kind, may_promote

_CONTROLS = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f]")
_ORDINARY = bytes({9, 10, *range(32, 127)})
_ODD = re.compile(rb"[\x00-\x1f\x7f]|\xc2[\x80-\x9f]|\xe2\x80[\xa8\xa9]|\xed[\xa0-\xbf]")
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
    names: list[str] = []
    removed: list[str] = []
    heading = _plain(title) if title else ""
    shares = 0
    for line in text.split("\n"):
        core = line.strip()
        if not core:
            if kept and kept[-1]:
                kept.append("")
            continue
        if heading and not any(kept):
            if _plain(core) == heading:
                removed.append(core)
                continue
            heading = ""
        kind = line_kind(core, promotes=promotes)
        if kind == "furniture":
            removed.append(core)
        elif kind == "byline":
            names.append(byline(core) or "")
            removed.append(core)
        else:
            kept.append(line.rstrip())
            shares += kind == "share"
    if shares > 1:
        kept = _without_share_bars(kept, removed)
    return Cleaned(text="\n".join(kept).strip(), authors=tuple(names), removed=tuple(removed))


def sanitize(text: str) -> str:
    """The same text as it can be stored and shown.

    Control characters are dropped, lone surrogates replaced by U+FFFD, every kind of line
    end becomes "\\n", and byte order marks at the start go.  All else stays as it is.
    """
    text = text.lstrip("\ufeff")
    # Nearly every text is clean already: without its plain bytes little is left to look at.
    if _ODD.search(text.encode("utf-8", "surrogatepass").translate(None, _ORDINARY)):
        text = _SURROGATES.sub("\ufffd", _CONTROLS.sub("", _BREAKS.sub("\n", text)))
        text = text.lstrip("\ufeff")
    return text


def clean_line(text: str) -> str:
    """A title or a name: sanitised, on one line, single spaces."""
    return " ".join(sanitize(text).split())


def _plain(text: str) -> str:
    return re.sub(r"[\W_]+", " ", text).strip().casefold()


def _without_share_bars(lines: list[str], removed: list[str]) -> list[str]:
    """Without runs of two or more lines that only name places to share to.

    One such line alone may be a heading of the story ("Facebook"), a run of them is a bar.
    """
    kept: list[str] = []
    run: list[str] = []
    for line in [*lines, "."]:  # the last one only ends a run
        core = line.strip()
        if (core and line_kind(core) == "share") or (run and not core):
            run.append(line)
            continue
        bar = [one for one in run if one]
        if len(bar) > 1:
            removed.extend(bar)
            run = [""] if kept and kept[-1] and not run[-1] else []
        kept.extend(run)
        run = []
        if core or not kept or kept[-1]:
            kept.append(line)
    return kept[:-1]
