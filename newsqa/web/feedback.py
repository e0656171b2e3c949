"""What readers say of answers → lines of a file that `newsqa eval` reads."""

from __future__ import annotations

import json
import threading
import uuid
from datetime import datetime
from pathlib import Path
from typing import Any

from newsqa.web.markup import escape
from newsqa.web.turns import Turn

MOST_BYTES = 64 * 1024 * 1024
"""Of the file: nobody fills a disk by clicking."""


class Feedback:
    """A file of verdicts, one JSON object a line."""

    def __init__(self, file: Path):
        self._file = file
        self._lock = threading.Lock()

    def add(self, turn: Turn, verdict: str, *, user: str | None, now: datetime) -> None:
        """Append a verdict.  Raises OSError where the file can't be written."""
        if self._file.exists() and self._file.stat().st_size > MOST_BYTES:
            raise OSError(f"{self._file} has more than {MOST_BYTES:,} bytes: move it away")
        line = json.dumps(_line(turn, verdict, user, now), ensure_ascii=False) + "\n"
        with self._lock, self._file.open("a", encoding="utf-8", errors="replace") as file:
            file.write(line)


def noted(turn: Turn, said: str) -> str:
    """What is said under the answer once it is written down."""
    return f'<div data-for="turn-{turn.number}" data-into="noted">{escape(said)}</div>'


def _line(turn: Turn, verdict: str, user: str | None, now: datetime) -> dict[str, Any]:
    """The question with the answers that count, as far as the verdict tells them.

    A right answer is one; a right refusal says that there is none.  Of what is wrong the right
    answer is not known: `answers` is null, and an evaluation passes the line over.
    """
    answer = turn.answer
    assert answer is not None
    query = answer.query
    answers = [answer.short] if answer.short else None
    if answer.status == "no_evidence":
        answers = []
    return {
        "id": uuid.uuid4().hex,
        # A follow-up with the question that it leans on.
        "question": query.text,
        "answers": answers if verdict == "right" else None,
        "articles": [c.url or c.article_id for c in answer.citations] if verdict == "right" else [],
        "as_of": query.as_of.isoformat() if query.as_of else None,
        "since": query.since.isoformat() if query.since else None,
        "until": query.until.isoformat() if query.until else None,
        "sources": list(query.sources),
        "kind": "feedback",
        "verdict": verdict,
        "said": answer.text,
        "short": answer.short,
        "confidence": round(answer.confidence, 4),
        "quotes": [
            {"article": c.article_id, "quote": c.quote, "number": c.number}
            for c in answer.citations
        ],
        "user": user,
        "at": now.isoformat(timespec="seconds"),
    }
