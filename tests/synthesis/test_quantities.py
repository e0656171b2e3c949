"""Numbers and days as a text says them."""

from __future__ import annotations

from datetime import date

import pytest

from newsqa.synthesis.days import agree, days_in
from newsqa.synthesis.naming import KnownNames, names_in
from newsqa.synthesis.quantities import quantities_in, unsaid


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("1.5 million crowns and 1,500,000 crowns", [1.5e6, 1.5e6]),
        ("$2.5bn, 3m and 12k", [2.5e9, 3e6, 12e3]),
        ("twenty-one boats, one hundred and twenty votes", [21, 120]),
        ("two thirds, a quarter", [2 / 3, 1 / 4]),
        ("the second pier and the 71st minute", [2, 71]),
        ("at 7:50 p.m.", [7.5]),
        ("no one, one of them, the first", []),
        ("2–1", [2, 1]),
    ],
)
def test_numbers_are_read_however_they_are_written(text: str, values: list[float]) -> None:
    assert [found.value for found in quantities_in(text)] == pytest.approx(values)


@pytest.mark.parametrize(
    ("claimed", "evidence", "supported"),
    [
        ("more than a thousand", "1,120", True),
        ("more than a thousand", "940", False),
        ("nearly 1,200", "1,120", True),
        ("about 1,100", "1,120", True),
        ("1,100", "1,120", False),
        ("9 percent", "9 miles", False),
        ("5 km", "5 kilometres", True),
        ("$5", "5 dollars", True),
    ],
)
def test_rounding_is_told_by_its_words_and_measures_must_agree(
    claimed: str, evidence: str, supported: bool
) -> None:
    assert (not unsaid(quantities_in(claimed), quantities_in(evidence))) is supported


@pytest.mark.parametrize(
    ("claimed", "evidence", "supported"),
    [
        ("on 13 March 2024", "on Wednesday", True),
        ("on 12 March 2024", "on Wednesday", False),
        ("on 12 March", "yesterday", True),
        ("on Wednesday", "on 13 March", True),
        ("on Thursday", "on 13 March", False),
        ("in March 2024", "on Wednesday", True),
        ("in April 2024", "on Wednesday", False),
        ("in 2024", "in March", True),
        ("in 2023", "on 13 March", False),
        ("on 14 March", "from 11 to 14 March", True),
        ("on 11 March", "from 11 to 14 March", True),
    ],
)
def test_days_are_resolved_against_the_day_of_publication(
    claimed: str, evidence: str, supported: bool
) -> None:
    there = days_in(evidence, published=date(2024, 3, 13))
    assert there
    assert any(agree(days_in(claimed)[0], day) for day in there) is supported


def test_a_measure_is_no_year() -> None:
    assert [day.text for day in days_in("cast in 1742, 1742 kilograms")] == ["1742"]


@pytest.mark.parametrize(
    ("name", "known"),
    [
        ("Harrow", True),
        ("Ines Harrow", True),
        ("Ms. Harrow's", True),
        ("Chief Engineer Ines Harrow", True),
        ("MRA", True),
        ("Zoe Ardin", True),
        ("Ines Vale", False),
        ("Beatrix Harrow", False),
    ],
)
def test_a_name_stands_where_its_parts_stand_together(name: str, known: bool) -> None:
    text = "Ines Harrow, chief engineer of the Morrow River Authority, met Conrad Vale, Zoë Ardin."
    (found,) = names_in(f"then {name}")
    assert KnownNames.of([text]).have(found) is known


def test_a_capital_at_the_start_makes_no_name() -> None:
    text = "Officials said so. Rising water came. Brandt left. The Harbour Post wrote it."
    assert [name.words for name in names_in(text)] == [("brandt",), ("harbour", "post")]
    assert names_in("Lambs were sold.", common={"lambs"}) == []
