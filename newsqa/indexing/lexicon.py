"""The words of the passages in tantivy: found by BM25, among those that a filter allows.

It may hold passages that are no longer (or not yet) in the store, never lack one that is
there: who searches asks for the live ones.  Its stamp tells up to which generation that holds.
"""

from __future__ import annotations

import json
import re
import shutil
import warnings
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt
import tantivy

Ids = npt.NDArray[np.int64]

_ANALYZER = "newsqa_en_1"
_WRITER_BYTES = 64 * 1024 * 1024
_ATTEMPTS = 5
_PARTS = ("fast", "fieldnorm", "idx", "pos", "store", "term")
"""The files of a segment, each with a checksum at its end that tantivy itself only looks at
when it is asked to."""


class Damaged(Exception):
    """It can't be opened, or is of another index: to be made again from the store."""


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


class Lexicon:
    """A tantivy index in a folder, or in memory where there is none to write to."""

    def __init__(self, index: tantivy.Index):
        index.register_tokenizer(_ANALYZER, _analyzer())
        self._index = index
        self._tidied = False

    @classmethod
    def create(cls, folder: Path | None) -> Lexicon:
        """An empty one; what was in the folder is gone."""
        if folder is None:
            return cls(tantivy.Index(_schema()))
        if folder.is_symlink() or folder.is_file():
            folder.unlink()
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        return cls(tantivy.Index(_schema(), path=str(folder), reuse=False))

    @classmethod
    def open(cls, folder: Path) -> Lexicon:
        """The one in the folder, every byte checked; raises Damaged where none can be read."""
        for _ in range(_ATTEMPTS):
            state = _state(folder)
            try:
                _verify(folder, state)
                with _named_damage(folder):
                    return cls(tantivy.Index(_schema(), path=str(folder), reuse=True))
            except Damaged:
                if _state(folder) == state:
                    raise
                # A writer went on meanwhile and took away what was to be read.
        raise Damaged(f"{folder} does not come to rest")

    def write(
        self, *, add: Iterable[Entry] = (), delete: Iterable[int] = (), uid: str, generation: int
    ) -> None:
        """Add and delete in one commit, stamped.  Adding an id again replaces it.

        Raises Damaged where that can't be done; nothing is changed then.
        """
        with _named_damage("the lexical index"):
            self._write(add, delete, stamp=f"{uid}:{generation}")

    def _write(self, add: Iterable[Entry], delete: Iterable[int], *, stamp: str) -> None:
        writer = self._index.writer(heap_size=_WRITER_BYTES, num_threads=1)
        if not self._tidied:
            # What a killed writer left would be in the way: names are given again.
            writer.garbage_collect_files()
            self._tidied = True
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
        writer.wait_merging_threads()
        self._index.reload()

    def view(self) -> LexiconView:
        """What is committed now; raises Damaged where it can no longer be read."""
        with _named_damage("the lexical index"):
            self._index.reload()
            return LexiconView(self._index.searcher())

    def _stamps(self) -> list[str]:
        return LexiconView(self._index.searcher()).stamps()


class LexiconView:
    """One committed state of a lexicon.  Safe to search from many threads."""

    def __init__(self, searcher: tantivy.Searcher):
        self._searcher = searcher

    def stamps(self) -> list[str]:
        """ "uid:generation" of the commit, once for each where several were left."""
        found = self._searcher.search(
            tantivy.Query.regex_query(_schema(), "stamp", ".*"), limit=100, count=False
        )
        return [str(self._searcher.doc(address).get_first("stamp")) for _, address in found.hits]

    def generation(self, uid: str) -> int:
        """Up to which generation of that index nothing live is missing; -1 if of another."""
        stamps = [stamp.rpartition(":") for stamp in self.stamps()]
        return max((int(n) for owner, _, n in stamps if owner == uid and n.isdigit()), default=-1)

    def ids(self) -> Ids:
        """Of all passages in it, in no order; raises Damaged where they can't be read."""
        with _named_damage("the lexical index"):
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
    def documents(self) -> int:
        """What BM25 counts as all: stamps too, and what is deleted but not yet merged away."""
        for stamp in self.stamps():
            query = tantivy.Query.term_query(_schema(), "stamp", stamp, "basic")
            found = self._searcher.search(query, limit=1, count=False)
            told = query.explain(self._searcher, found.hits[0][1]).to_json()
            # tantivy tells it nowhere else.
            if count := re.search(r'"value": ([\d.e+]+),\s+"description": "N, total', told):
                return int(float(count[1]))
        return int(self._searcher.num_docs)

    def document_frequency(self, term: str, *, field: str = "text") -> int:
        """In how many passages' texts (or titles) a term (see `terms`) occurs, as BM25 counts."""
        return int(self._searcher.doc_freq(field, term))

    def count_published(self, until: int, field: str | None = None, term: str | None = None) -> int:
        """How many passages were published by an instant, or how many of them have a term."""
        must = _limits(Bounds(until=until))
        if field is not None and term is not None:
            having = tantivy.Query.term_query(_schema(), field, term, "basic")
            must.append((tantivy.Occur.Must, having))
        asked = tantivy.Query.boolean_query(must)
        found = self._searcher.search(asked, limit=1, count=True)
        return int(found.count or 0)  # type: ignore[attr-defined]

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


@contextmanager
def _named_damage(what: object) -> Iterator[None]:
    """Damaged for whatever tantivy makes of a file that isn't as it should be."""
    try:
        yield
    except (ValueError, OSError) as error:
        raise Damaged(f"{what} can't be read: {error}") from error
    except BaseException as error:
        # A panic in its Rust comes as a BaseException that can't be imported.
        if type(error).__name__ != "PanicException":
            raise
        raise Damaged(f"{what} can't be read: {error}") from error


def _state(folder: Path) -> bytes:
    """What tantivy has committed in a folder, in its words; empty where there is nothing."""
    try:
        return (folder / "meta.json").read_bytes()
    except OSError:
        return b""


def _verify(folder: Path, state: bytes) -> None:
    """Raise Damaged unless every file of every segment is there and has its checksum."""
    try:
        names = [
            f"{segment['segment_id'].replace('-', '')}.{part}"
            for segment in json.loads(state)["segments"]
            for part in (
                *_PARTS,
                *([f"{segment['deletes']['opstamp']}.del"] if segment["deletes"] else []),
            )
        ]
        for name in names:
            data = (folder / name).read_bytes()
            # body, {"version": …, "crc": …}, its length, a magic number
            size = int.from_bytes(data[-8:-4], "little")
            footer = json.loads(data[-8 - size : -8])
            if zlib.crc32(memoryview(data)[: -8 - size]) != footer["crc"]:
                raise Damaged(f"{folder / name} is damaged")
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise Damaged(f"{folder} can't be opened: {error!r}") from error


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
