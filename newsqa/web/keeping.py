"""A conversation, as the reader's own browser keeps it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from pydantic import TypeAdapter

from newsqa.web.turns import Turn

VERSION = 1
KEPT = 20
"""Turns that a browser keeps, the latest: its storage holds some megabytes."""
MOST = 1_000_000
"""More than a conversation has turns."""
NOTHING = "{}"
"""Of no turns: a browser does not store that there is no value."""


def kept(turns: Sequence[Turn], *, user: str | None) -> str | None:
    """What is given to the browser, JSON; None where there is nothing to keep.

    A string, for of an object Gradio sends what has changed since the event's last update, and a
    browser that is busy then changes the one that it has yet to store.
    """
    if not turns:
        return None
    saved = _turns().dump_python(tuple(turns[-KEPT:]), mode="json")
    told = {"version": VERSION, "user": user, "turns": saved}
    text = json.dumps(told, ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8", "replace").decode()  # half a surrogate pair can't be sent


def restored(found: object, *, user: str | None) -> tuple[Turn, ...]:
    """The turns that a browser has kept; none where they are not this user's, or not as we made
    them: what a browser hands in may be anything.
    """
    try:
        found = json.loads(found) if isinstance(found, str) else found
        if not isinstance(found, dict) or found.get("version") != VERSION:
            return ()
        if found.get("user") != user:
            return ()
        json.dumps(found, ensure_ascii=False).encode()  # or it could not be shown
        turns = _turns().validate_python(found.get("turns"))
    except (ValueError, RecursionError):
        return ()
    numbers = [turn.number for turn in turns]
    in_order = numbers == sorted(set(numbers)) and all(0 < number < MOST for number in numbers)
    return turns[-KEPT:] if in_order and all(turn.over for turn in turns) else ()


def storage_key(index: str | Path) -> str:
    """Where a browser keeps it: pages of two archives on one address don't share it."""
    digest = hashlib.sha256(str(Path(index).resolve()).encode("utf-8", "surrogateescape"))
    return f"newsqa-{digest.hexdigest()[:16]}"


@cache
def _turns() -> TypeAdapter[tuple[Turn, ...]]:
    return TypeAdapter(tuple[Turn, ...])
