"""What the archive holds and what a change did to it → HTML."""

from __future__ import annotations

from newsqa.types import Article, BuildReport, IndexInfo, Skip
from newsqa.web.markup import count, day, escape, link, listed, span_of_days

SHOWN_SKIPS = 50
SHOWN_OUTLETS = 200
SHOWN_CHARS = 600
"""Of an article's text in a preview."""


def masthead(info: IndexInfo) -> str:
    """The name of the page and, in a line, what it answers from."""
    return (
        '<header class="masthead"><h1>newsqa</h1>'
        f'<p class="holds">{escape(in_a_line(info))}</p></header>'
    )


def in_a_line(info: IndexInfo) -> str:
    """How many articles, of how many outlets, of which days."""
    if not info.articles:
        return "The archive is empty"
    return listed(
        [
            count(info.articles, "article"),
            count(len(info.sources), "outlet") if info.sources else "",
            span_of_days(info.earliest, info.latest),
        ]
    )


def welcome(info: IndexInfo, *, read_only: bool) -> str:
    """The first screen, before anything was asked."""
    if not info.articles:
        how = (
            "Whoever keeps it has not added any articles."
            if read_only
            else "Add articles in the Archive tab, then come back and ask."
        )
        return f'<section class="welcome"><h2>Nothing to ask yet</h2><p>{how}</p></section>'
    return (
        '<section class="welcome"><h2>Ask the archive</h2>'
        "<p>Each sentence of an answer links to the exact words of an article. "
        "What the archive does not hold, it will not answer.</p></section>"
    )


def holdings(info: IndexInfo) -> str:
    """Counts, dates and outlets."""
    facts = [
        ("Articles", f"{info.articles:,}"),
        ("Passages", f"{info.passages:,}"),
        ("Published", span_of_days(info.earliest, info.latest) or "no dates"),
        ("Without a date", f"{info.undated:,}"),
        ("Encoder", info.encoder),
    ]
    rows = "".join(f"<div><dt>{name}</dt><dd>{escape(value)}</dd></div>" for name, value in facts)
    outlets = list(info.sources.items())
    lines = "".join(
        f'<tr><td dir="auto">{escape(name)}</td><td>{number:,}</td></tr>'
        for name, number in outlets[:SHOWN_OUTLETS]
    )
    more = len(outlets) - SHOWN_OUTLETS
    rest = f"<p>and {count(more, 'more outlet')}</p>" if more > 0 else ""
    table = (
        '<div class="outlets"><table><thead><tr><th scope="col">Outlet</th>'
        f'<th scope="col">Articles</th></tr></thead><tbody>{lines}</tbody></table></div>{rest}'
        if lines
        else ""
    )
    return f'<section class="holdings"><h3>What it holds</h3><dl>{rows}</dl>{table}</section>'


def report(done: BuildReport) -> str:
    """What became of everything that was given."""
    outcomes = [
        (len(done.added), "added"),
        (len(done.updated), "updated"),
        (len(done.unchanged), "unchanged"),
        (len(done.removed), "removed"),
        (len(done.skipped), "skipped"),
    ]
    said = listed(f"{number:,} {word}" for number, word in outcomes if number) or "Nothing to do"
    skips = "".join(_skip(skip) for skip in done.skipped[:SHOWN_SKIPS])
    more = len(done.skipped) - SHOWN_SKIPS
    rest = f"<li>and {more:,} more</li>" if more > 0 else ""
    return (
        f'<section class="report" role="status"><p class="said">{said}</p>'
        + (f"<ul>{skips}{rest}</ul>" if skips else "")
        + "</section>"
    )


def problem(message: str) -> str:
    """Something that went wrong, as the reader is told."""
    return f'<div class="problem" role="alert"><p dir="auto">{escape(message)}</p></div>'


def preview(article: Article) -> str:
    """Enough of an article to be sure that it is the one."""
    title = " ".join((article.title or "").split()) or "Untitled"
    start = article.text[:SHOWN_CHARS]
    if len(article.text) > SHOWN_CHARS:
        start = start.rpartition(" ")[0] + " …"
    where = listed([escape(article.source or ""), day(article.published) or "undated"])
    return (
        f'<section class="preview"><h4 class="title">{link(title, article.url)}</h4>'
        f'<p class="where" dir="auto">{where}</p>'
        f'<blockquote dir="auto">{escape(start)}</blockquote></section>'
    )


def label(article: Article) -> str:
    """An article in one line of plain text, for a list to pick from."""
    title = " ".join((article.title or "Untitled").split())
    return listed([title, article.source or "", day(article.published) or "undated"])


def _skip(skip: Skip) -> str:
    return (
        f'<li><b dir="auto">{escape(skip.origin)}</b> '
        f'<span dir="auto">{escape(skip.reason)}</span></li>'
    )
