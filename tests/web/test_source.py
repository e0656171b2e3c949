"""An article beside the chat: the quotes stand marked in their places, and nothing is markup."""

from __future__ import annotations

import html
import re
from datetime import UTC, datetime
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

import newsqa
from newsqa.types import Answer, Article, Citation, Coverage, Query, Reference
from newsqa.web.markup import age
from newsqa.web.opening import open_source
from newsqa.web.source import SHOWN_CHARS, gone, paragraphs, place, source
from newsqa.web.turns import Turn

NASTY = "\"><img src=x onerror=alert(1)></mark><script>alert(2)</script>{{x}}${x}'`"


class Tags(HTMLParser):
    """The elements and attributes of a piece of HTML."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


MARK = re.compile(r'<mark( class="here")? data-number="(\d+)">(.*?)</mark>', re.DOTALL)


def an_article(text: str, **changes: object) -> Article:
    fields: dict[str, object] = {
        "id": "a", "title": "A title", "text": text, "content_hash": "0" * 32,
        "source": "Gazette", "authors": ("Ida Brandt",), "url": "https://gazette.example/a",
        "published": datetime(2024, 6, 9, tzinfo=UTC), **changes,
    }  # fmt: skip
    return Article(**fields)  # type: ignore[arg-type]


def quoting(article: Article, start: int, end: int, number: int = 1) -> Citation:
    reference = Reference.to(article)
    return Citation(
        **{name: getattr(reference, name) for name in Reference.__slots__},
        number=number, quote=article.text[start:end], start=start, end=end, context="",
        context_start=0,
    )  # fmt: skip


@given(st.text(alphabet=st.sampled_from("ab \n<&\x00"), min_size=1, max_size=200), st.data())
def test_what_is_marked_is_the_quote_and_all_words_are_there(
    text: str, data: st.DataObject
) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    article = an_article(text)
    shown = source(article, citations=[quoting(article, start, end)], number=1)
    body = shown.partition('<div class="source-text">')[2].rpartition("</div>")[0]
    marked = "".join(html.unescape(words) for _, _, words in MARK.findall(body))
    bare = html.unescape(re.sub(r"<[^>]*>", "", body))

    def words(of: str) -> str:
        return "".join(of.replace("\x00", "\ufffd").split())

    assert words(marked) == words(text[start:end])
    assert words(bare) == words(text)


def test_paragraphs_keep_their_offsets() -> None:
    text = "One.\n\n  Two\nthree.  \n\n"
    assert [text[a:b] for a, b in paragraphs(text, 0, len(text))] == ["One.", "Two", "three."]


def test_the_chosen_quote_stands_out_among_the_others_of_the_answer() -> None:
    article = an_article("It was high. It was wide. It was deep.")
    quotes = [quoting(article, 0, 12, 1), quoting(article, 13, 25, 2), quoting(article, 0, 12, 3)]
    other = quoting(an_article("Elsewhere.", id="b"), 0, 10, 4)
    shown = source(article, citations=[*quotes, other], number=2)
    assert MARK.findall(shown) == [
        ("", "1", "It was high."),
        (' class="here"', "2", "It was wide."),
    ]


def test_a_quote_that_has_moved_is_found_and_one_that_is_gone_is_told() -> None:
    article = an_article("It was high. It was wide.")
    citation = quoting(article, 13, 25)
    moved = an_article("New first words. It was high. It was wide.")
    found = place(moved.text, citation)
    assert found is not None
    assert moved.text[found.start : found.end] == citation.quote
    twice = an_article("x It was wide. It was wide.")
    assert place(twice.text, citation) is None
    changed = source(an_article("It was narrow."), citations=[citation], number=1)
    assert "has changed since" in changed
    assert "It was wide." in changed
    assert "<mark" not in changed
    assert "It was wide." in gone(citation)
    assert "removed from the archive" in gone(citation)


def test_of_an_endless_text_the_part_around_the_quote_is_shown() -> None:
    text = "word " * 40_000 + "The very words. " + "more " * 40_000
    article = an_article(text)
    shown = source(article, citations=[quoting(article, 200_000, 200_015)], number=1)
    assert [words for *_, words in MARK.findall(shown)] == ["The very words."]
    assert len(shown) < SHOWN_CHARS + 5000
    assert shown.count("left out here") == 2


@pytest.mark.parametrize("field", ["title", "source", "text", "authors", "url"])
def test_hostile_strings_stay_text(field: str) -> None:
    value: object = (NASTY,) if field == "authors" else NASTY
    article = an_article(**{"text": f"Before {NASTY} after.", field: value})  # type: ignore[arg-type]
    citation = quoting(article, 0, len(article.text))
    shown = source(article, citations=[citation], number=1, turn=1) + gone(citation)
    for tag, attributes in Tags(shown).found:
        assert tag not in ("img", "script")
        assert not [name for name in attributes if name.startswith("on")]
        assert not (attributes.get("href") or "").startswith("javascript")


def test_an_age_is_told_from_the_as_of_date_or_from_today() -> None:
    then, later = datetime(2024, 6, 9, tzinfo=UTC), datetime(2024, 6, 12, tzinfo=UTC)
    asked = datetime(2026, 6, 12, tzinfo=UTC)
    assert age(then, as_of=later, asked=asked) == "3 days before your as-of date"
    assert age(then, as_of=then, asked=asked) == "on your as-of date"
    assert age(then, as_of=None, asked=asked) == "2 years ago"
    assert age(then, as_of=None, asked=then) == "today"
    assert age(then, as_of=None, asked=datetime(2024, 9, 9, tzinfo=UTC)) == "3 months ago"
    assert age(None, as_of=later, asked=asked) == ""
    assert age(later, as_of=then, asked=asked) == ""


def test_whatever_the_browser_asks_for_is_answered_in_words(qa: newsqa.NewsQA) -> None:
    article = qa.article("bridge")
    assert article is not None
    answer = Answer(
        question="q", text="x [1]", short=None, status="answered", confidence=0.9,
        citations=(quoting(article, 0, 20),), query=Query(text="q"),
        searched=Coverage(articles=1, undated_excluded=0, earliest=None, latest=None),
    )  # fmt: skip
    turns = [Turn(number=1, question="q", answer=answer)]
    assert 'class="here"' in open_source(qa, turns, {"turn": 1, "number": 1})
    whole = open_source(qa, turns, {"article": "strike"})
    assert "Ferry pilots in Ostrow went on strike" in whole
    assert "<mark" not in whole
    assert "removed from the archive" in open_source(qa, turns, {"article": "none"})
    for wanted in ({}, {"turn": 9, "number": 1}, {"turn": 1, "number": []}, {"article": ["x"]}):
        assert "conversation that is over" in open_source(qa, turns, wanted)
    qa.remove("bridge")
    assert "removed from the archive since it was quoted" in open_source(
        qa, turns, {"turn": 1, "number": 1}
    )
