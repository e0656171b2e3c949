"""Output for machines: one JSON document."""

from __future__ import annotations

import dataclasses
import json
import sys
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from newsqa.cli.terminal import CONTROLS, SURROGATES
from newsqa.types import Hit, Reference


def to_json(value: object) -> str:
    """A document that holds nothing that could control a terminal: such characters are escaped."""
    return _escaped(value, indent=2)


def to_json_line(value: object) -> str:
    """The same on one line."""
    return _escaped(value, indent=None)


def _escaped(value: object, *, indent: int | None) -> str:
    encoding = (getattr(sys.stdout, "encoding", None) or "ascii").lower()
    text = json.dumps(
        plain(value), indent=indent, allow_nan=False, ensure_ascii=not encoding.startswith("utf")
    )
    # JSON itself escapes only the first of these.
    for unsafe in (CONTROLS, SURROGATES):
        text = unsafe.sub(lambda m: m[0] if m[0] in "\n\t" else f"\\u{ord(m[0]):04x}", text)
    return text


def plain(value: Any) -> Any:
    """What JSON can say: records as objects, instants in ISO 8601."""
    if isinstance(value, Hit):
        return {
            "rank": value.rank,
            "score": value.score,
            "signals": dict(value.signals),
            "article": plain(Reference.to(value.article)),
            "start": value.passage.start,
            "end": value.passage.end,
            "text": value.passage.text,
            "copies": list(value.copies),
        }
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: plain(getattr(value, f.name)) for f in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {str(key): plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    return value.isoformat() if isinstance(value, datetime) else value
