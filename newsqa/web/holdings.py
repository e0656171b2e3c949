"""What the archive holds and what a change did to it → HTML."""

from __future__ import annotations

from collections.abc import Sequence

from newsqa.types import Article, BuildReport, CheckReport, IndexInfo, Reference, Skip
from newsqa.web.cards import opener
from newsqa.web.markup import count, day, escape, language, listed, span_of_days

SHOWN_SKIPS = 50
SHOWN_OUTLETS = 200
SHOWN_LANGUAGES = 5
SHOWN_NEW = 5
"""Articles that a report names."""


def masthead(info: IndexInfo, *, user: str | None = None) -> str:
    """The name of the page and, in a line, what it answers from; who is logged in, if one is."""
    # Of this browser alone: another one of theirs stays logged in.
    who = (
        f'<p class="who"><bdi dir="auto">{escape(user)}</bdi> '
        '<a class="log-out" href="logout?all_session=false">Log out</a></p>'
        if user
        else ""
    )
    return (
        '<header class="masthead"><h1>newsqa</h1>'
        f'<p class="holds">{escape(in_a_line(info))}</p>{who}</header>'
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
        "What the archive does not hold, it will not answer.</p>"
        f"{_fresh(info)}</section>"
    )


def _fresh(info: IndexInfo) -> str:
    """Up to when one can ask: the newest article, and when the archive was changed last."""
    newest = f"Newest article: {day(info.latest)}" if info.latest else ""
    changed = f"Last changed: {day(info.changed)}" if info.changed else ""
    said = listed([newest, changed])
    return f'<p class="fresh">{said}</p>' if said else ""


def holdings(info: IndexInfo) -> str:
    """Counts, dates and outlets."""
    facts = [
        ("Articles", f"{info.articles:,}"),
        ("Passages", f"{info.passages:,}"),
        ("Published", span_of_days(info.earliest, info.latest) or "no dates"),
        ("Without a date", f"{info.undated:,}"),
        ("Last changed", day(info.changed)),
        ("Languages", _languages(info)),
        ("Encoder", info.encoder),
    ]
    facts = [(name, value) for name, value in facts if value]
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


def _languages(info: IndexInfo) -> str:
    """How many articles are in which, where they are in several."""
    if len(info.languages) < 2:
        return ""
    most = list(info.languages.items())[:SHOWN_LANGUAGES]
    named = ", ".join(f"{language(code)} {number:,}" for code, number in most)
    more = len(info.languages) - len(most)
    return f"{named} and {more} more" if more else named


def report(done: BuildReport, *, new: Sequence[Article] = ()) -> str:
    """What became of everything that was given; `new` are articles to look at."""
    outcomes = [
        (len(done.added), "added"),
        (len(done.updated), "updated"),
        (len(done.unchanged), "unchanged"),
        (len(done.removed), "removed"),
        (len(done.skipped), "skipped"),
    ]
    said = listed(f"{number:,} {word}" for number, word in outcomes if number) or "Nothing to do"
    skips = "".join(_skip(skip) for skip in done.skipped[:SHOWN_SKIPS])
    opened = "".join(f"<li>{opener(Reference.to(each))}</li>" for each in new)
    more = len(done.skipped) - SHOWN_SKIPS
    rest = f"<li>and {more:,} more</li>" if more > 0 else ""
    return (
        f'<section class="report" role="status"><p class="said">{said}</p>'
        + (f'<ul class="new">{opened}</ul>' if opened else "")
        + (f"<h4>Skipped</h4><ul>{skips}{rest}</ul>" if skips else "")
        + "</section>"
    )


def checked(found: CheckReport) -> str:
    """What a check looked at, and what it found wrong."""
    looked = f"Checked {count(found.articles, 'article')}, {count(found.passages, 'passage')}"
    if not found.problems:
        return f'<p class="note" role="status">{looked}: no problem.</p>'
    items = "".join(f"<li>{escape(each)}</li>" for each in found.problems[:SHOWN_SKIPS])
    more = len(found.problems) - SHOWN_SKIPS
    rest = f"<li>and {more:,} more</li>" if more > 0 else ""
    return (
        f'<div class="problem" role="alert"><p>{looked}: '
        f"{count(len(found.problems), 'problem')}.</p><ul>{items}{rest}</ul></div>"
    )


def problem(message: str) -> str:
    """Something that went wrong, as the reader is told."""
    return f'<div class="problem" role="alert"><p dir="auto">{escape(message)}</p></div>'


def _skip(skip: Skip) -> str:
    return (
        f'<li><b dir="auto">{escape(skip.origin)}</b> '
        f'<span dir="auto">{escape(skip.reason)}</span></li>'
    )
