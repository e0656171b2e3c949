"""Plain text and Markdown: the title and the facts that stand above the story.

Read are front matter (a `---` block of `key: value`), header lines ("Title: …", "By …",
"Published: …"), a Markdown heading, and a first line that looks like a headline.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime

from newsqa.articles.authors import looks_like_names
from newsqa.articles.clean import same_words, sanitize
from newsqa.articles.dates import parse_date
from newsqa.articles.furniture import line_kind

LONGEST_TITLE = 200
"""Characters of a headline found by its looks."""
LONGEST_SENTENCE_TITLE = 120
"""The same where it ends like a sentence: some pages punctuate headlines."""
SHARED_BY_SENTENCE, SHARED_BY_HEADLINE = 0.5, 0.25
"""How many of a headline's longer words must come back in the story, as a share."""
STORY_LOOKED_AT = 4000
"""Characters of the story in which they are looked for."""
TOP_LINES = 100
"""How far down what stands above a story is looked for."""

_HEADER = re.compile(
    r"(title|headline|by|byline|authors?|written by|published|published on|publication date|date|"
    r"posted|source|outlet|publisher|publication|url|link|language|lang|id)\s*:\s*(\S.*)",
    re.IGNORECASE,
)
_KEYS = {
    "headline": "title", "by": "authors", "byline": "authors", "author": "authors",
    "written by": "authors", "published on": "published", "publication date": "published",
    "date": "published", "posted": "published", "outlet": "source", "publisher": "source",
    "publication": "source", "link": "url", "lang": "language",
}  # fmt: skip
_BY = re.compile(r"(?:By|BY)\s+(.{2,98})")
_DATED = re.compile(
    r"(?:published|posted|updated|last updated)(?: on| at)?\s*:?\s+(.+)", re.IGNORECASE
)
_HEADING = re.compile(r"#{1,6}\s+(.+?)\s*#*")
_NO_TITLE = re.compile(
    r"(?-i:[A-Z][A-Z .,'’-]{2,40}(?:,? [A-Z][\w. ]{1,25})?)(?: \(\w+\))?\s+[—–-]+\s"  # a dateline
    r"|from .{0,40}\b(?:reports?|staff|wire)\b|.{0,40}\bspecial (?:to|for) |[\"“].*[\"”]$",
    re.IGNORECASE,
)
_TWO_SENTENCES = re.compile(r"[a-z\d)\]][.!][\"'”’]?\s+[\"“A-Z]")
_LONG_WORD = re.compile(r"[^\W\d_]{4,}|\d{2,}")
_MARKDOWN = (
    (re.compile(r"^[ \t]*([-*_])(?:[ \t]*\1){2,}[ \t]*$", re.MULTILINE), ""),
    (re.compile(r"^[ \t]*!\[[^\]\n]*\]\([^)\n]*\)[ \t]*$", re.MULTILINE), ""),
    (re.compile(r"!?\[([^\]\n]+)\]\((?:[^()\n]|\([^()\n]*\))*\)"), r"\1"),
    (re.compile(r"^#{1,6}[ \t]+(.+?)[ \t]*#*$", re.MULTILINE), r"\1"),
    (re.compile(r"(\*\*|__)(?=\S)(.+?)(?<=\S)\1"), r"\2"),
    (re.compile(r"(?<![\w*])\*(?=\S)([^*\n]+?)(?<=\S)\*(?![\w*])"), r"\1"),
    (re.compile(r"^>[ \t]?", re.MULTILINE), ""),
)


@dataclass(slots=True, kw_only=True)
class Headed:
    """A text without what stood above it, and the fields that were read from there."""

    text: str
    fields: dict[str, object] = field(default_factory=dict)
    """By our names or, from front matter, by the file's own."""


def read_headed(
    text: str, *, now: datetime, title: str | None = None, markdown: bool = False
) -> Headed:
    """Title, authors, date, outlet and address from the top of a text, and the rest.

    Where the `title` is known from elsewhere, a first line that repeats it is part of the
    top, and no other line is taken for a headline.
    """
    lines = sanitize(text.lstrip()).split("\n", TOP_LINES)
    fields, start = _front_matter(lines)
    known = title or _own_title(fields)
    start = _header_lines(lines, start, fields, known, now)
    rest = "\n".join(lines[start:])
    if markdown:
        rest = plain_markdown(rest)
        if found := _own_title(fields):
            fields["title"] = plain_markdown(found)
    return Headed(text=rest, fields=fields)


def plain_markdown(text: str) -> str:
    """The words of a Markdown text: links by their label, no images, no marks of emphasis."""
    for pattern, replacement in _MARKDOWN:
        text = pattern.sub(replacement, text)
    return text


def _front_matter(lines: list[str]) -> tuple[dict[str, object], int]:
    """Fields of a leading `---` block and the number of the first line after it."""
    if not lines or lines[0].strip() != "---":
        return {}, 0
    fields: dict[str, object] = {}
    listed: list[object] = []
    for number, line in enumerate(lines[1:TOP_LINES], start=1):
        core = line.strip()
        if core in ("---", "..."):
            return fields, number + 1
        if core.startswith("- "):
            listed.append(_unquoted(core[2:]))
            continue
        key, colon, value = core.partition(":")
        if not colon or not key.strip():
            if core and not core.startswith("#"):
                return {}, 0  # a rule over a text, not front matter
            continue
        value = value.strip()
        if not value:
            fields[key.strip()] = listed = []
        elif value.startswith("[") and value.endswith("]"):
            fields[key.strip()] = [_unquoted(item) for item in value[1:-1].split(",")]
        else:
            fields[key.strip()] = _unquoted(value)
    return {}, 0


def _unquoted(value: str) -> str:
    value = value.strip()
    if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'":
        return value[1:-1]
    return value


def _header_lines(
    lines: list[str], start: int, fields: dict[str, object], title: str | None, now: datetime
) -> int:
    """Reads fields from the lines from `start` on; the number of the story's first line."""
    above = False
    for number in range(start, len(lines)):
        core = lines[number].strip()
        if not core:
            continue
        if title and same_words(core, title):
            above = True
        elif (found := _read_header(core, now, near_title=above or bool(fields))) is not None:
            for key, value in found.items():
                fields.setdefault(key, value)
            title = title or _own_title(fields)
        elif not title and (title := _title(core, lines[number + 1 :], now)):
            fields["title"] = title
            above = True
        elif line_kind(core) != "furniture":
            return number
    return len(lines)


def _own_title(fields: dict[str, object]) -> str | None:
    names = {key.lower(): value for key, value in fields.items()}
    title = names.get("title") or names.get("headline")
    return title if isinstance(title, str) else None


def _read_header(line: str, now: datetime, *, near_title: bool) -> dict[str, object] | None:
    """What one header line says, or None where it is no header line."""
    if len(line) > 2000:
        return None
    if match := _HEADER.fullmatch(line):
        name = " ".join(match[1].lower().split())
        key, value = _KEYS.get(name, name), match[2].strip()
        # "Source: …" and the like may begin a sentence; a header says a fact and ends.
        if key == "published" and parse_date(value, now=now) is None and len(value) > 40:
            return None
        if key == "authors" and not looks_like_names(value):
            return None
        if key in ("source", "language", "id") and len(value) > 100:
            return None
        return {key: value}
    if (match := _BY.fullmatch(line)) and looks_like_names(match[1]):
        return {"authors": match[1]}
    if near_title:
        if parse_date(line, now=now) is not None:
            return {"published": line}
        if (match := _DATED.fullmatch(line)) and parse_date(match[1], now=now) is not None:
            updated = line.lower().startswith(("updated", "last updated"))
            return {} if updated else {"published": match[1]}
    return None


def _title(line: str, after: list[str], now: datetime) -> str | None:
    """The headline that a first line is by its looks, or None.

    A headline stands alone, is short, and its words come back in the story below; an
    outlet's or a writer's name, a dateline and a first sentence do not pass for one.
    """
    if match := _HEADING.fullmatch(line):
        return match[1]
    sentence = line.rstrip("\"'”’)")[-1:] in (".", "!", "?")
    if len(line) > (LONGEST_SENTENCE_TITLE if sentence else LONGEST_TITLE) or not after:
        return None
    below = after[0].strip()
    if below and _read_header(below, now, near_title=True) is None:
        return None  # a paragraph that simply goes on
    if _NO_TITLE.match(line) or _TWO_SENTENCES.search(line) or line[-1] in ",;:—":
        return None
    words = line.split()
    if (
        line_kind(line) != "story"
        or len(words) < 3
        or (len(words) < 5 and all(word[0].isupper() for word in words))
    ):
        return None
    telling = set(_LONG_WORD.findall(line.casefold()))
    story = set(_LONG_WORD.findall("\n".join(after)[:STORY_LOOKED_AT].casefold()))
    needed = len(telling) * (SHARED_BY_SENTENCE if sentence else SHARED_BY_HEADLINE)
    return line if telling and len(telling & story) >= max(1, needed) else None
