"""`newsqa compact` and `newsqa export`: what keeps an archive small, and safe elsewhere."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO, TYPE_CHECKING, Annotated

import typer

from newsqa.cli.exits import DONE
from newsqa.cli.options import IndexOption, JsonOption
from newsqa.cli.output import show, show_compact
from newsqa.cli.progress import busy
from newsqa.config import DEFAULT_INDEX
from newsqa.errors import SourceError

if TYPE_CHECKING:
    from newsqa.types import Article


def compact(index: IndexOption = DEFAULT_INDEX, as_json: JsonOption = False) -> int:
    """Leave nothing of what was removed in any file.

    The room that it took is given back. Questions are answered meanwhile.
    """
    from newsqa.indexing import Index

    with busy("Compacting"), contextlib.closing(Index.open(index)) as opened:
        report = opened.compact()
    show(report, as_json, lambda: show_compact(report))
    return DONE


def export(
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="FILE.jsonl", help="Instead of standard output."),
    ] = None,
    index: IndexOption = DEFAULT_INDEX,
) -> int:
    """Write every article as a line of JSON.

    `newsqa build` makes the same archive of it anywhere. What was withdrawn is not in it, nor
    what was changed when.
    """
    from newsqa.indexing import Index

    with contextlib.closing(Index.open(index)) as opened, _written(output) as file:
        for article in opened.articles():
            file.write(_line(article))
    return DONE


@contextlib.contextmanager
def _written(output: Path | None) -> Iterator[IO[bytes]]:
    """Where lines go: a file is there when it is whole, or not at all."""
    if output is None:
        yield sys.stdout.buffer
        return
    unfinished = output.with_name(f"{output.name}.{os.getpid()}.tmp")
    try:
        with unfinished.open("xb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.replace(unfinished, output)
    except OSError as error:
        raise SourceError(f"{output} can't be written: {error.strerror or error}") from error
    finally:
        with contextlib.suppress(OSError):
            unfinished.unlink()


def _line(article: Article) -> bytes:
    import orjson

    row = {
        "id": article.id,
        "title": article.title,
        "text": article.text,
        "url": article.url,
        "source": article.source,
        "authors": article.authors,
        "published": article.published,
        "language": article.language,
        "retrieved": article.retrieved,
    }
    return orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE)
