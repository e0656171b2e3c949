"""Every default in one place, as frozen settings that refuse what they don't know."""

from __future__ import annotations

import dataclasses
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, TypeVar, get_args

from newsqa.errors import SettingsError

DEFAULT_INDEX = Path("indexes/default")
DEFAULT_LIMIT = 8
"""Passages that are read for an answer."""
CHOICE_LIMIT = 12
"""Passages that are read for a question whose answers are given."""
LEARNED_RANKER = "newsqa-ranker"
MEBIBYTE = 1024 * 1024

Precision = Literal["auto", "float32", "bfloat16"]
"""In which numbers a model multiplies; see `Embedding.precision`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Loading:
    """Limits on what is read.  What is over a limit is skipped by name, with the limit."""

    max_file_bytes: int = 256 * MEBIBYTE
    """Of one whole-document file, and of one row of a file of rows, after decompression."""
    max_markup_bytes: int = 32 * MEBIBYTE
    """Of one page or feed: parsing takes many times their size in memory."""
    max_article_chars: int = 2_000_000
    max_articles_per_file: int = 1_000_000
    max_folder_depth: int = 32
    max_json_depth: int = 64
    max_download_bytes: int = 16 * MEBIBYTE
    download_seconds: float = 20.0
    max_redirects: int = 5
    private_addresses: bool = False
    """Whether a fetch may reach what is not public: this machine, its network, link-local ones."""
    host_delay_seconds: float = 1.0
    """Between two requests to one host."""
    max_retry_after_seconds: float = 60.0
    """Longest wait that a server may ask for; beyond it the address is skipped."""
    fields: dict[str, str] = field(default_factory=dict)
    """Row fields by name, over the known ones: {"title": "kop", "text": "bericht"}."""

    def __post_init__(self) -> None:
        for field_ in dataclasses.fields(self):
            if field_.name != "fields":
                _at_least(0, **{field_.name: getattr(self, field_.name)})
        for name, given in self.fields.items():
            if not isinstance(name, str) or not isinstance(given, str):
                raise SettingsError(f"fields has {name!r}: {given!r}, expected names of fields")


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunking:
    """How articles are cut into passages."""

    max_tokens: int = 232
    """Of a passage's text, in the encoder's tokens; the rest of its window is for the title."""
    max_words: int = 180

    def __post_init__(self) -> None:
        _at_least(1, max_tokens=self.max_tokens, max_words=self.max_words)


@dataclass(frozen=True, slots=True, kw_only=True)
class Embedding:
    """Which model turns text into vectors."""

    model: str = "all-MiniLM-L6-v2"
    """The bundled weights by this name; else a folder or the name of a model on a hub."""
    batch_size: int = 32
    precision: Precision = "auto"
    """Of the multiplications: "float32", "bfloat16" (faster where the processor has units for it,
    cosine with float32 above 0.9999), or "auto": bfloat16 for batches where it has."""

    def __post_init__(self) -> None:
        _at_least(1, batch_size=self.batch_size)
        _one_of(get_args(Precision), precision=self.precision)


@dataclass(frozen=True, slots=True, kw_only=True)
class Retrieval:
    """How passages are found and put in order."""

    candidates: int = 100
    """Passages taken from each of the dense and the lexical search before fusion."""
    dense_weight: float = 0.5
    lexical_weight: float = 0.5
    title_boost: float = 0.3
    """What a word in an article's title counts for in the lexical search, beside 1 in the text."""
    recency_weight: float = 0.5
    """Of the prior for being new, beside the two searches, as candidates are picked."""
    recency_days: float = 30.0
    """Days in which that prior falls to a third."""
    reranked: int = 60
    """Candidates that are ranked anew."""
    ranker: str = LEARNED_RANKER
    """The learned one by this name; else a folder or the name on a hub of a cross-encoder."""

    def __post_init__(self) -> None:
        _at_least(1, candidates=self.candidates, reranked=self.reranked)
        _at_least(0, dense_weight=self.dense_weight, lexical_weight=self.lexical_weight)
        _at_least(0, title_boost=self.title_boost, recency_weight=self.recency_weight)
        _at_least(0.001, recency_days=self.recency_days)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """Which model reads the passages for exact answers."""

    model: str = "newsqa-reader"
    """The bundled weights by this name; a file that training wrote; a folder or the name on a hub
    of a model with a question-answering head; "none" to do without."""
    batch_size: int = 8
    precision: Precision = "auto"
    """As of the encoder."""

    def __post_init__(self) -> None:
        _at_least(1, batch_size=self.batch_size)
        _one_of(get_args(Precision), precision=self.precision)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answering:
    """How an answer is composed."""

    threshold: float = 0.1
    """Confidence below which the answer is a refusal, in [0, 1].

    What a higher one leaves unanswered and spares is told by the tables in benchmarks/RESULTS.md.
    """
    max_sentences: int = 3
    choice_threshold: float = 0.12
    """Confidence below which none of several given answers is chosen, in [0, 1]."""

    def __post_init__(self) -> None:
        for name in ("threshold", "choice_threshold"):
            given = getattr(self, name)
            _at_least(0, **{name: given})
            if given > 1:
                raise SettingsError(f"{name} is {given!r}, expected at most 1")
        _at_least(1, max_sentences=self.max_sentences)


@dataclass(frozen=True, slots=True, kw_only=True)
class Chat:
    """Whether and how a chat model writes the answer.  Keys come from the environment alone."""

    model: str = ""
    """As LangChain names it ("openai:gpt-5", "anthropic:…", "ollama:…"); empty for none."""
    max_sentences: int = 6
    quotes: int = 8
    """Quotes that it is given, at most."""
    first_seconds: float = 30.0
    """How long its first word may take."""
    seconds: float = 90.0
    """How long all of it may take."""
    unverified: str = "drop"
    """What becomes of a sentence that no quote supports: "drop" it, or "mark" it as unverified."""
    entailment: str = ""
    """A folder or the name on a hub of a cross-encoder for natural language inference that has
    the last word on each sentence; empty for none."""

    def __post_init__(self) -> None:
        _at_least(1, max_sentences=self.max_sentences, quotes=self.quotes)
        _at_least(0.001, first_seconds=self.first_seconds, seconds=self.seconds)
        _one_of(("drop", "mark"), unverified=self.unverified)


@dataclass(frozen=True, slots=True, kw_only=True)
class Serving:
    """How much the chat page takes on at a time."""

    answered_at_once: int = 4
    """Questions; further ones wait their turn."""
    waiting: int = 64
    """Requests that may wait; who comes then is told to try again."""
    max_upload_bytes: int = 64 * MEBIBYTE
    """Of one file."""
    max_uploads: int = 1000
    """Files added at a time."""

    def __post_init__(self) -> None:
        _at_least(1, **{f.name: getattr(self, f.name) for f in dataclasses.fields(self)})


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """All settings.  Every one has a default; `read_settings` reads them from TOML."""

    loading: Loading = field(default_factory=Loading)
    chunking: Chunking = field(default_factory=Chunking)
    embedding: Embedding = field(default_factory=Embedding)
    retrieval: Retrieval = field(default_factory=Retrieval)
    reading: Reading = field(default_factory=Reading)
    answering: Answering = field(default_factory=Answering)
    chat: Chat = field(default_factory=Chat)
    serving: Serving = field(default_factory=Serving)


T = TypeVar("T")


def read_settings(path: str | Path) -> Settings:
    """Settings from a TOML file with a table per group; raises SettingsError for unknown names."""
    path = Path(path)
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"settings file {path} can't be read: {error}") from error
    groups: dict[str, type[Any]] = {
        "loading": Loading,
        "chunking": Chunking,
        "embedding": Embedding,
        "retrieval": Retrieval,
        "reading": Reading,
        "answering": Answering,
        "chat": Chat,
        "serving": Serving,
    }
    unknown = sorted(set(tables) - set(groups))
    if unknown:
        raise SettingsError(f"{path}: unknown table {unknown[0]!r}; known are {', '.join(groups)}")
    return Settings(**{name: _group(groups[name], table, path) for name, table in tables.items()})


def _at_least(least: float, **values: float) -> None:
    for name, value in values.items():
        if not value >= least:
            raise SettingsError(f"{name} is {value!r}, expected at least {least}")


def _one_of(known: Sequence[str], **values: str) -> None:
    for name, value in values.items():
        if value not in known:
            raise SettingsError(f"{name} is {value!r}, expected {' or '.join(map(repr, known))}")


def _group(kind: type[T], table: Any, path: Path) -> T:
    if not isinstance(table, dict):
        raise SettingsError(f"{path}: expected a table, found {table!r}")
    known = {f.name: f for f in dataclasses.fields(kind)}  # type: ignore[arg-type]
    for name, value in table.items():
        if name not in known:
            raise SettingsError(f"{path}: unknown setting {name!r}; known are {', '.join(known)}")
        default = getattr(kind(), name)
        fits = isinstance(value, type(default)) or (
            isinstance(default, float) and isinstance(value, int)
        )
        if not fits or isinstance(value, bool) != isinstance(default, bool):
            raise SettingsError(
                f"{path}: {name} is {value!r}, expected {type(default).__name__} as in {default!r}"
            )
    return kind(**table)
