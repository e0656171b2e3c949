"""Files of rows: JSON, JSON Lines, and tables with a header line → rows with their place."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import orjson

from newsqa.articles.charsets import as_utf8, decode, guess_encoding
from newsqa.articles.fields import has_text_field
from newsqa.articles.reading import is_blank, lines, pieces, whole
from newsqa.config import Loading
from newsqa.errors import SourceError

LISTS = ("articles", "items", "data", "results", "rows", "documents", "docs", "entries", "stories")
"""Keys under which an object holds its list of rows, in this order; else its only list."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What stands at one place of a file, or what is wrong with it."""

    number: int
    """The line in JSON Lines, else the row, from 1; 0 concerns the whole file."""
    value: object = None
    wrong: str | None = None


def jsonl_rows(path: Path, limits: Loading) -> Iterator[Row]:
    """One row per line; a bad line is told and the rest is read on."""
    number = 0
    try:
        stream = as_utf8(pieces(path, limit=limits.max_file_bytes))
        for number, line in enumerate(lines(stream, limit=limits.max_file_bytes), start=1):
            if line is None:
                yield Row(number=number, wrong=_too_long(limits))
                if path.suffix.lower() not in (".jsonl", ".ndjson"):
                    # Compressed, a line can go on without end at no cost to who made it.
                    raise SourceError("the rest is not read after a line over the limit")
            elif line and not line.isspace():
                try:
                    yield Row(number=number, value=parse_json(line, limits))
                except SourceError as error:
                    yield Row(number=number, wrong=str(error))
    except SourceError as error:
        yield Row(number=0, wrong=str(error) if not number else f"after line {number}: {error}")


def json_rows(path: Path, limits: Loading) -> Iterator[Row]:
    """The rows of a list, of an object that holds one, or the one row that an object is."""
    data = whole(pieces(path, limit=limits.max_file_bytes), limit=limits.max_file_bytes)
    if is_blank(data):
        raise SourceError("empty")
    try:
        found = parse_json(data, limits)
    except SourceError:
        if not _is_json_lines(data, limits):
            raise
        del data
        yield from jsonl_rows(path, limits)  # JSON Lines under another name
        return
    del data
    if isinstance(found, dict):
        found = _held_list(found)
    if not isinstance(found, list):
        raise SourceError(f"expected a list of rows or an object, found {found!r:.40}")
    for number, value in enumerate(found, start=1):
        found[number - 1] = None  # so that memory falls as the rows are handed on
        yield Row(number=number, value=value)


def csv_rows(path: Path, limits: Loading) -> Iterator[Row]:
    """One row per record below the header line, by the header's names."""
    # The csv module's own limit, 131,072 characters, is below many articles.
    csv.field_size_limit(max(csv.field_size_limit(), limits.max_article_chars * 2))
    source = _text_lines(path, limits)
    header = next(source, "")
    while header and not header.strip():
        header = next(source, "")
    if not header:
        raise SourceError("empty")
    names = next(csv.reader([header], delimiter=(delimiter := _delimiter(path, header))), [])
    if not has_text_field(names, limits):
        raise SourceError(f"no column for the text; found {', '.join(names)[:200]}")
    reader = csv.reader(source, delimiter=delimiter)
    number = 0
    while True:
        number += 1
        try:
            values = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield Row(number=number, wrong=f"not a record: {error}")
            continue
        except SourceError as error:
            yield Row(
                number=0, wrong=f"after row {number - 1}: {error}" if number > 1 else str(error)
            )
            return
        if values:
            # Values beyond the header have no name; they are dropped like other extra keys.
            yield Row(number=number, value=dict(zip(names, values, strict=False)))
        else:
            number -= 1


def parse_json(data: bytes, limits: Loading) -> object:
    """One JSON value within the nesting limit; raises SourceError."""
    try:
        found: object = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        if "ecursion" in str(error):
            raise SourceError(_too_deep(limits)) from error
        # The stricter parser refuses lone surrogates, NaN and other character sets.
        try:
            found = json.loads(decode(data))
        except RecursionError:
            raise SourceError(_too_deep(limits)) from None
        except ValueError as wrong:
            if isinstance(wrong, SourceError):
                raise
            raise SourceError(f"not valid JSON: {wrong}") from wrong
    if _is_deep(found, limits.max_json_depth):
        raise SourceError(_too_deep(limits))
    return found


def _is_deep(value: object, limit: int) -> bool:
    """Whether containers are nested more than `limit` deep, found without recursion."""
    level: list[object] = [value]
    for _ in range(limit):
        below: list[object] = []
        for item in level:
            if isinstance(item, dict):
                below.extend(v for v in item.values() if isinstance(v, dict | list))
            elif isinstance(item, list):
                below.extend(v for v in item if isinstance(v, dict | list))
        if not below:
            return False
        level = below
    return True


def _held_list(found: Mapping[str, object]) -> list[object]:
    lists = {key: value for key, value in found.items() if isinstance(value, list)}
    for key in LISTS:
        if key in lists and all(isinstance(row, Mapping) for row in lists[key][:10]):
            return lists[key]
    rows = [v for v in lists.values() if v and all(isinstance(row, Mapping) for row in v)]
    if len(rows) == 1 and not any(
        isinstance(found.get(key), str) for key in ("text", "body", "content")
    ):
        return rows[0]
    return [found]


def _is_json_lines(data: bytes, limits: Loading) -> bool:
    first, _, rest = data.lstrip().partition(b"\n")
    if not rest.strip():
        return False
    try:
        return isinstance(parse_json(first, limits), dict)
    except SourceError:
        return False


def _text_lines(path: Path, limits: Loading) -> Iterator[str]:
    """Decoded lines with their ends; the first line that is not UTF-8 decides for the rest."""
    encoding = "utf-8"
    stream = as_utf8(pieces(path, limit=limits.max_file_bytes))
    for line in lines(stream, limit=limits.max_file_bytes):
        if line is None:
            raise SourceError(_too_long(limits))
        try:
            text = line.decode(encoding)
        except UnicodeDecodeError:
            if encoding == "utf-8":
                encoding = guess_encoding(line)
            text = line.decode(encoding, "replace")
        yield text + "\n"


def _delimiter(path: Path, header: str) -> str:
    if ".tsv" in (suffix.lower() for suffix in path.suffixes):
        return "\t"
    return max(",;\t|", key=header.count)


def _too_long(limits: Loading) -> str:
    return f"a line over the limit of {limits.max_file_bytes:,} bytes"


def _too_deep(limits: Loading) -> str:
    return f"nested more than {limits.max_json_depth} levels deep"
