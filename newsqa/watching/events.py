"""What happens while sources are followed, as records for whoever shows it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, TypeAlias

Kind: TypeAlias = Literal[
    "started",  # following, as told in the reason
    "ready",  # everything was brought up to date once
    "added",
    "updated",
    "removed",  # its file is gone, where that was asked for
    "skipped",  # something was given and not read
    "gone",  # a file
    "waiting",  # for the index's writer, or for something that isn't there yet
    "failed",  # will be tried again, as the reason says
    "stopped",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One thing that happened."""

    kind: Kind
    at: datetime
    """Aware UTC."""
    origin: str | None = None
    """The path or address that it concerns."""
    article_id: str | None = None
    title: str | None = None
    reason: str | None = None
    counts: Mapping[str, int] | None = field(default=None, hash=False)
    """With "ready" and "stopped": how often what happened since the start."""
