"""What stands on a card is the article's words, and nothing but words."""

from __future__ import annotations

import html
import re
from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsqa.types import Answer, Citation, Coverage, Query, Reference
from newsqa.web.about import UNRATED, about, reasons_for, support
from newsqa.web.cards import AROUND, card, cards, in_place, nearest
from newsqa.web.markup import escape, safe_href, span_of_days
from newsqa.web.turns import Bounds, Turn, prose, show

OURS = {
    "a", "article", "aside", "b", "bdi", "blockquote", "button", "details", "div", "footer",
    "h2", "h3", "h4", "header", "i", "li", "mark", "nav", "ol", "p",
    "section", "span", "summary", "time", "ul",
}  # fmt: skip
NASTY = "\"><img src=x onerror=alert(1)><script>alert(2)</script></mark>{{x}}${x}&amp;'`"


class Tags(HTMLParser):
    """The elements and attributes of a piece of HTML."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def a_citation(text: str, start: int, end: int, **changes: object) -> Citation:
    whole = Citation(
        article_id="a", title="A title", source="Gazette", authors=("Ida Brandt",),
        published=datetime(2024, 6, 9, tzinfo=UTC), url="https://gazette.example/a",
        number=1, quote=text[start:end], start=start + 7, end=end + 7, context=text,
        context_start=7,
    )  # fmt: skip
    return replace(whole, **changes)  # type: ignore[arg-type]


def an_answer(**changes: object) -> Answer:
    whole = Answer(
        question="How high?", text="It was high. [1]", short="high", status="answered",
        confidence=0.9, citations=(a_citation("It was high.", 0, 12),),
        query=Query(text="How high?"),
        searched=Coverage(articles=3, undated_excluded=0, earliest=None, latest=None),
    )  # fmt: skip
    return replace(whole, **changes)  # type: ignore[arg-type]


def marked(text: str) -> list[str]:
    return [html.unescape(found) for found in re.findall(r"<mark>(.*?)</mark>", text, re.DOTALL)]


def assert_ours_only(text: str) -> None:
    for tag, attributes in Tags(text).found:
        assert tag in OURS
        assert not [name for name in attributes if name.startswith("on")]
        href = attributes.get("href")
        assert href is None or href.startswith(("#", "https://", "http://"))


@given(st.text(max_size=2000), st.data())
def test_the_highlight_is_exactly_the_quote_and_nothing_of_the_text_becomes_markup(
    text: str, data: st.DataObject
) -> None:
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    citation = a_citation(text, start, end)
    shown = in_place(citation)
    expected = re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]", "\ufffd", citation.quote)
    assert marked(shown) == [expected]
    assert {tag for tag, _ in Tags(shown).found} == {"mark"}


def test_a_long_paragraph_is_shortened_around_the_quote() -> None:
    text = "word " * 1000 + "The very words. " + "more " * 1000
    shown = in_place(a_citation(text, 5000, 5015))
    assert marked(shown) == ["The very words."]
    assert shown.startswith("… ")
    assert shown.endswith(" …")
    assert len(shown) < 2 * AROUND + 100


def test_a_context_that_is_not_the_quotes_paragraph_is_left_out() -> None:
    assert in_place(a_citation("abc def", 0, 3, context_start=500)) == "<mark>abc</mark>"


@pytest.mark.parametrize("field", ["title", "source", "url", "quote", "context", "authors"])
def test_hostile_strings_stay_text(field: str) -> None:
    text = f"Before. {NASTY} After."
    changes: dict[str, object] = {
        "title": {"title": NASTY},
        "source": {"source": NASTY},
        "url": {"url": "https://x.example/" + NASTY},
        "authors": {"authors": (NASTY, NASTY)},
    }.get(field, {})  # type: ignore[assignment]
    shown = card(a_citation(text, 8, 8 + len(NASTY), **changes), turn=1)
    assert_ours_only(shown)
    assert marked(shown) == [NASTY]


def test_a_hostile_question_answer_and_problem_stay_text() -> None:
    answer = an_answer(text=f"{NASTY} [1]", short=NASTY, query=Query(text="x", why=(NASTY,)))
    several = replace(answer, several=(NASTY, "\u202ex", NASTY))
    bounds = Bounds(as_of=NASTY, sources=(NASTY,))
    turn = Turn(number=1, question=NASTY, bounds=bounds)
    for state in (
        turn,
        turn.with_(steps=(NASTY,), text=NASTY),
        turn.with_(answer=answer),
        turn.with_(answer=several, next=(NASTY,)),
        turn.with_(problem=NASTY, text=NASTY),
        turn.with_(
            answer=an_answer(
                status="no_evidence",
                citations=(),
                nearest=(a_citation("x", 0, 1, title=NASTY, source=NASTY),),
            )
        ),
    ):
        assert_ours_only(show(state))


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)", "JaVaScRiPt:alert(1)", " javascript:alert(1)", "java\nscript:x",
        "data:text/html,<script>alert(1)</script>", "vbscript:x", "file:///etc/passwd",
        "//x.example", "http:", "http://", "https://x.example/\"onmouseover=alert(1)",
        "https://x.example/a b",
        "http://[", "ftp://x.example/", "", None, "https://x.example/" + "a" * 5000,
    ],
)  # fmt: skip
def test_only_plain_addresses_become_links(url: str | None) -> None:
    assert safe_href(url) is None
    assert "<a " not in card(a_citation("abc", 0, 3, url=url), turn=1)


def test_links_leave_nothing_of_ours_to_the_other_site() -> None:
    shown = card(a_citation("abc", 0, 3, url="https://x.example/?a=1&b=2"), turn=1)
    links = [attributes for tag, attributes in Tags(shown).found if tag == "a"]
    assert [link["href"] for link in links] == ["https://x.example/?a=1&b=2"]
    assert "noopener" in (links[0]["rel"] or "")


def test_what_is_not_known_is_said_so() -> None:
    shown = card(
        a_citation("abc", 0, 3, title=None, source=None, authors=(), published=None, url=None),
        turn=1,
    )
    assert "Untitled" in shown
    assert "Outlet not known" in shown
    assert "undated" in shown
    assert "By " not in shown


def sentences(shown: str) -> list[tuple[bool, str]]:
    """Of each sentence, whether it is marked as unverified, and its text."""
    pieces = re.split(r'<span class="sentence( unverified)?"[^>]*>', shown.split("</p>")[0])
    texts = (re.sub(r"<[^>]+>", "", piece).strip() for piece in pieces[2::2])
    return [(bool(mark), text) for mark, text in zip(pieces[1::2], texts, strict=True)]


def test_a_sentence_that_nothing_supports_stands_apart_from_those_that_are_cited() -> None:
    text = "Six died on Mars. [unverified] It was high. [1] All is lost. [unverified]"
    unsupported = ("Six died on Mars.", "All is lost.")
    expected = [
        (True, "Six died on Mars. not verified"),
        (False, "It was high. [1]"),
        (True, "All is lost. not verified"),
    ]
    for known in (unsupported, None):  # as it arrives, and whole
        shown = prose(text, turn=1, known=frozenset({1}), unverified=known)
        assert sentences(shown) == expected
    answer = an_answer(text=text, unverified=unsupported)
    whole = show(Turn(number=1, question="?", answer=answer))
    assert sentences(whole[whole.index("prose-text") :]) == expected
    assert "2 are marked “not verified”" in whole
    assert "marked" not in show(Turn(number=1, question="?", answer=an_answer()))


def test_an_article_cannot_have_its_words_taken_for_unverified() -> None:
    shown = prose("It is [unverified] so far. [1]", turn=1, known=frozenset({1}), unverified=())
    assert sentences(shown) == [(False, "It is [unverified] so far. [1]")]
    # Nor where another sentence of the answer is.
    text = "He called [unverified] claims wrong. [1] All is lost. [unverified]"
    shown = prose(text, turn=1, known=frozenset({1}), unverified=("All is lost.",))
    found = sentences(shown)
    assert [told for told, _ in found] == [False, False, True]
    assert "[unverified]" in found[0][1]


def test_marks_lead_to_cards_that_are_there_and_to_no_others() -> None:
    shown = prose("One. [1][2] Two [3].", turn=4, known=frozenset({1, 2}))
    links = [attributes["href"] for tag, attributes in Tags(shown).found if tag == "a"]
    assert links == ["#turn-4-source-1", "#turn-4-source-2"]
    assert "[3]" in shown
    listed = cards((a_citation("a", 0, 1), a_citation("b", 0, 1, number=2)), turn=4)
    ids = {attributes["id"] for tag, attributes in Tags(listed).found if tag == "li"}
    assert ids == {"turn-4-source-1", "turn-4-source-2"}


def test_each_sentence_knows_its_marks() -> None:
    shown = prose("One thing. [1][2] Another. [3]", turn=1, known=frozenset({1, 2, 3}))
    sentences = [a for tag, a in Tags(shown).found if a.get("class") == "sentence"]
    assert [sentence["data-cites"] for sentence in sentences] == ["1 2", "3"]


def test_confidence_in_words_with_the_number_beside() -> None:
    words = {
        confidence: support(an_answer(confidence=confidence))
        for confidence in (0.99, 0.6, 0.59, 0.3, 0.29, 0.0)
    }
    assert words[0.99] == words[0.6] == "Well supported"
    assert words[0.59] == words[0.3] == "Supported"
    assert words[0.29] == words[0.0] == "Weakly supported"
    # How sure an account is nobody has measured.
    why = "Why did it rise?"
    account = an_answer(confidence=0.2, question=why, query=Query(text=why), short=None)
    assert support(account) == UNRATED
    shown = show(Turn(number=1, question=why, answer=account))
    assert UNRATED in shown
    assert "nothing tells how many such answers are right" in shown
    shown = show(Turn(number=1, question="q", answer=an_answer(confidence=0.91)))
    assert "Confidence 0.91 of 1" in shown


def test_all_exact_answers_stand_where_the_one_stands() -> None:
    def short(answer: Answer) -> list[str]:
        shown = show(Turn(number=1, question="q", answer=answer))
        return [
            html.unescape(t) for t in re.findall(r'<p class="short" dir="auto">(.*?)</p>', shown)
        ]

    assert short(an_answer()) == ["high"]
    assert short(an_answer(several=("high", "<b>wide</b> & deep"))) == ["high; <b>wide</b> & deep"]
    assert short(an_answer(short=None)) == []


def test_a_refusal_says_what_was_searched_and_what_came_nearest() -> None:
    reference = Reference(
        article_id="a", title="Nearby", source="Gazette", authors=(), published=None, url=None
    )
    refused = an_answer(
        status="no_evidence", citations=(), text="No.", short=None, confidence=0.1,
        nearest=(reference,),
        searched=Coverage(
            articles=1234, undated_excluded=1,
            earliest=datetime(2023, 12, 30, tzinfo=UTC), latest=datetime(2024, 1, 2, tzinfo=UTC),
        ),
    )  # fmt: skip
    shown = show(Turn(number=1, question="q", answer=refused))
    assert "does not hold an answer" in shown
    assert "1,234 articles, 30 December 2023 – 2 January 2024; 1 undated one left out" in shown
    assert "Nearby" in shown
    assert "supported<" not in shown
    assert 'data-verdict="wrong"' in shown
    assert "citation wrong" not in shown
    nothing = replace(refused, searched=replace(refused.searched, articles=0), nearest=())
    assert "within these bounds" in show(Turn(number=1, question="q", answer=nothing))


def test_no_nearest_articles_no_list() -> None:
    assert nearest(()) == ""


def test_days_are_told_as_a_newspaper_tells_them() -> None:
    first, last = datetime(2024, 6, 9, tzinfo=UTC), datetime(2024, 6, 9, 23, tzinfo=UTC)
    assert span_of_days(first, last) == "9 June 2024"
    assert span_of_days(first, last.replace(day=12)) == "9–12 June 2024"
    assert span_of_days(first, last.replace(month=7)) == "9 June – 9 July 2024"
    assert span_of_days(first, last.replace(year=2025)) == "9 June 2024 – 9 June 2025"
    assert span_of_days(None, None) == ""


def test_controls_are_shown_as_what_they_are() -> None:
    assert escape("a\x00b\x1b[31m") == "a\ufffdb\ufffd[31m"


def test_who_else_printed_the_words_is_named_and_only_text() -> None:
    other = Reference(
        article_id="b", title=NASTY, source="Radio Vellmark", authors=(),
        published=datetime(2024, 6, 10, tzinfo=UTC), url="javascript:alert(1)",
    )  # fmt: skip
    shown = card(a_citation("It was high.", 0, 12, elsewhere=(other,)), turn=1)
    assert "Radio Vellmark" in shown
    assert "10 June 2024" in shown or "2024" in shown
    tags = Tags(shown).found
    assert {tag for tag, _ in tags} <= OURS
    assert not any(
        (attributes.get("href") or "").startswith("javascript") for _, attributes in tags
    )
    assert "same words" not in card(a_citation("It was high.", 0, 12), turn=1)


def test_a_correction_and_a_note_are_told() -> None:
    when = datetime(2024, 6, 12, tzinfo=UTC)
    assert "12 June 2024" in card(a_citation("It was high.", 0, 12, corrected=when), turn=1)
    assert "took in other words" not in card(a_citation("It was high.", 0, 12), turn=1)
    assert "The model &lt;b&gt;failed" in about(an_answer(note="The model <b>failed."))
    assert 'class="note"' not in about(an_answer())


def test_reasons_say_what_the_support_rests_on() -> None:
    other = Reference(
        article_id="b", title="t", source="Radio", authors=(), published=None, url=None
    )
    answer = an_answer(
        citations=(
            a_citation("It was high.", 0, 12, elsewhere=(other,)),
            a_citation("Quite high.", 0, 11, number=2, article_id="c", source="Post"),
        ),
        searched=Coverage(
            articles=3, undated_excluded=0, earliest=None, latest=datetime(2024, 7, 1, tzinfo=UTC)
        ),
    )
    said = " ".join(reasons_for(answer))
    assert "about 9 in 10" in said
    assert "“high” stands word for word in [1] and [2]." in said
    assert "2 quotes from 2 articles of 2 outlets" in said
    assert "1 other article prints the same words" in said
    assert "newest source is of 9 June 2024; the articles searched go on to 1 July 2024" in said
    assert "no exact answer" in " ".join(reasons_for(an_answer(short=None)))
