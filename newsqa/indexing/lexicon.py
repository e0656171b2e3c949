"""The words of the passages in tantivy: found by BM25, among those that a filter allows.

It may hold passages that are no longer (or not yet) in the store, never lack one that is
there: who searches asks for the live ones.  Its stamp tells for which states that holds.
"""

from __future__ import annotations

import re
import shutil
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt
import tantivy

from newsqa.errors import ArchiveError
from newsqa.indexing import segments

Ids = npt.NDArray[np.int64]

_ANALYZER = "newsqa_en_1"
_WRITER_BYTES = 64 * 1024 * 1024
_ATTEMPTS = 5
_CANT = "{what} can't be read: {error}; `newsqa check --repair` makes it anew from the articles"


class Damaged(ArchiveError):
    """It can't be opened or read, or is of another index: to be made again from the store.

    Who opens an index never sees it; a search may, where a file is of another index: such a one
    has its own checksum, and is not found out before it is read.
    """


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A passage as the lexical search knows it.  `published` is an instant or None."""

    id: int
    title: str
    text: str
    published: int | None
    source: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """What a passage's article must satisfy; instants inclusive, None and () unbounded."""

    since: int | None = None
    until: int | None = None
    sources: tuple[str, ...] = ()


@cache
def _analyzer() -> tantivy.TextAnalyzer:
    """Lower case, accents folded, English stems."""
    return (
        tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.simple())
        .filter(tantivy.Filter.remove_long(64))
        .filter(tantivy.Filter.lowercase())
        .filter(tantivy.Filter.ascii_fold())
        .filter(tantivy.Filter.stemmer("english"))
        .build()
    )


@cache
def _schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    builder.add_integer_field("id", indexed=True, fast=True)
    builder.add_text_field("title", tokenizer_name=_ANALYZER, index_option="freq")
    builder.add_text_field("text", tokenizer_name=_ANALYZER, index_option="position")
    builder.add_integer_field("published", indexed=True, fast=True)
    builder.add_text_field("source", tokenizer_name="raw", index_option="basic")
    builder.add_text_field("stamp", tokenizer_name="raw", index_option="basic", stored=True)
    return builder.build()


def terms(text: str) -> list[str]:
    """The terms of a text as the index knows them, in order, repetitions kept."""
    return list(_analyzer().analyze(text))


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamp:
    """For which states of a store a lexicon lacks nothing: one, by its token, and the one before.

    So a writer can put in the words of what it is about to commit while readers go on.
    """

    uid: str
    token: str
    before: str | None

    def __str__(self) -> str:
        return f"{self.uid}:{self.token}:{self.before or ''}"


@contextmanager
def _named_damage(what: object = "the lexical index") -> Iterator[None]:
    """Damaged for whatever tantivy makes of a file that isn't as it should be."""
    try:
        yield
    except (ValueError, OSError, TypeError) as error:
        raise Damaged(_CANT.format(what=what, error=error)) from error
    except BaseException as error:
        # A panic in its Rust comes as a BaseException that can't be imported.
        if type(error).__name__ != "PanicException":
            raise
        raise Damaged(_CANT.format(what=what, error=error)) from error


class Lexicon:
    """A tantivy index in a folder, or in memory where there is none to write to."""

    def __init__(self, index: tantivy.Index, folder: Path | None = None):
        index.register_tokenizer(_ANALYZER, _analyzer())
        # By itself it would watch the folder, from a thread, and write into what stands there
        # later; what is committed is looked at when it is asked for.
        index.config_reader(reload_policy="manual")
        self._index = index
        self.folder = folder
        self._seen: set[segments.Seen] = set()
        self._writer: tantivy.IndexWriter | None = None

    @classmethod
    def create(cls, folder: Path | None) -> Lexicon:
        """An empty one; what was in the folder is gone.  Raises Damaged where it can't be made."""
        if folder is None:
            return cls(tantivy.Index(_schema()))
        with _named_damage(folder):
            if folder.is_symlink() or folder.is_file():
                folder.unlink()
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
            return cls(tantivy.Index(_schema(), path=str(folder), reuse=False), folder)

    @classmethod
    def open(cls, folder: Path) -> Lexicon:
        """The one in the folder, every byte checked; raises Damaged where none can be read."""
        for _ in range(_ATTEMPTS):
            state = segments.state(folder)
            seen: set[segments.Seen] = set()
            try:
                segments.verify(folder, state, seen)
                with _named_damage(folder):
                    found = cls(tantivy.Index(_schema(), path=str(folder), reuse=True), folder)
                found._seen = seen
                return found
            except (Damaged, segments.NotWhole) as damage:
                if segments.state(folder) == state:
                    raise Damaged(str(damage)) from damage
                # A writer went on meanwhile and took away what was to be read.
        raise Damaged(f"{folder} does not come to rest")

    def check(self) -> None:
        """Raise Damaged unless every byte of its files is as it was written.

        Files that were found whole, and have not been touched since, are not read again.
        """
        if self.folder is None:
            return
        try:
            segments.verify(self.folder, segments.state(self.folder), self._seen)
        except segments.NotWhole as damage:
            raise Damaged(str(damage)) from damage

    def write(self, *, add: Iterable[Entry] = (), delete: Iterable[int] = (), stamp: Stamp) -> None:
        """Add and delete in one commit, stamped.  Adding an id again replaces it.

        What is small is merged in the background until `settle`.  Raises Damaged where it
        can't be done; nothing is changed then.
        """
        with _named_damage():
            try:
                self._write(add, delete, stamp=str(stamp))
            except BaseException:
                self._writer = None
                raise

    def settle(self) -> None:
        """Wait for what is merged in the background, and let go of the folder."""
        writer, self._writer = self._writer, None
        if writer is not None:
            with _named_damage():
                writer.wait_merging_threads()
                self._index.reload()

    def _write(self, add: Iterable[Entry], delete: Iterable[int], *, stamp: str) -> None:
        if self._writer is None:
            self._writer = self._index.writer(heap_size=_WRITER_BYTES, num_threads=1)
            # What a killed writer left would be in the way: names are given again.
            self._writer.garbage_collect_files()
        writer = self._writer
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            for passage_id in delete:
                writer.delete_documents_by_term("id", passage_id)
            for entry in add:
                writer.delete_documents_by_term("id", entry.id)
                writer.add_document(_document(entry))
            for old in self._stamps():
                writer.delete_documents_by_term("stamp", old)
        document = tantivy.Document()
        document.add_text("stamp", stamp)
        writer.add_document(document)
        writer.commit()
        self._index.reload()

    def view(self) -> LexiconView:
        """What is committed now; raises Damaged where it can no longer be read."""
        with _named_damage():
            self._index.reload()
            return LexiconView(self._index.searcher())

    def _stamps(self) -> list[str]:
        return LexiconView(self._index.searcher()).stamps()


class LexiconView:
    """One committed state of a lexicon.  Safe to search from many threads.

    Whatever is asked of it raises Damaged where it can't be read.
    """

    def __init__(self, searcher: tantivy.Searcher):
        self._searcher = searcher

    @_named_damage()
    def stamps(self) -> list[str]:
        """That of the commit, in words; several where some were left."""
        found = self._searcher.search(
            tantivy.Query.regex_query(_schema(), "stamp", ".*"), limit=100, count=False
        )
        return [str(self._searcher.doc(address).get_first("stamp")) for _, address in found.hits]

    def serves(self, uid: str, token: str | None) -> bool:
        """Whether its stamp says that it lacks nothing of a state of a store.

        It may all the same where this is False: who has to know compares `ids`.
        """
        if not token:
            return False
        stamps = [stamp.split(":") for stamp in self.stamps()]
        return any(len(s) == 3 and s[0] == uid and token in s[1:] for s in stamps)

    @_named_damage()
    def ids(self) -> Ids:
        """Of all passages in it, in no order."""
        query = tantivy.Query.exists_query("id")
        count = max(1, self._searcher.num_docs)
        found = self._searcher.search(query, limit=count, count=False)
        values = self._searcher.fast_field_values("id", [address for _, address in found.hits])
        return np.array(values, dtype=np.int64)

    @property
    def count(self) -> int:
        """Passages in it, live or not."""
        return max(0, int(self._searcher.num_docs) - 1)  # one is the stamp

    @cached_property
    @_named_damage()
    def documents(self) -> int:
        """What BM25 counts as all: stamps too, and what is deleted but not yet merged away."""
        for stamp in self.stamps():
            query = tantivy.Query.term_query(_schema(), "stamp", stamp, "basic")
            found = self._searcher.search(query, limit=1, count=False)
            if not found.hits:
                continue
            told = query.explain(self._searcher, found.hits[0][1]).to_json()
            # tantivy tells it nowhere else.
            if count := re.search(r'"value": ([\d.e+]+),\s+"description": "N, total', told):
                return int(float(count[1]))
        return int(self._searcher.num_docs)

    @_named_damage()
    def document_frequency(self, term: str, *, field: str = "text") -> int:
        """In how many passages' texts (or titles) a term (see `terms`) occurs, as BM25 counts."""
        return int(self._searcher.doc_freq(field, term))

    @_named_damage()
    def count_published(self, until: int, field: str | None = None, term: str | None = None) -> int:
        """How many passages were published by an instant, or how many of them have a term."""
        must = _limits(Bounds(until=until))
        if field is not None and term is not None:
            having = tantivy.Query.term_query(_schema(), field, term, "basic")
            must.append((tantivy.Occur.Must, having))
        asked = tantivy.Query.boolean_query(must)
        found = self._searcher.search(asked, limit=1, count=True)
        return int(found.count or 0)  # type: ignore[attr-defined]

    @_named_damage()
    def search(
        self, weights: Mapping[tuple[str, str], float], k: int, *, bounds: Bounds
    ) -> tuple[Ids, npt.NDArray[np.float32]]:
        """Ids and BM25 scores of the k best for (field, term) with weights, best first."""
        schema = _schema()
        clauses: list[tuple[tantivy.Occur, tantivy.Query]] = []
        for (field, term), weight in weights.items():
            query = tantivy.Query.term_query(schema, field, term, "freq")
            if weight != 1.0:
                query = tantivy.Query.boost_query(query, weight)
            clauses.append((tantivy.Occur.Should, query))
        k = min(k, int(self._searcher.num_docs))  # tantivy takes memory for k at once
        if not clauses or k <= 0:
            return np.empty(0, np.int64), np.empty(0, np.float32)
        asked = tantivy.Query.boolean_query(clauses)
        limits = _limits(bounds)
        if limits:
            asked = tantivy.Query.boolean_query([(tantivy.Occur.Must, asked), *limits])
        found = self._searcher.search(asked, limit=k, count=False).hits
        ids = self._searcher.fast_field_values("id", [address for _, address in found])
        return (
            np.array(ids, dtype=np.int64),
            np.array([score for score, _ in found], dtype=np.float32),
        )


def _limits(bounds: Bounds) -> list[tuple[tantivy.Occur, tantivy.Query]]:
    schema, must = _schema(), tantivy.Occur.Must
    limits: list[tuple[tantivy.Occur, tantivy.Query]] = []
    if bounds.since is not None or bounds.until is not None:
        between = tantivy.Query.range_query(
            schema, "published", tantivy.FieldType.Integer, bounds.since, bounds.until
        )
        limits.append((must, tantivy.Query.const_score_query(between, 0.0)))
    if bounds.sources:
        named: Sequence[str] = bounds.sources
        among = tantivy.Query.term_set_query(schema, "source", named)
        limits.append((must, tantivy.Query.const_score_query(among, 0.0)))
    return limits


def _document(entry: Entry) -> tantivy.Document:
    document = tantivy.Document()
    document.add_integer("id", entry.id)
    document.add_text("title", entry.title)
    document.add_text("text", entry.text)
    if entry.published is not None:
        document.add_integer("published", entry.published)
    if entry.source is not None:
        document.add_text("source", entry.source)
    return document
