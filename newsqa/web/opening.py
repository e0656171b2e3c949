"""Which source a reader asked for → the article, as it is read beside the chat."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any

from newsqa.errors import NewsQAError
from newsqa.pipeline import NewsQA
from newsqa.types import Citation
from newsqa.web.asking import in_words
from newsqa.web.holdings import problem
from newsqa.web.source import gone, source
from newsqa.web.turns import Turn


def open_source(qa: NewsQA, turns: Sequence[Turn], wanted: Mapping[str, Any]) -> str:
    """The article behind mark `number` of `turn`, or the one of the id `article`.

    `wanted` comes from the browser and may hold anything.
    """
    turn = next((each for each in turns if each.number == wanted.get("turn")), None)
    answer = turn.answer if turn else None
    cited = _cited(answer.citations, wanted.get("number")) if answer else None
    article_id = cited.article_id if cited else wanted.get("article")
    # The same source opened again is drawn again, scrolled to its place.
    drawn = f"<!-- {time.monotonic_ns()} -->"
    if not isinstance(article_id, str):
        return drawn + problem("This source belongs to a conversation that is over.")
    try:
        article = qa.article(article_id)
    except NewsQAError as error:
        return drawn + problem(in_words(error))
    if article is None:
        return drawn + gone(cited)
    if answer is None or cited is None:
        return drawn + source(article)
    return drawn + source(
        article,
        citations=answer.citations,
        number=cited.number,
        turn=turn.number if turn else None,
        as_of=answer.query.as_of,
        asked=answer.query.asked,
    )


def _cited(citations: Sequence[Citation], number: object) -> Citation | None:
    return next((each for each in citations if each.number == number), None)
