"""Questions that articles offer: of people they introduce, not of whatever has a capital."""

from __future__ import annotations

import pytest

from newsqa.types import Article
from newsqa.web.candidates import people


def offered(text: str) -> list[tuple[str, str]]:
    article = Article(
        id="a", title="Norland", text=text, url=None, source=None, authors=(), published=None,
        language=None, retrieved=None, origin=None, content_hash="0",
    )  # fmt: skip
    return [(each.question, each.name) for each in people([article])]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "Mara Oduya, the mayor of Zirl, opened it.",
            [("Who is the mayor of Zirl?", "Mara Oduya")],
        ),
        (
            "The housing minister, Tobias Renn, agreed.",
            [("Who is the housing minister?", "Tobias Renn")],
        ),
        ("The Weir Bridge, the only road crossing of the Morrow, closed.", []),
        ("The Old Weir Bridge, the only road crossing of the Morrow, closed.", []),
        ("On the North Sea Weir Bridge, the only road crossing of the Morrow, they met.", []),
        ("In the\nWeir Bridge, the only road crossing of the Morrow, they met.", []),
        ("A Weir Bridge, the only road crossing of the Morrow, closed.", []),
        ("THE Weir Bridge, the only road crossing of the Morrow, closed.", []),
        ("They closed the Weir Bridge, the only road crossing of the Morrow, at noon.", []),
    ],
)
def test_people_are_asked_for_and_things_are_not(
    text: str, expected: list[tuple[str, str]]
) -> None:
    assert offered(text) == expected
