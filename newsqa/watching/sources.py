"""What was named to be followed: paths, addresses, and what is neither."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from newsqa.articles.documents import address_of
from newsqa.errors import SourceError
from newsqa.types import Skip

_SCHEME = re.compile(r"([a-z][a-z0-9+.-]+)://", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """Each once, in the order in which they were named."""

    roots: tuple[Path, ...]
    """Absolute, as of the folder and the home that they were named from."""
    urls: tuple[str, ...]
    skipped: tuple[Skip, ...]


def sort_sources(sources: Iterable[str | Path]) -> Sources:
    """Tell paths from addresses; a path need not be there."""
    roots: dict[Path, None] = {}
    urls: dict[str, None] = {}
    skipped = []
    for source in sources:
        match = _SCHEME.match(source) if isinstance(source, str) else None
        if match is None:
            roots[Path(os.path.abspath(os.path.expanduser(source)))] = None
            continue
        try:
            if match[1].lower() not in ("http", "https"):
                raise SourceError(f"{match[1]} addresses are not read, only http and https")
            urls[address_of(str(source))] = None
        except SourceError as error:
            skipped.append(Skip(origin=str(source), reason=str(error)))
    return Sources(roots=tuple(roots), urls=tuple(urls), skipped=tuple(skipped))
