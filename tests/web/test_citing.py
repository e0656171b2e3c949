"""What is copied can be read by what it is copied to."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime

import bibtexparser
import pytest
from pylatexenc.latex2text import LatexNodes2Text

from newsqa.types import Answer, Citation, Coverage, Query
from newsqa.web.citing import FORMS, as_bibtex, as_csl, as_markdown, as_text, cited

NASTY = 'Ein {Böses } \\input{x} % $5$ & _x_ [a](javascript:1) <b> *c* "q" #1 ~'


def a_citation(number: int = 1, **changes: object) -> Citation:
    fields: dict[str, object] = {
        "article_id": "a", "title": "High water", "source": "Gazette", "authors": ("Ida Brandt",),
        "published": datetime(2024, 6, 9, tzinfo=UTC), "url": "https://gazette.example/a",
        "number": number, "quote": "It was\nhigh.", "start": 0, "end": 12, "context": "",
        "context_start": 0, **changes,
    }  # fmt: skip
    return Citation(**fields)  # type: ignore[arg-type]


def an_answer(*citations: Citation, **changes: object) -> Answer:
    fields: dict[str, object] = {
        "question": "How high?", "text": "It was high. [1][2]", "short": "high",
        "status": "answered", "confidence": 0.9, "citations": citations,
        "query": Query(text="How high?", as_of=datetime(2024, 6, 30, tzinfo=UTC)),
        "searched": Coverage(articles=3, undated_excluded=0, earliest=None, latest=None),
        **changes,
    }  # fmt: skip
    return Answer(**fields)  # type: ignore[arg-type]


def test_text_has_the_answer_and_each_source_with_its_quote() -> None:
    copied = as_text(an_answer(a_citation(), a_citation(2, article_id="b", title=None, url=None)))
    assert copied.splitlines() == [
        "How high?", "", "high", "", "It was high. [1][2]", "",
        "[1] “High water”, Ida Brandt, Gazette, 9 June 2024", "    “It was high.”",
        "    https://gazette.example/a",
        "[2] “Untitled”, Ida Brandt, Gazette, 9 June 2024", "    “It was high.”", "",
        "From an archive of 3 articles, as of 30 June 2024.",
    ]  # fmt: skip


def test_what_is_not_verified_is_marked_where_it_is_copied_to() -> None:
    answer = an_answer(
        a_citation(),
        text="It was high. [1] Six died on Mars. [unverified]",
        unverified=("Six died on Mars.",),
    )
    legend = "no quote of the archive supports the sentence before it"
    text = as_text(answer)
    assert "\nIt was high. [1] Six died on Mars. [unverified]\n" in text
    assert f"\n[unverified]: {legend}.\n" in text
    markdown = as_markdown(answer)
    assert "\nIt was high.[^1] Six died on Mars. \\[unverified\\]\n" in markdown
    assert legend in markdown
    assert legend not in as_text(an_answer(a_citation()))


def test_markdown_has_footnotes_and_no_markup_of_the_articles() -> None:
    copied = as_markdown(an_answer(a_citation(title=NASTY, url="javascript:x"), a_citation(2)))
    assert "It was high.[^1][^2]" in copied
    assert "[^2]: [High water](<https://gazette.example/a>), Ida Brandt, Gazette" in copied
    assert r"\[a\](javascript:1) \<b\> \*c\*" in copied
    assert "](javascript" not in copied.replace(r"\](javascript", "")


@pytest.mark.parametrize("title", ["High water", NASTY, "} @misc{x, title={", "北京 “Ωλ” Żak"])
def test_bibtex_is_read_back_as_what_it_was(title: str) -> None:
    citations = [
        a_citation(title=title, authors=("Ida Brandt", "Ministry of {Roads and Bridges")),
        a_citation(2, quote="And wide."),
        a_citation(3, article_id="b", published=None, source=None, url=None, authors=()),
    ]
    written = as_bibtex(citations)
    assert written.count("{") == written.count("}")
    library = bibtexparser.parse_string(written)
    assert library.failed_blocks == []
    first, second = library.entries
    text = LatexNodes2Text(math_mode="text").latex_to_text

    def plain(of: str) -> str:
        return text(of).translate(str.maketrans({"{": "", "}": "", "\\": "", "”": '"'})).strip()

    # Kinds of quotation marks are one to LaTeX.
    kinds = {"{": "", "}": "", "\\": "", "~": " ", "“": '"', "”": '"'}
    bare = title.translate(str.maketrans(kinds))
    assert plain(first["title"]).translate(str.maketrans(kinds)).split() == bare.split()
    assert (first["year"], first["month"], first["day"]) == ("2024", "jun", "9")
    assert first["url"] == "https://gazette.example/a"
    assert "It was high." in text(first["note"])
    assert "And wide." in text(first["note"])
    assert " and " in first["author"]
    assert second.entry_type == "misc"
    assert first.key != second.key


def test_csl_json_is_one_item_for_each_article() -> None:
    citations = [a_citation(), a_citation(2), a_citation(3, article_id="b", published=None)]
    items = json.loads(as_csl(citations))
    assert [item["id"] for item in items] == ["gazette2024high", "gazettehigh"]
    assert items[0]["issued"] == {"date-parts": [[2024, 6, 9]]}
    assert items[0]["author"] == [{"literal": "Ida Brandt"}]
    assert "issued" not in items[1]


def test_keys_of_like_articles_differ() -> None:
    written = as_bibtex([a_citation(), a_citation(2, article_id="b")])
    assert re.findall(r"@article\{(.*),", written) == ["gazette2024high", "gazette2024high-2"]


@pytest.mark.parametrize("form", FORMS)
def test_half_characters_and_controls_do_not_stop_it(form: str) -> None:
    copied = cited(an_answer(a_citation(title="a\x00\ud800b", quote="\x1b[31mx")), form)
    assert "\x00" not in copied
    assert "\x1b" not in copied
    copied.encode()
