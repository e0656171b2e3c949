"""Question, history and bounds → Query: what is asked, standing on its own."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time
from difflib import get_close_matches
from typing import Any, TypeAlias, get_args

from newsqa.articles.identity import read_language
from newsqa.errors import InputError
from newsqa.retrieval.dates import period_in
from newsqa.retrieval.phrasing import asks_for_newest, outlets_in, without_filler
from newsqa.types import Answer, Inference, Query

Moment: TypeAlias = str | date | datetime | None
"""An instant, or a day: ISO 8601 text, a date, or a datetime (UTC where it names no zone)."""

INFERENCES: tuple[Inference, ...] = get_args(Inference)

MAX_QUESTION_CHARS = 2000

MAX_HISTORY_CHARS = 400
"""Of an earlier question that a follow-up is read with."""

_REFERRING = re.compile(
    r"\b(he|she|it|they|him|her|them|his|hers|its|their|theirs|this|these|those)\b"
    # "there" and "that" refer back only where they stand alone.
    r"|\b(there|that|then)\W*$|^(and|but|so|is|was|did|does|do|why|how|when|who) that\b",
    re.IGNORECASE,
)
_CONTINUING = re.compile(r"^(and|but|so|also|then|what about|how about)\b", re.IGNORECASE)
_BARE = re.compile(r"^(why|when|where|who|how|how many|how much|since when|really)\W*$", re.I)
_NAME = re.compile(r"(?<=\S\s)[A-Z][\w’'-]+")


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
) -> Query:
    """Check what was asked, bound it in time, outlets and languages, say what it speaks of.

    A day stands for all of it: `as_of` and `until` include the day, `since` starts with it.
    `history` holds earlier questions or answers, oldest first; a question that leans on
    them ("and where did he go?") is searched for together with the latest.

    Dates in the question are resolved against `as_of`, else against `now` (aware UTC);
    without either none is.  `ignore` names what is not to be inferred from its words.

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
    why: tuple[str, ...] = ()
    earlier = (history,) if isinstance(history, str | Answer) else tuple(history or ())
    if not all(isinstance(turn, str | Answer) for turn in earlier):
        raise InputError(f"history is {history!r}, expected earlier questions or answers")
    own = text
    if earlier and _leans_on_history(text):
        text, why = _with_history(text, earlier[-1])
    names = (sources,) if isinstance(sources, str) else tuple(sources or ())
    if not all(isinstance(name, str) for name in names):
        raise InputError(f"sources is {sources!r}, expected names of outlets")
    left_undone = inferences(ignore)
    query = Query(
        text=text, sources=names, languages=_codes(languages), why=why, asked=now, **bounds
    )
    return _inferred(query, own, ignore=left_undone)


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


def _inferred(query: Query, own: str, *, ignore: Collection[str]) -> Query:
    """The query with what its words say about its wording and its time.

    `own` is the question without those before it, whose time counts only where it names none.
    """
    why, at = list(query.why), query.as_of or query.asked
    wording = "" if "wording" in ignore else without_filler(query.text)
    period = None
    if at is not None and "period" not in ignore:
        period = period_in(own, now=at) or period_in(query.text, now=at)
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


def _leans_on_history(text: str) -> bool:
    """Whether a question can't stand alone: it refers back and names nothing of its own."""
    if _BARE.match(text) or _CONTINUING.match(text):
        return True
    return not _NAME.search(text) and _REFERRING.search(text) is not None


def _with_history(text: str, latest: str | Answer) -> tuple[str, tuple[str, ...]]:
    before = latest if isinstance(latest, str) else latest.query.text
    before = " ".join(before.split())[:MAX_HISTORY_CHARS]
    named = "" if isinstance(latest, str) or latest.short is None else latest.short
    whole = " ".join(part for part in (before, named, text) if part)
    return whole, (f"Read as a follow-up to “{before}”.",)
