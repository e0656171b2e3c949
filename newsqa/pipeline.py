"""NewsQA: the only place that puts stages together."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from newsqa import models
from newsqa.articles import Source
from newsqa.building import OnProgress, add_articles, remove_articles
from newsqa.config import CHOICE_LIMIT, DEFAULT_INDEX, DEFAULT_LIMIT, Settings
from newsqa.embedding import Encoder
from newsqa.errors import ArchiveError, InputError
from newsqa.indexing import Filter, Index, View
from newsqa.retrieval import (
    Moment,
    Propose,
    filter_of,
    in_archive,
    inferences,
    printed_elsewhere,
    search,
    stands_alone,
    understand,
)
from newsqa.synthesis import (
    Judge,
    Reader,
    Writer,
    answer_from,
    choose_from,
    find,
    proposer,
    stands_for_none,
    written,
)
from newsqa.types import (
    EXTRACTIVE,
    Answer,
    Article,
    BuildReport,
    Change,
    CheckReport,
    Choice,
    Citation,
    CompactReport,
    Hit,
    IndexInfo,
    Progress,
    Query,
    Reference,
)

if TYPE_CHECKING:
    from newsqa.chat_models import BaseChatModel
    from newsqa.langchain import BaseRetriever, BaseTool

MAX_CHOICE_CHARS = 500
OF_EACH_CHOICE = 2
"""Passages that are read for one choice beside those for the question."""


def build(
    paths: Source | Iterable[Source],
    *,
    index: str | Path = DEFAULT_INDEX,
    settings: Settings | None = None,
    encoder: Encoder | None = None,
    prune: bool = False,
    restore: bool = False,
    progress: OnProgress | None = None,
    now: datetime | None = None,
) -> BuildReport:
    """Bring an index up to date with articles: made where there is none, changed where there is.

    What can't be read is skipped by name in the report and stops nothing.  Work is
    committed as it goes: after an interruption the same call does only the rest.
    `prune` removes articles that were read from a file under `paths` before and are no longer
    there; articles that were withdrawn stay so unless `restore` is true.

    Raises IndexBusy where another process is writing to the index, IndexMismatch where
    it was made by another encoder.
    """
    settings = settings or Settings()
    encoder = encoder or models.encoder(settings.embedding)
    opened = Index.create(
        index, encoder=encoder.name, fingerprint=encoder.fingerprint, dimension=encoder.dimension
    )
    try:
        report = add_articles(
            opened,
            paths,
            encoder=encoder,
            settings=settings,
            prune=prune,
            restore=restore,
            progress=progress,
            now=now,
        )
        if progress and opened.merging:
            progress(Progress(step="merge", done=0))
        return report
    finally:
        opened.close()


def ask(
    question: str,
    *,
    index: str | Path = DEFAULT_INDEX,
    history: Sequence[str | Answer] = (),
    as_of: Moment = None,
    since: Moment = None,
    until: Moment = None,
    sources: Sequence[str] | str = (),
    languages: Sequence[str] | str = (),
    ignore: Iterable[str] | None = (),
    limit: int = DEFAULT_LIMIT,
    settings: Settings | None = None,
) -> Answer:
    """One cited answer, as `NewsQA.ask`; the model is loaded once a process."""
    with NewsQA.open(index, settings=settings) as qa:
        return qa.ask(
            question,
            history,
            as_of=as_of,
            since=since,
            until=until,
            sources=sources,
            languages=languages,
            ignore=ignore,
            limit=limit,
        )


def remove(article_ids: str | Iterable[str], *, index: str | Path = DEFAULT_INDEX) -> BuildReport:
    """Withdraw articles from an index, as `NewsQA.remove`, without loading a model."""
    opened = Index.open(index)
    try:
        return remove_articles(opened, article_ids)
    finally:
        opened.close()


class NewsQA:
    """An archive, open for questions and changes.  Safe to share between threads."""

    def __init__(
        self,
        index: Index,
        encoder: Encoder,
        settings: Settings | None = None,
        *,
        reader: Reader | None = None,
        writer: Writer | None = None,
    ):
        """Without `reader`, the settings' is loaded when it is first needed.

        `writer` writes the answers where one is given.
        """
        index.require_encoder(name=encoder.name, fingerprint=encoder.fingerprint)
        self._index = index
        self._encoder = encoder
        self._given_reader = reader
        self._writer = writer
        self.settings = settings or Settings()

    @classmethod
    def open(
        cls,
        index: str | Path = DEFAULT_INDEX,
        *,
        settings: Settings | None = None,
        encoder: Encoder | None = None,
        chat_model: str | BaseChatModel | None = None,
    ) -> NewsQA:
        """Open an index directory.

        `chat_model` writes the answers, each sentence shown only once its quotes support it: one
        of LangChain's own, or a name for its `init_chat_model` ("openai:…", "anthropic:…",
        "ollama:…"); without it that of the settings, if they name one.  Its key is taken from the
        environment and nowhere else.

        The encoder is the one that the index was made with, unless `settings` name another.
        A name that comes from the index alone is never looked for on the network.

        Raises IndexNotFound, IndexMismatch, IndexDamaged, EncoderError or ChatModelError.
        """
        opened = Index.open(index)
        settings = settings or Settings()
        try:
            if encoder is None:
                encoder = models.encoder_of(opened.encoder, settings.embedding)
            return cls(opened, encoder, settings, writer=models.writer(chat_model, settings.chat))
        except BaseException:
            opened.close()
            raise

    @property
    def encoder(self) -> Encoder:
        """The model that turns questions and passages into vectors."""
        return self._encoder

    @property
    def _reader(self) -> Reader | None:
        return self._given_reader or models.reader(self.settings.reading)

    def load(self) -> None:
        """Load the reading model now rather than at the first question.  Raises ReaderError."""
        _ = self._reader

    def close(self) -> None:
        """Let go of the index's files."""
        self._index.close()

    def __enter__(self) -> NewsQA:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # Asking.

    def ask(
        self,
        question: str,
        history: Sequence[str | Answer] = (),
        *,
        as_of: Moment = None,
        since: Moment = None,
        until: Moment = None,
        sources: Sequence[str] | str = (),
        languages: Sequence[str] | str = (),
        ignore: Iterable[str] | None = (),
        limit: int = DEFAULT_LIMIT,
    ) -> Answer:
        """A cited answer from what was published by `as_of`, or a refusal that says why.

        `history` holds earlier questions or, better, answers, the oldest first: a question that
        leans on them is put in a wording of its own, which `query.text` holds and `query.why` says.
        `limit` is how many passages are read for it.  `since` and `until` bound the dates of
        publication, `sources` names outlets, `languages` codes such as "en".  `ignore` names
        what is not to be inferred from the question's words: "wording", "period", "newest",
        "outlets" (the answer's `query.why` says what was).  Raises InputError for what can't be
        asked.
        """
        *_, answer = self.stream(
            question,
            history,
            as_of=as_of,
            since=since,
            until=until,
            sources=sources,
            languages=languages,
            ignore=ignore,
            limit=limit,
        )
        assert isinstance(answer, Answer)
        return answer

    def stream(
        self,
        question: str,
        history: Sequence[str | Answer] = (),
        *,
        as_of: Moment = None,
        since: Moment = None,
        until: Moment = None,
        sources: Sequence[str] | str = (),
        languages: Sequence[str] | str = (),
        ignore: Iterable[str] | None = (),
        limit: int = DEFAULT_LIMIT,
    ) -> Iterator[Progress | str | Answer]:
        """As `ask`, but as it comes: progress, then the text in pieces, last the answer.

        The pieces joined are the answer's text.  Progress is first of the step "search", its
        total the articles that are searched, its message what was inferred; then of the step
        "read", its total the passages that are read.
        """
        limit, ignore = _count("limit", limit), inferences(ignore)
        bounds: dict[str, Any] = {
            "as_of": as_of, "since": since, "until": until, "sources": sources,
            "languages": languages, "now": datetime.now(UTC), "ignore": ignore,
        }  # fmt: skip
        query = understand(question, history=history, **self._leaning, **bounds)
        # A follow-up that finds nothing may have been a question of its own.
        alone = understand(question, **bounds) if stands_alone(question) else query
        return self._steps(
            question, query, alone if alone.text != query.text else None, limit, ignore
        )

    def search(
        self,
        question: str,
        k: int = 20,
        *,
        history: Sequence[str | Answer] = (),
        as_of: Moment = None,
        since: Moment = None,
        until: Moment = None,
        sources: Sequence[str] | str = (),
        languages: Sequence[str] | str = (),
        ignore: Iterable[str] | None = (),
    ) -> tuple[Hit, ...]:
        """The k best passages, best first, near-copies of one text folded into one hit.

        `history` is as in `ask`.
        """
        k, ignore = _count("k", k), inferences(ignore)
        query = self._understood(
            question,
            history=history,
            as_of=as_of,
            since=since,
            until=until,
            sources=sources,
            languages=languages,
            ignore=ignore,
        )
        vector = self._encoder.encode([query.searched])[0]
        with self._index.view() as view:
            query = in_archive(query, view.sources(query.as_of), ignore=ignore)
            return self._search(query, view, vector, k=k)

    def choose(
        self,
        question: str,
        choices: Sequence[str],
        *,
        as_of: Moment = None,
        since: Moment = None,
        until: Moment = None,
        sources: Sequence[str] | str = (),
        languages: Sequence[str] | str = (),
        ignore: Iterable[str] | None = (),
        limit: int = CHOICE_LIMIT,
    ) -> Choice | None:
        """The one of several given answers that the archive supports best, with its evidence.

        None where it supports none of them well enough (`settings.answering.choice_threshold`),
        which is what a choice "none of the above" stands for.  Equal choices are one, the first.
        `limit` is how many passages are read for the question; a few more are read for each
        choice.  Raises InputError where there are no choices, or blank or overlong ones.
        """
        limit, choices = _count("limit", limit), _choices(choices)
        ignore = inferences(ignore)
        query = self._understood(
            question, as_of=as_of, since=since, until=until, sources=sources,
            languages=languages, ignore=ignore,
        )  # fmt: skip
        given = [
            at for at in _first_places(choices) if not stands_for_none(choices[at], query.text)
        ]
        if not given:
            return None
        choices = tuple(choices[at] for at in given)
        supposed = [
            replace(query, wording=" ".join(f"{query.searched} {choice}".split()))
            for choice in choices
        ]
        vectors = self._encoder.encode([query.searched, *(each.searched for each in supposed)])
        with self._index.view() as view:
            query = in_archive(query, view.sources(query.as_of), ignore=ignore)
            hits = {h.passage.id: h for h in self._search(query, view, vectors[0], k=limit)}
            meaning = []
            for each, vector in zip(supposed, vectors[1:], strict=True):
                for hit in self._search(each, view, vector, k=OF_EACH_CHOICE):
                    hits.setdefault(hit.passage.id, replace(hit, rank=len(hits) + 1))
                nearest = view.dense(vector, 1, filter_of(query))
                meaning.append(nearest[0].score if nearest else 0.0)
            words = view.words(filter_of(query).latest)
        chosen = choose_from(
            query,
            choices,
            list(hits.values()),
            reader=self._reader,
            meaning=meaning,
            words=words,
            threshold=self.settings.answering.choice_threshold,
        )
        if chosen is None:
            return None
        return replace(
            chosen,
            index=given[chosen.index],
            citations=self._also_printed(chosen.citations, query),
        )

    def article(self, article_id: str) -> Article | None:
        """The article of an id as it is now, or None."""
        return self._index.article(article_id)

    def articles(self, *, offset: int = 0, limit: int | None = None) -> Iterator[Article]:
        """Every article, or `limit` of them from the `offset`-th on, as they were added.

        They are read one by one, of one state of the archive: go through them without delay.
        """
        if offset < 0 or (limit is not None and limit < 0):
            raise InputError(f"offset is {offset}, limit is {limit}: expected none below 0")
        stop = None if limit is None else offset + limit
        return islice(self._index.articles(), offset, stop)

    def newest(
        self, *, offset: int = 0, limit: int = 20, sources: Sequence[str] | str = ()
    ) -> tuple[Reference, ...]:
        """Articles, the latest published first and those without a date last, without their text.

        From the `offset`-th on, `limit` at most, of the outlets `sources` where there are some.
        """
        if offset < 0 or limit < 0:
            raise InputError(f"offset is {offset}, limit is {limit}: expected none below 0")
        names = (sources,) if isinstance(sources, str) else tuple(sources)
        with self._index.view() as view:
            return tuple(view.newest(offset, limit, Filter(sources=names)))

    # Changing.

    def add(
        self,
        paths: Source | Iterable[Source],
        *,
        prune: bool = False,
        restore: bool = False,
        progress: OnProgress | None = None,
    ) -> BuildReport:
        """Add or update articles, as `build`; the next question sees them.  Raises IndexBusy."""
        return add_articles(
            self._index,
            paths,
            encoder=self._encoder,
            settings=self.settings,
            prune=prune,
            restore=restore,
            progress=progress,
        )

    def remove(self, article_ids: str | Iterable[str]) -> BuildReport:
        """Withdraw articles: once this returns, nothing of them can be found.  Raises IndexBusy.

        They don't come back with a later `add`, unless it is told to restore them.  Ids that
        aren't there are skipped by name.
        """
        return remove_articles(self._index, article_ids)

    # About the archive.

    def info(self) -> IndexInfo:
        """What the archive holds and how."""
        return self._index.info()

    def check(self) -> CheckReport:
        """Compare the index with itself, whole; every problem is named."""
        return self._index.check()

    def history(self, article_id: str) -> tuple[Change, ...]:
        """What happened to an article since it was first stored, the oldest first."""
        return self._index.history(article_id)

    def files(self) -> tuple[str, ...]:
        """The files that its articles were found in, whether they are still there or not."""
        return tuple(self._index.files())

    def repair(self) -> CheckReport:
        """Make anew whatever can be made from the articles, then check.  Raises IndexBusy."""
        return self._index.repair()

    def compact(self) -> CompactReport:
        """Leave nothing of what was removed in any file, and give its room back.

        Raises IndexBusy, and ArchiveError where a reader holds on to an earlier state.
        """
        return self._index.compact()

    # For LangChain.

    def as_retriever(self, *, k: int = 8, **bounds: Any) -> BaseRetriever:
        """A LangChain retriever of passages; `bounds` are those of `search`."""
        from newsqa.langchain import retriever

        return retriever(self, k=k, **bounds)

    def as_tool(self, *, name: str = "ask_news_archive", **bounds: Any) -> BaseTool:
        """A LangChain tool that takes a question and returns a cited answer as text.

        `bounds` are those of `ask`: whatever the model asks for, they hold.
        """
        from newsqa.langchain import tool

        return tool(self, name=name, **bounds)

    # Within.

    @property
    def _propose(self) -> Propose | None:
        if self._writer is None:
            return None
        return proposer(self._writer, seconds=self.settings.chat.seconds)

    @property
    def _leaning(self) -> dict[str, Any]:
        """What helps to understand a follow-up."""
        return {"propose": self._propose, "text_of": self._text_of}

    def _text_of(self, article_id: str) -> str | None:
        try:
            article = self._index.article(article_id)
        except ArchiveError:
            return None
        return article.text if article else None

    def _understood(self, question: str, **bounds: Any) -> Query:
        return understand(question, now=datetime.now(UTC), **self._leaning, **bounds)

    def _search(self, query: Query, view: View, vector: Any, *, k: int) -> tuple[Hit, ...]:
        retrieval = self.settings.retrieval
        ranker = models.ranker(retrieval.ranker)
        return search(query, view, vector, k=k, settings=retrieval, ranker=ranker)

    def _also_printed(self, citations: Sequence[Citation], query: Query) -> tuple[Citation, ...]:
        chosen = filter_of(query)
        try:
            with self._index.view() as view:
                return tuple(printed_elsewhere(each, view, chosen) for each in citations)
        except ArchiveError:  # closed meanwhile: the answer stands without
            return tuple(citations)

    def _steps(
        self,
        question: str,
        query: Query,
        alone: Query | None,
        limit: int,
        ignore: Sequence[str],
    ) -> Iterator[Progress | str | Answer]:
        clock = _Clock()
        vector = self._encoder.encode([query.searched])[0]
        clock.lap("encode")
        # Nothing is yielded while the view is open: whoever steps the generator may never do so
        # again, and the view would hold its state of the store for as long.
        with self._index.view() as view:
            query = in_archive(query, view.sources(query.as_of), ignore=ignore)
            searched = view.coverage(filter_of(query))
            hits = self._search(query, view, vector, k=limit)
            words = view.words(filter_of(query).latest)
        clock.lap("search")
        yield Progress(step="search", total=searched.articles, message=" ".join(query.why))
        yield Progress(step="read", done=len(hits), total=len(hits))
        found = find(
            question,
            query,
            hits,
            reader=self._reader,
            vector=vector,
            encode=self._encoder.encode,
            words=words,
            lap=clock.lap,
        )
        answer = answer_from(
            question,
            query,
            found,
            searched=searched,
            words=words,
            settings=self.settings.answering,
            lap=clock.lap,
        )
        if answer.status == "no_evidence" and alone is not None:
            yield from self._without_history(question, alone, answer, limit, ignore)
            return
        if answer.status == "answered" and self._writer is not None:
            chat = self.settings.chat
            entails = models.entailment(chat.entailment)
            judge = Judge(words=words, encode=self._encoder.encode, entails=entails)
            for piece in written(
                query.text, answer, found, writer=self._writer, judge=judge, settings=chat
            ):
                if isinstance(piece, str):
                    yield piece
                else:
                    answer = replace(piece, timings=clock.lap("write"))
        if answer.composer == EXTRACTIVE:
            yield from re.split(r"(?<=\] )(?=[^\[])", answer.text)
        yield replace(answer, citations=self._also_printed(answer.citations, answer.query))

    def _without_history(
        self, question: str, alone: Query, refused: Answer, limit: int, ignore: Sequence[str]
    ) -> Iterator[Progress | str | Answer]:
        """The question as one of its own, where that finds an answer; else the refusal."""
        steps = list(self._steps(question, alone, None, limit, ignore))
        if isinstance(steps[-1], Answer) and steps[-1].status == "answered":
            yield from (step for step in steps if not isinstance(step, Progress))
        else:
            yield refused.text
            yield refused


def _choices(choices: Sequence[str]) -> tuple[str, ...]:
    given = () if isinstance(choices, str) else tuple(choices)
    if not given or not all(isinstance(c, str) and re.search(r"\w", c) for c in given):
        raise InputError(f"choices are {choices!r}, expected one or more answers, none blank")
    longest = max(map(len, given))
    if longest > MAX_CHOICE_CHARS:
        raise InputError(
            f"a choice has {longest} characters, at most {MAX_CHOICE_CHARS} are read: shorten it"
        )
    # What is no character (half of a surrogate pair) can be neither encoded nor searched for.
    return tuple(choice.encode("utf-8", "replace").decode() for choice in given)


def _first_places(choices: Sequence[str]) -> list[int]:
    """Where each choice stands for the first time, in order."""
    places: dict[str, int] = {}
    for at, choice in enumerate(choices):
        places.setdefault(" ".join(choice.casefold().split()), at)
    return list(places.values())


def _count(name: str, value: int) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise InputError(f"{name} is {value!r}, expected a whole number from 1")
    return value


class _Clock:
    """Seconds by step."""

    def __init__(self) -> None:
        self._last = time.perf_counter()
        self.laps: dict[str, float] = {}

    def lap(self, step: str) -> dict[str, float]:
        """Book the time since the last lap; returns all laps."""
        now = time.perf_counter()
        self.laps[step] = self.laps.get(step, 0.0) + now - self._last
        self._last = now
        return self.laps
