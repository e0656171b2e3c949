"""Rows of the store ↔ the types of newsqa."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import numpy as np

from newsqa.errors import IndexDamaged
from newsqa.types import Article, Passage, Span

T = TypeVar("T")

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
BATCH = 500
"""Bound variables of one statement."""


def instant_of(moment: datetime) -> int:
    """Microseconds since 1970, UTC."""
    return (moment - _EPOCH) // timedelta(microseconds=1)


def to_instant(moment: datetime | None) -> int | None:
    """The same of what may be None."""
    return None if moment is None else instant_of(moment)


def moment_of(instant: int) -> datetime:
    """The aware UTC datetime of microseconds since 1970."""
    return _EPOCH + timedelta(microseconds=instant)


def from_instant(instant: int | None) -> datetime | None:
    """The same of what may be None."""
    return None if instant is None else moment_of(instant)


ARTICLE_COLUMNS = (
    "id, title, text, url, source, authors, published, language, retrieved, origin, content_hash"
)
PASSAGE_COLUMNS = 'id, start, "end", sentences, article'


def read_article(row: Sequence[Any]) -> Article:
    """From a row of ARTICLE_COLUMNS."""
    fields = dict(zip(ARTICLE_COLUMNS.split(", "), row, strict=True))
    with _named_damage(f"the article {fields['id']!r}"):
        fields["authors"] = tuple(json.loads(fields["authors"]))
        fields["published"] = from_instant(fields["published"])
        fields["retrieved"] = from_instant(fields["retrieved"])
        return Article(**fields)


def article_row(article: Article) -> tuple[object, ...]:
    """The values of ARTICLE_COLUMNS."""
    return (
        article.id,
        article.title,
        article.text,
        article.url,
        article.source,
        json.dumps(article.authors, ensure_ascii=False),
        to_instant(article.published),
        article.language,
        to_instant(article.retrieved),
        article.origin,
        article.content_hash,
    )


def read_passage(row: Sequence[Any], article: Article) -> Passage:
    """From a row of PASSAGE_COLUMNS and the article that it points to."""
    passage_id, start, end, spans, _ = row
    with _named_damage(f"a passage of the article {article.id!r}"):
        return Passage(
            id=passage_id,
            article_id=article.id,
            start=start,
            end=end,
            text=article.text[start:end],
            sentences=tuple(Span(start=a, end=b) for a, b in json.loads(spans)),
        )


@contextmanager
def _named_damage(what: str) -> Iterator[None]:
    """IndexDamaged for fields that hold what was never written."""
    try:
        yield
    except (ValueError, TypeError, OverflowError, AttributeError) as error:
        raise IndexDamaged(
            f"{what} can't be read ({error}): restore the index from a copy, or remove the article "
            "and add it again from where it came from"
        ) from error


def write_spans(passage: Passage) -> str:
    """A passage's sentences, for its row."""
    return json.dumps([[span.start, span.end] for span in passage.sentences])


def batches(values: Iterable[T]) -> Iterator[list[T]]:
    """In lists of at most BATCH, numpy's numbers as Python's."""
    batch: list[T] = []
    for value in values:
        batch.append(value.item() if isinstance(value, np.generic) else value)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch
