"""What stands above a story is read and does not stay in it."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from newsqa.articles import load
from newsqa.articles.plaintext import plain_markdown, read_headed
from newsqa.types import Article

NOW = datetime(2025, 6, 1, tzinfo=UTC)
BODY = (
    "The ferries between Marlow Bay and the islands sail again since Tuesday, they said.\n\n"
    "Fog had kept the harbour closed for three days. Fares stay as they are."
)
SCRAPED = Path(__file__).parents[3] / "shared/data/seeds"


@pytest.mark.parametrize(
    "title",
    [
        "Ferries sail again after three days of fog",
        "Ferries to the islands sail again.",
        "Is the harbour safe? Ferries sail again",
        "“It was like milk”: ferries sail again",
        "Ferries sail",
    ],
)
def test_a_headline_is_found(title: str) -> None:
    headed = read_headed(f"\n{title}\n\n{BODY}", now=NOW)
    if len(title.split()) < 3:
        assert headed.fields == {}
    else:
        assert headed.fields == {"title": title}
        assert headed.text == BODY


@pytest.mark.parametrize(
    "first",
    [
        "MARLOW BAY (AP) — The ferries sail again after three days of fog",
        "The ferries sail again. The harbour fog has lifted.",
        "Jo Park",
        "Bay Herald",
        "From staff and wire reports on ferries",
        "“The ferries sail again after the fog”",
        "The operator of the ferries had said,",
        "Quite another matter altogether, unrelated.",
        "See also: Ferries sail again",
        "x" * 300,
    ],
)
def test_what_is_no_headline(first: str) -> None:
    assert "title" not in read_headed(f"{first}\n\n{BODY}", now=NOW).fields


def test_a_wrapped_paragraph_is_no_headline() -> None:
    text = "The ferries sail again since\nTuesday, the operator said.\n\n" + BODY
    assert read_headed(text, now=NOW).text == text


def test_header_lines() -> None:
    headed = read_headed(
        "Title: Ferries sail again\nBy Jo Park and Lee Oh\nPublished: 12 May 2024\n"
        f"Source: Bay Herald\nURL: https://bay.example/x\n\n{BODY}",
        now=NOW,
    )
    assert headed.text == BODY
    assert headed.fields == {
        "title": "Ferries sail again",
        "authors": "Jo Park and Lee Oh",
        "published": "12 May 2024",
        "source": "Bay Herald",
        "url": "https://bay.example/x",
    }


def test_lines_below_the_headline() -> None:
    top = "Ferries sail again in Marlow Bay\nBy Jo Park\nMay 12, 2024\nUpdated May 13, 2024"
    text = f"{top}\n\n{BODY}"
    headed = read_headed(text, now=NOW)
    assert headed.text == BODY
    assert headed.fields["published"] == "May 12, 2024"
    assert headed.fields["authors"] == "Jo Park"


@pytest.mark.parametrize(
    "first",
    [
        "By then, nobody had seen a boat for days.",
        "By all accounts, the fog was the worst in years.",
        "Date: nobody at the harbour could name one for the end of the works",
        "Author: the word comes from Latin.",
    ],
)
def test_a_sentence_is_no_header(first: str) -> None:
    assert read_headed(f"{first}\n\n{BODY}", now=NOW).text == f"{first}\n\n{BODY}"


def test_front_matter() -> None:
    text = (
        '---\ntitle: "Ferries: sailing again"\nauthors:\n  - Jo Park\n  - Lee Oh\n'
        f"date: 2024-05-12\ntags: [sea, 'fog']\n# note\n---\n\n{BODY}"
    )
    headed = read_headed(text, now=NOW)
    assert headed.text == BODY
    assert headed.fields["title"] == "Ferries: sailing again"
    assert headed.fields["authors"] == ["Jo Park", "Lee Oh"]
    assert headed.fields["tags"] == ["sea", "fog"]


@pytest.mark.parametrize("opening", ["---\n\n", "---\nNo key here\n---\n\n"])
def test_a_rule_is_no_front_matter(opening: str) -> None:
    assert read_headed(opening + BODY, now=NOW).fields == {}


def test_markdown() -> None:
    headed = read_headed(
        "# Ferries **sail** again\n\n![fog](fog.png)\n\n## The harbour\n\n"
        "The [operator](https://a.example/x_(y)) was *glad*, and __so__ were 2 * 3 * 4 others.\n"
        "> Fog again",
        now=NOW,
        markdown=True,
    )
    assert headed.fields == {"title": "Ferries sail again"}
    assert headed.text.strip() == (
        "The harbour\n\nThe operator was glad, and so were 2 * 3 * 4 others.\nFog again"
    )
    assert plain_markdown("snake_case__name and a*b*c") == "snake_case__name and a*b*c"


def test_an_article_exactly_as_scraped() -> None:
    files = sorted(SCRAPED.glob("*.txt"))
    if not files:
        pytest.skip(f"the scraped article is not in {SCRAPED.name}/: it belongs to its publisher")
    (article,) = load(files)
    assert isinstance(article, Article)
    assert article.title is not None
    first = files[0].read_text(encoding="utf-8").partition("\n")[0]
    assert article.title.rstrip(".") == first.strip().rstrip(".")
    assert article.published is None
    assert len(article.authors) == 1
    assert re.fullmatch(r"[A-Z]\.[A-Z]\.", article.authors[0])
    for furniture in ("See also", "Leave a Reply", "Your email address", "Author:", first):
        assert furniture not in article.text
    assert article.text.count("\n\n") == 8 - 1


def test_markdown_rules_are_no_words() -> None:
    marked = "One.\n\n---\n\nTwo - three --- four.\n* * *\n___\n- a point\n**bold**\n\n---"
    assert plain_markdown(marked).split() == "One. Two - three --- four. - a point bold".split()
