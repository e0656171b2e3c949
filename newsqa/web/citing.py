"""An answer with its citations, in the forms in which people take it elsewhere."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any

from newsqa.types import UNVERIFIED, Answer, Citation, Reference
from newsqa.web.markup import day, safe_href

FORMS = {
    "text": "As text",
    "markdown": "As Markdown",
    "bibtex": "Sources as BibTeX",
    "csl": "Sources as CSL-JSON",
}
_MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()
_MARKUP = re.compile(r"([\\`*_\[\]<>#|~&])")


def cited(answer: Answer, form: str) -> str:
    """The answer in one of `FORMS`."""
    if form == "text":
        return as_text(answer)
    if form == "markdown":
        return as_markdown(answer)
    return as_bibtex(answer.citations) if form == "bibtex" else as_csl(answer.citations)


def as_text(answer: Answer) -> str:
    """Question, answer with its marks, and a numbered list of sources with their quotes."""
    lines = [answer.question, "", *([answer.headline, ""] if answer.headline else [])]
    lines += [answer.text.strip(), ""]
    lines += _unverified(answer)
    for citation in answer.citations:
        lines += [f"[{citation.number}] {_named(citation)}", f"    “{_line(citation.quote)}”"]
        lines += [f"    {href}" for href in [safe_href(citation.url)] if href]
    return "\n".join([*lines, "", _bounded(answer)]).strip() + "\n"


def as_markdown(answer: Answer) -> str:
    """The same, each mark a footnote."""
    text = re.sub(r"\s*\[(\d+)\]", r"[^\1]", _unmarked(answer.text.strip()))
    lines = [f"**{_escaped(answer.question)}**", ""]
    lines += [f"{_escaped(answer.headline)}", ""] if answer.headline else []
    lines += [text, "", *map(_escaped, _unverified(answer))]
    for citation in answer.citations:
        href = safe_href(citation.url)
        title = _escaped(_line(citation.title or "Untitled"))
        linked = f"[{title}](<{href}>)" if href else title
        about = ", ".join(map(_escaped, _facts(citation)))
        quote = _escaped(_line(citation.quote))
        lines += [f"[^{citation.number}]: {linked}{', ' + about if about else ''}: “{quote}”", ""]
    return "\n".join([*lines, _escaped(_bounded(answer))]).strip() + "\n"


def as_bibtex(citations: Sequence[Citation]) -> str:
    """One entry for each article, its quotes in the note."""
    from bibtexparser import library
    from bibtexparser.model import Entry, Field
    from bibtexparser.writer import write

    entries: list[Any] = []
    taken: set[str] = set()
    for article, quotes in _articles(citations):
        fields = {
            "title": f"{{{_latex(_line(article.title or 'Untitled'))}}}",
            "author": " and ".join(f"{{{_latex(_line(name))}}}" for name in article.authors),
            "journal": _latex(_line(article.source or "")),
            "year": f"{article.published:%Y}" if article.published else "",
            "month": _MONTHS[article.published.month - 1] if article.published else "",
            "day": str(article.published.day) if article.published else "",
            "url": (safe_href(article.url) or "").replace("{", "%7B").replace("}", "%7D"),
            "note": _latex("Quoted: " + " … ".join(f"“{_line(quote)}”" for quote in quotes)),
        }
        entries.append(
            Entry(
                "article" if article.source else "misc",
                _key(article, taken),
                [Field(name, _value(name, value)) for name, value in fields.items() if value],
            )
        )
    return write(library.Library(entries))


def as_csl(citations: Sequence[Citation]) -> str:
    """CSL-JSON, as Zotero and pandoc read it: one item for each article."""
    items = []
    taken: set[str] = set()
    for article, quotes in _articles(citations):
        when = article.published
        item: dict[str, object] = {
            "id": _key(article, taken),
            "type": "article-newspaper",
            "title": _line(article.title or "Untitled"),
            "container-title": _line(article.source or ""),
            "author": [{"literal": _line(name)} for name in article.authors],
            "issued": {"date-parts": [[when.year, when.month, when.day]]} if when else None,
            "URL": safe_href(article.url),
            "note": "Quoted: " + " … ".join(f"“{_line(quote)}”" for quote in quotes),
        }
        items.append({name: value for name, value in item.items() if value})
    return json.dumps(items, ensure_ascii=False, indent=2) + "\n"


def _articles(citations: Iterable[Citation]) -> list[tuple[Citation, list[str]]]:
    """Each article once, by its first citation, with its quotes in order."""
    found: dict[str, tuple[Citation, list[str]]] = {}
    for each in citations:
        found.setdefault(each.article_id, (each, []))[1].append(each.quote)
    return list(found.values())


def _key(reference: Reference, taken: set[str]) -> str:
    """A citation key of ASCII letters and digits: outlet, year, first word of the title."""
    year = f"{reference.published:%Y}" if reference.published else ""
    word = next((w for w in re.findall(r"\w{4,}", reference.title or "")), "")
    plain = unicodedata.normalize("NFKD", f"{reference.source or 'news'}{year}{word}")
    key = base = re.sub(r"[^A-Za-z0-9]", "", plain)[:40].lower() or "news"
    number = 2
    while key in taken:
        key, number = f"{base}-{number}", number + 1
    taken.add(key)
    return key


def _value(name: str, value: str) -> str:
    # A month is a name that BibTeX knows, which must stand bare.
    return value if name == "month" else f"{{{value}}}"


@cache
def _encoder() -> Any:
    from pylatexenc.latexencode import (
        RULE_DICT,
        UnicodeToLatexConversionRule,
        UnicodeToLatexEncoder,
    )

    # BibTeX counts even escaped braces: one without its other would swallow what follows.
    braces = {ord("{"): r"{\textbraceleft}", ord("}"): r"{\textbraceright}"}
    return UnicodeToLatexEncoder(
        conversion_rules=[UnicodeToLatexConversionRule(RULE_DICT, braces), "defaults"],
        unknown_char_warning=False,
    )


def _latex(text: str) -> str:
    encoded: str = _encoder().unicode_to_latex(text)
    return encoded


def _named(citation: Citation) -> str:
    return ", ".join([f"“{_line(citation.title or 'Untitled')}”", *_facts(citation)])


def _facts(citation: Citation) -> list[str]:
    facts = [_line(", ".join(citation.authors)), _line(citation.source or "")]
    return [fact for fact in [*facts, day(citation.published) or "undated"] if fact]


def _bounded(answer: Answer) -> str:
    as_of = answer.query.as_of
    searched = f"From an archive of {answer.searched.articles:,} articles"
    return f"{searched}, as of {day(as_of)}." if as_of else f"{searched}."


def _unverified(answer: Answer) -> list[str]:
    """What the mark of a sentence without support says, where one has it."""
    if not answer.unverified:
        return []
    return [f"{UNVERIFIED}: no quote of the archive supports the sentence before it.", ""]


def _unmarked(text: str) -> str:
    """Markdown of prose whose marks stay as they are."""
    pieces = re.split(r"(\[\d+\])", text)
    return "".join(p if at % 2 else _escaped(p) for at, p in enumerate(pieces))


def _escaped(text: str) -> str:
    return _MARKUP.sub(r"\\\1", text)


def _line(text: str) -> str:
    """In one line, without what controls a terminal or a reader."""
    shown = (c for c in " ".join(text.split()) if unicodedata.category(c) not in ("Cc", "Cs"))
    return "".join(shown)
