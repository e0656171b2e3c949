"""Passages to tell apart, mined with the search over a small archive."""

from __future__ import annotations

from typing import Any

import pytest

import newsqa
from training.news import GROUPS, MOST_RIGHT, MOST_WRONG, mined, weeks_for_training
from training.rows import Example

BRIDGE = "The new bridge over the Lune was opened by {who} on Monday."


def article(number: int, text: str, published: str = "2022-03-01") -> dict[str, Any]:
    return {
        "url": f"https://example.org/{number}",
        "title": f"Report {number}",
        "text": f"{text} It was report number {number} of the {number}th day of the spring.",
        "published": published,
    }


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> list[Example]:
    index = tmp_path_factory.mktemp("mined") / "index"
    rows = [
        article(1, BRIDGE.format(who="Mayor Ada Quill")),
        article(2, "Ada Quill opened the bridge over the Lune. Who cheered? Ada Quill."),
        *(article(n, f"Councillor Number{n} walked along the Lune.") for n in range(3, 15)),
        article(15, BRIDGE.format(who="Ada Quill herself"), published="2022-06-01"),
    ]
    newsqa.build(rows, index=index)
    asked = {"question": "Who opened the bridge over the Lune?", "gold": ["the Ada Quill"]}
    return mined(index, [{**asked, "week": "2022-03-04"}], seed=0)


def test_groups_of_a_further_year_have_numbers_of_their_own(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    index = tmp_path_factory.mktemp("later") / "index"
    newsqa.build([article(n, BRIDGE.format(who=f"Bert Crane {n}")) for n in range(8)], index=index)
    asked = {"question": "Who opened the bridge over the Lune?", "gold": ["Bert Crane 1"]}
    rows = [{**asked, "week": "2022-03-04"}] * 2
    made = mined(index, rows, seed=0, groups=1, first_group=7)
    assert {example.group for example in made} == {7, 8}


def test_the_gold_string_tells_right_passages_from_wrong_ones(found: list[Example]) -> None:
    assert {example.group for example in found} == set(range(GROUPS))
    for group in range(GROUPS):
        right = [example for example in found if example.group == group and example.answers]
        wrong = [example for example in found if example.group == group and not example.answers]
        assert 1 <= len(right) <= MOST_RIGHT
        assert len(wrong) == MOST_WRONG
        for example in right:
            assert {example.context[a:b] for a, b in example.answers} == {"Ada Quill"}
        assert all("Ada Quill" not in example.context for example in wrong)


def test_every_place_of_the_answer_is_right(found: list[Example]) -> None:
    twice = next(example for example in found if "cheered" in example.context)
    assert len(twice.answers) == 2


def test_what_was_published_later_is_not_used(found: list[Example]) -> None:
    assert all("herself" not in example.context for example in found)


def test_groups_are_of_different_passages(found: list[Example]) -> None:
    assert len({example.context for example in found}) == len(found)


def test_each_third_week_is_left_for_fitting() -> None:
    rows = [{"week": f"2022-01-{day:02}"} for day in (7, 14, 21, 28) for _ in range(2)]
    assert weeks_for_training(rows) == {"2022-01-07", "2022-01-14", "2022-01-28"}
