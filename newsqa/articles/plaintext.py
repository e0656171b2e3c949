"""Plain text and Markdown: the title and the facts that stand above the story.

Read are front matter (a `---` block of `key: value`), header lines ("Title: …", "By …",
"Published: …"), a Markdown heading, and a first line that looks like a headline.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime

from newsqa.articles.authors import read_authors
from newsqa.articles.clean import sanitize
from newsqa.articles.dates import parse_date
from newsqa.articles.furniture import line_kind

LONGEST_TITLE = 200
"""Characters of a headline found by its looks."""
LONGEST_SENTENCE_TITLE = 120
"""The same where it ends like a sentence: some pages punctuate headlines."""
FRONT_MATTER_LINES = 100

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
_BY = re.compile(r"by\s+([A-Z].{1,98})", re.IGNORECASE)
_NAME_LIKE = re.compile(r"(?:[^\W\d_][\w.'’-]*|and|&|,|;)(?:[\s,;]+(?:[^\W\d_][\w.'’-]*|and|&))*")
_DATED = re.compile(
    r"(?:published|posted|updated|last updated)(?: on| at)?\s*:?\s+(.+)", re.IGNORECASE
)
_HEADING = re.compile(r"#{1,6}\s+(.+?)\s*#*")
_DATELINE = re.compile(
    r"[A-Z][A-Z .,'’-]{2,40}(?:,? [A-Z][\w. ]{1,25})?(?: \([A-Z]\w+\))?\s+[—–-]+\s"
)
_MARKDOWN = (
    (re.compile(r"^\s*!\[[^\]\n]*\]\([^)\n]*\)\s*$", re.MULTILINE), ""),
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


def read_headed(text: str, *, now: datetime, markdown: bool = False) -> Headed:
    """Title, authors, date, outlet and address from the top of a text, and the rest."""
    lines = sanitize(text).split("\n")
    fields, start = _front_matter(lines)
    start = _header_lines(lines, start, fields, now)
    rest = "\n".join(lines[start:])
    if markdown:
        rest = plain_markdown(rest)
    title = fields.get("title")
    if markdown and isinstance(title, str):
        fields["title"] = plain_markdown(title)
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
    for number, line in enumerate(lines[1:FRONT_MATTER_LINES], start=1):
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


def _header_lines(lines: list[str], start: int, fields: dict[str, object], now: datetime) -> int:
    """Reads fields from the lines from `start` on; the number of the story's first line."""
    after_title = False
    for number in range(start, len(lines)):
        core = lines[number].strip()
        if not core:
            continue
        found = _read_header(core, now, near_title=after_title or bool(fields))
        if found is not None:
            for key, value in found.items():
                fields.setdefault(key, value)
        elif not _has_title(fields) and (title := _title(core, lines[number + 1 :], now)):
            fields["title"] = title
            after_title = True
        elif line_kind(core) != "furniture":
            return number
    return len(lines)


def _has_title(fields: dict[str, object]) -> bool:
    return any(key.lower() in ("title", "headline") for key in fields)


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
        if key == "authors" and not read_authors(value):
            return None
        if key in ("source", "language", "id") and len(value) > 100:
            return None
        return {key: value}
    if match := _BY.fullmatch(line):
        if (
            line[:2] in ("By", "BY")
            and _NAME_LIKE.fullmatch(match[1])
            and len(match[1].split()) < 12
        ):
            return {"authors": match[1]} if match[1].rstrip()[-1:] not in ",;:" else None
        return None
    if near_title:
        if parse_date(line, now=now) is not None:
            return {"published": line}
        if (match := _DATED.fullmatch(line)) and parse_date(match[1], now=now) is not None:
            updated = line.lower().startswith(("updated", "last updated"))
            return {} if updated else {"published": match[1]}
    return None


def _title(line: str, after: list[str], now: datetime) -> str | None:
    """The headline that a first line is by its looks, or None."""
    if match := _HEADING.fullmatch(line):
        return match[1]
    if len(line) > LONGEST_TITLE or not after:
        return None
    following = next((rest.strip() for rest in after if rest.strip()), "")
    header_follows = _read_header(after[0].strip(), now, near_title=True) if after[0] else None
    if not following or (after[0].strip() and header_follows is None):
        return None  # nothing below it, or a paragraph that simply goes on
    if _DATELINE.match(line) or line_kind(line) != "story" or not re.search(r"[^\W\d_]{2}", line):
        return None
    if re.search(r"[a-z\d)\]][.!?][\"'”’]?\s+[\"“A-Z]", line) or line.endswith(
        (",", ";", ":", "—")
    ):
        return None  # two sentences, or half of one
    if line[-1] in '"”' and line[0] in '"“':
        return None
    limit = LONGEST_SENTENCE_TITLE if line[-1] in ".!" else LONGEST_TITLE
    return line if len(line) <= limit else None
