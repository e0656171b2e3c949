"""The nouns of the domain, in the order in which data flows.

Article → Passage → Query → Hit → Evidence → Citation → Answer (or Choice).  Every type is
frozen, slotted and keyword-only; none carries vectors.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, TypeAlias

Inference: TypeAlias = Literal["wording", "period", "newest", "outlets"]
"""What may be inferred from a question's words; each can be left undone."""
Status: TypeAlias = Literal["answered", "no_evidence"]
ChangeKind: TypeAlias = Literal["updated", "withdrawn", "removed", "restored", "repaired"]
EXTRACTIVE = "extractive"
UNVERIFIED = "[unverified]"
"""What stands behind a sentence that no quote supports, where such are shown."""
Verdict: TypeAlias = Literal["yes", "no"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A half-open range of characters of an article's text: `text[start:end]`."""

    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """One published story, as read from a file, a feed or a page.

    `published` and `retrieved` are aware UTC datetimes; a date without a time is
    midnight UTC.  What was not found is None (or empty for `authors`), never guessed.
    """

    id: str
    title: str | None
    text: str
    url: str | None = None
    source: str | None = None
    """The outlet that published it."""
    authors: tuple[str, ...] = ()
    published: datetime | None = None
    language: str | None = None
    retrieved: datetime | None = None
    origin: str | None = None
    """The path or address that it was read from."""
    content_hash: str
    """Hex digest of what is indexed: title, text, url, source, authors, published, language."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Skip:
    """Something that was given but not read, by name, and why."""

    origin: str
    reason: str
    withdrawn: bool = False
    """Whether it was read, and left out because it had been withdrawn."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """Whole consecutive sentences of an article: `text == article.text[start:end]`."""

    id: int
    """63-bit, derived from the article's id and content and the place in it."""
    article_id: str
    start: int
    end: int
    text: str
    sentences: tuple[Span, ...]
    """In order, within [start, end), as offsets into the article's text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """A time that a question speaks of, aware UTC, both ends included."""

    text: str
    """The words that name it."""
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """What is asked, after understanding.

    Bounds are aware UTC instants, inclusive, None where unbounded; `sources` is empty
    where every outlet counts, `languages` (codes such as "en") where every language does.
    What was inferred from the question's words (`wording`, `period`, `newest`, `outlets`) puts
    passages in order and excludes none.
    """

    text: str
    asked: datetime | None = field(default=None, compare=False)
    """When it is asked, where that is known."""
    wording: str = ""
    """The question without its filler, which is what is searched for; empty where it has none."""
    period: Period | None = None
    """When what is asked about happened, as far as the question says."""
    newest: bool = False
    """Whether it asks for how things stand now ("the latest", "currently")."""
    outlets: tuple[str, ...] = ()
    """Outlets that it names ("according to …")."""
    as_of: datetime | None = None
    since: datetime | None = None
    until: datetime | None = None
    sources: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    why: tuple[str, ...] = ()
    """What was inferred or decided, in sentences for the user to see."""

    @property
    def searched(self) -> str:
        """The words that are searched for."""
        return self.wording or self.text


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A passage that was found, with the article it stands in as of that search."""

    passage: Passage
    article: Article
    rank: int
    """From 1, without gaps."""
    score: float
    """Higher is better; comparable within one search only."""
    signals: Mapping[str, float] = field(default_factory=dict, hash=False)
    """What each signal contributed to the score, by name."""
    copies: tuple[str, ...] = ()
    """Ids of other articles that print the same: nearly the same passage, or the same story."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """A quote: `text == article.text[start:end]`, and the rank of the hit that it came from."""

    article: Article
    start: int
    end: int
    text: str
    hit: int
    score: float
    """In [0, 1]: how directly the quote speaks to the question."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """An article, named as one names it to a reader."""

    article_id: str
    title: str | None
    source: str | None
    authors: tuple[str, ...]
    published: datetime | None
    url: str | None

    @classmethod
    def to(cls, article: Article) -> Reference:
        """All of an article that a reader needs to find it, without its text."""
        return Reference(
            article_id=article.id,
            title=article.title,
            source=article.source,
            authors=article.authors,
            published=article.published,
            url=article.url,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Citation(Reference):
    """What stands behind the mark `[number]`: the exact words and where they stand."""

    number: int
    """From 1, without gaps, in the order of first use in the answer."""
    quote: str
    start: int
    end: int
    context: str
    """The paragraph around the quote, for showing it in its place; long ones are cut."""
    context_start: int
    """Offset of `context` in the article's text."""
    elsewhere: tuple[Reference, ...] = ()
    """Copies of the story, by publication, that have the quote word for word."""
    corrected: datetime | None = None
    """When the archive last took in other words of the article: None where it never did."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """What a search could look at, after every filter."""

    articles: int
    undated_excluded: int
    """Articles left out because they have no date and the question is bound in time."""
    earliest: datetime | None
    latest: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A cited answer, or an honest refusal.

    `confidence` is in [0, 1].  Where `status` is "no_evidence", `text` says so and what
    was searched, `citations` is empty and `nearest` holds the nearest articles.
    """

    question: str
    text: str
    short: str | None
    """The shortest exact answer, standing in a cited quote, or None."""
    status: Status
    confidence: float
    citations: tuple[Citation, ...]
    query: Query
    searched: Coverage
    nearest: tuple[Reference, ...] = ()
    several: tuple[str, ...] = ()
    """Where a question asks for several ("which countries…"): all exact answers, `short` first."""
    verdict: Verdict | None = None
    """Where a question asks for yes or no and the sentence that answers it states it."""
    composer: str = EXTRACTIVE
    """Who wrote the text: "extractive" where it is the articles' own, else a chat model's name."""
    note: str | None = None
    """What of a chat model's text was left out, or why it was not used."""
    unverified: tuple[str, ...] = ()
    """Sentences that no quote supports, marked in the text; only where such are asked for."""
    timings: Mapping[str, float] = field(default_factory=dict, hash=False)
    """Seconds spent, by step."""

    @property
    def headline(self) -> str | None:
        """The answer in a word or two, for showing above the text: exact answers, yes or no."""
        if self.several:
            return "; ".join(self.several)
        return self.short or (self.verdict.capitalize() if self.verdict else None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """The given answer that the archive supports best, and where it does."""

    text: str
    index: int
    """Place among the choices, from 0."""
    confidence: float
    """In [0, 1]: how likely it is the right one."""
    citations: tuple[Citation, ...]
    """At least one, each of another article, the strongest first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """One step of a long run, for showing: how far, of how much where known."""

    step: str
    done: int = 0
    total: int | None = None
    message: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildReport:
    """What a change did to an index: article ids by outcome, and what was skipped and why."""

    added: tuple[str, ...] = ()
    updated: tuple[str, ...] = ()
    unchanged: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    skipped: tuple[Skip, ...] = ()
    passages: int = 0
    """Passages written."""
    embedded: int = 0
    """Of those, how many had to be embedded; the others' vectors were known."""
    seconds: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What happened to an article after it was first stored; its earlier words are not kept."""

    article_id: str
    kind: ChangeKind
    """Withdrawn on purpose, or removed because its file was gone; restored by being added again;
    repaired: the same article taken in again where it had been found damaged."""
    at: datetime
    """When the archive was changed, aware UTC."""
    content_hash: str | None
    """Of the version before; None where there was none."""
    published: datetime | None
    """Of the version before."""
    fields: tuple[str, ...] = ()
    """What of it was changed, by name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexInfo:
    """What an index holds and how."""

    path: str
    articles: int
    passages: int
    undated: int
    """Articles without a date."""
    sources: Mapping[str, int] = field(hash=False)
    """Outlets by name, with their number of articles, most first."""
    earliest: datetime | None
    latest: datetime | None
    encoder: str
    kind: str
    """How vectors are searched: "exact", "inverted file" or "quantised inverted file"."""
    generation: int
    bytes: int
    """Size on disk."""
    sizes: Mapping[str, int] = field(default_factory=dict, hash=False)
    """Of that, by what it is for: "articles" (with their vectors), "vectors", "words"."""
    changed: datetime | None = None
    """When it was changed last; None where the index is of a format that doesn't tell."""
    languages: Mapping[str, int] = field(default_factory=dict, hash=False)
    """Languages by code ("en"), with their number of articles, most first."""
    changes: Mapping[str, int] = field(default_factory=dict, hash=False)
    """How often articles were "updated", "withdrawn", "removed", "restored" and "repaired"."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckReport:
    """What a check of an index looked at, and every problem that it found."""

    articles: int
    passages: int
    problems: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CompactReport:
    """What giving back room has brought."""

    bytes_before: int
    bytes_after: int
    seconds: float
