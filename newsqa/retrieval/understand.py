"""Question, history and bounds → Query: what is asked, standing on its own."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time
from difflib import get_close_matches
from typing import Any, TypeAlias, get_args

from newsqa.articles.identity import read_language
from newsqa.errors import InputError
from newsqa.retrieval.dates import period_in
from newsqa.retrieval.earlier import TextOf, Turn
from newsqa.retrieval.followups import Standalone, standalone, turns_of
from newsqa.retrieval.fragments import names_something
from newsqa.retrieval.phrasing import asks_for_newest, outlets_in, without_filler
from newsqa.types import Answer, Inference, Period, Query

Moment: TypeAlias = str | date | datetime | None
"""An instant, or a day: ISO 8601 text, a date, or a datetime (UTC where it names no zone)."""

Propose: TypeAlias = Callable[[str, Sequence[Turn]], str | None]
"""What words a follow-up, given the turns before it; None where it can't."""

INFERENCES: tuple[Inference, ...] = get_args(Inference)

MAX_QUESTION_CHARS = 2000


def understand(
    question: str,
    *,
    history: Sequence[str | Answer] | None = (),
    as_of: Moment = None,
    since: Moment = None,
    until: Moment = None,
    sources: Sequence[str] | str | None = (),
    languages: Sequence[str] | str | None = (),
    now: datetime | None = None,
    ignore: Iterable[str] | None = (),
    propose: Propose | None = None,
    text_of: TextOf | None = None,
) -> Query:
    """Check what was asked, bound it in time, outlets and languages, say what it speaks of.

    A day stands for all of it: `as_of` and `until` include the day, `since` starts with it.
    `history` holds earlier questions or answers, oldest first; a question that leans on
    them ("and where did he go?") is put in a wording of its own (`followups.py`).

    Dates in the question are resolved against `as_of`, else against `now` (aware UTC);
    without either none is.  `ignore` names what is not to be inferred from its words.
    `propose` words follow-ups, where a chat model does; `text_of` gives an article's text.

    Raises InputError for an empty or overlong question, a date that can't be read, a
    span that ends before it starts, what is no language, or an inference that there is not.
    """
    if not isinstance(question, str):
        raise InputError(f"the question is {question!r}, expected text")
    # What is no character (half of a surrogate pair) can be neither encoded nor searched for.
    text = " ".join(question.encode("utf-8", "replace").decode().split())
    if not re.search(r"\w", text):
        raise InputError(f"the question is empty ({question!r}): ask something in words")
    if len(text) > MAX_QUESTION_CHARS:
        raise InputError(
            f"the question has {len(text)} characters, at most {MAX_QUESTION_CHARS} are read: "
            "ask more shortly"
        )
    bounds: dict[str, Any] = {
        "as_of": moment(as_of, end_of_day=True, name="as_of"),
        "since": moment(since, end_of_day=False, name="since"),
        "until": moment(until, end_of_day=True, name="until"),
    }
    first, last = bounds["since"], bounds["until"]
    if first and last and first > last:
        raise InputError(f"since ({first:%Y-%m-%d}) is after until ({last:%Y-%m-%d})")
    earlier = (history,) if isinstance(history, str | Answer) else tuple(history or ())
    if not all(isinstance(turn, str | Answer) for turn in earlier):
        raise InputError(f"history is {history!r}, expected earlier questions or answers")
    own, period = text, None
    followed, why = _followed(text, turns_of(earlier, text_of), propose)
    if followed is not None:
        text, at = followed.text, bounds["as_of"] or now
        if followed.same_matter:
            before = period_in(followed.turn.question, now=at) if at else None
            period = followed.turn.period or before
    names = (sources,) if isinstance(sources, str) else tuple(sources or ())
    if not all(isinstance(name, str) for name in names):
        raise InputError(f"sources is {sources!r}, expected names of outlets")
    left_undone = inferences(ignore)
    query = Query(
        text=text, sources=names, languages=_codes(languages), why=why, asked=now, **bounds
    )
    return _inferred(query, own, period, ignore=left_undone)


def _followed(
    question: str, turns: Sequence[Turn], propose: Propose | None
) -> tuple[Standalone | None, tuple[str, ...]]:
    """A follow-up in a wording of its own, and what to say of it; None where it is none."""
    by_rule = standalone(question, turns)
    followed = by_rule
    note: tuple[str, ...] = ()
    if propose is not None and turns and (by_rule or not names_something(question)):
        wording = propose(question, turns)
        if wording is None:
            note = ("The chat model gave no wording of it that could be used.",)
        elif wording.casefold().strip("?.! ") != question.casefold().strip("?.! "):
            same = by_rule.same_matter if by_rule else True
            turn = by_rule.turn if by_rule else turns[-1]
            followed = Standalone(text=wording, turn=turn, same_matter=same)
    if followed is None:
        return None, ()
    said = f"Understood as “{followed.text}”, a follow-up to “{followed.turn.question}”."
    return followed, (said, *note)


def _codes(languages: Sequence[str] | str | None) -> tuple[str, ...]:
    """The codes of languages as articles have them: "de" for "de-AT" and "German" alike."""
    given = (languages,) if isinstance(languages, str) else tuple(languages or ())
    codes = [read_language(each) if isinstance(each, str) else None for each in given]
    for each, code in zip(given, codes, strict=True):
        if code is None:
            raise InputError(f"languages has {each!r}, expected codes such as 'en'")
    return tuple(dict.fromkeys(code for code in codes if code))


def inferences(names: Iterable[str] | None) -> tuple[str, ...]:
    """The names of what is not to be inferred, checked.  Raises InputError for others."""
    given: Iterable[str] = () if names is None else names
    kept = tuple(given) if isinstance(given, Iterable) and not isinstance(given, str) else None
    if kept is None or not all(name in INFERENCES for name in kept):
        raise InputError(f"ignore is {names!r}, expected names out of {', '.join(INFERENCES)}")
    return kept


def _inferred(query: Query, own: str, before: Period | None, *, ignore: Collection[str]) -> Query:
    """The query with what its words say about its wording and its time.

    `own` is the question as it was asked; `before` the time that the one before spoke of, which
    holds on where neither this question nor its standalone wording names one.
    """
    why, at = list(query.why), query.as_of or query.asked
    wording = "" if "wording" in ignore else without_filler(query.text)
    period = None
    if at is not None and "period" not in ignore:
        period = period_in(own, now=at) or period_in(query.text, now=at) or before
    newest = "newest" not in ignore and period is None and asks_for_newest(own)
    if wording:
        why.append(f"Searched for “{wording}”.")
    if period is not None:
        days = f"{period.start:%Y-%m-%d}"
        if period.end.date() != period.start.date():
            days += f" to {period.end:%Y-%m-%d}"
        why.append(f"“{period.text}” is read as {days}: articles near it come first.")
    if newest:
        why.append("Asks for how things stand now: the newest articles come first.")
    return replace(query, wording=wording, period=period, newest=newest, why=tuple(why))


def in_archive(query: Query, outlets: Sequence[str], *, ignore: Collection[str] = ()) -> Query:
    """The query as an archive with these outlets sees it.

    It says in `why` which of its `sources` the archive doesn't have, and holds the outlets that
    its words name.
    """
    known = {outlet.casefold(): outlet for outlet in outlets}
    hints = []
    named: tuple[str, ...] = ()
    if not query.sources and "outlets" not in ignore:
        named = outlets_in(query.text, outlets)
        if named:
            hints.append(f"Articles of {' and '.join(named)}, named in the question, come first.")
    for name in query.sources:
        if name.casefold() not in known:
            near = get_close_matches(name.casefold(), known, n=1)
            hint = f"No outlet is called “{name}”"
            hints.append(f"{hint}; did you mean “{known[near[0]]}”?" if near else f"{hint}.")
    return replace(query, outlets=named, why=(*query.why, *hints)) if hints else query


def moment(value: Moment, *, end_of_day: bool, name: str) -> datetime | None:
    """An aware UTC instant; a day becomes its first or its last microsecond."""
    if isinstance(value, str):
        value = value.strip() or None
    if value is None:
        return None
    try:
        if isinstance(value, str):
            value = _day(value) or datetime.fromisoformat(value)
        if not isinstance(value, datetime):
            value = datetime.combine(value, time.max if end_of_day else time.min, UTC)
        return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)
    except (ValueError, TypeError, OverflowError) as error:
        raise InputError(
            f"{name}={value!r} is not a date: expected YYYY-MM-DD or an ISO 8601 instant"
        ) from error


def _day(text: str) -> date | None:
    """The day that ISO 8601 text names, in any of its forms, or None where it is no bare day."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
