"""Markup inside fields (feed entries, rows with HTML) → paragraphs of plain text."""

from __future__ import annotations

import re
from html.parser import HTMLParser

_TAGS = re.compile(
    r"</(?:p|div|a|span|strong|em|b|i|li|ul|h[1-6]|script)\s*>|<(?:p|br|img)\b[^<>]*>", re.I
)
_BLOCKS = frozenset(
    "p div br li ul ol h1 h2 h3 h4 h5 h6 tr table blockquote section article header footer "
    "figure figcaption pre hr dl dt dd aside main nav form".split()
)
_HIDDEN = frozenset(
    "script style noscript template iframe object svg head title form button".split()
)
_SPACE = re.compile(r"[ \t\n\r\f]+")


def looks_like_markup(text: str) -> bool:
    """Whether a field holds HTML, rather than text that happens to have a "<" in it."""
    return "<" in text and _TAGS.search(text) is not None


def markup_text(markup: str) -> str:
    """The visible words of an HTML fragment, block elements parted by blank lines."""
    reader = _Reader()
    reader.feed(markup.replace("\0", ""))
    reader.close()
    return reader.text()


class _Reader(HTMLParser):
    """Keeps what is shown; nesting costs nothing, since only hidden elements are counted."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._blocks: list[list[str]] = [[]]
        self._hidden: str | None = None
        self._depth = 0

    def handle_starttag(self, tag: str, attrs: object) -> None:  # noqa: ARG002
        if self._hidden is None and tag in _HIDDEN:
            self._hidden, self._depth = tag, 1
        elif tag == self._hidden:
            self._depth += 1
        elif tag in _BLOCKS:
            self._blocks.append([])

    def handle_startendtag(self, tag: str, attrs: object) -> None:  # noqa: ARG002
        if tag in _BLOCKS:
            self._blocks.append([])

    def handle_endtag(self, tag: str) -> None:
        if tag == self._hidden:
            self._depth -= 1
            if not self._depth:
                self._hidden = None
        elif tag in _BLOCKS:
            self._blocks.append([])

    def handle_data(self, data: str) -> None:
        if self._hidden is None:
            self._blocks[-1].append(data)

    def text(self) -> str:
        blocks = (_SPACE.sub(" ", "".join(block)).strip() for block in self._blocks)
        return "\n\n".join(block for block in blocks if block)
