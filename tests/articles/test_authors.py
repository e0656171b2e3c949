"""Names come out of bylines; desks, addresses and repetitions don't."""

import pytest

from newsqa.articles.authors import read_authors


@pytest.mark.parametrize(
    ("written", "names"),
    [
        ("By Jo Park", ("Jo Park",)),
        ("BY JO PARK AND LEE OH", ("JO PARK", "LEE OH")),
        ("Jo Park, Lee Oh and Ana Ruiz", ("Jo Park", "Lee Oh", "Ana Ruiz")),
        ("Jo Park, Lee Oh, and Ana Ruiz", ("Jo Park", "Lee Oh", "Ana Ruiz")),
        ("Jo Park; Lee Oh", ("Jo Park", "Lee Oh")),
        (["Jo Park", "jo park", "Lee Oh"], ("Jo Park", "Lee Oh")),
        ('["Jo Park", "Lee Oh"]', ("Jo Park", "Lee Oh")),
        ("['Jo Park']", ("Jo Park",)),
        ([{"name": "Jo Park"}, {"name": None}, 7], ("Jo Park",)),
        ({"name": "Jo Park", "url": "https://a.example"}, ("Jo Park",)),
        ("Robert Cole, Jr. and Jo Park", ("Robert Cole, Jr", "Jo Park")),
        ("Doe, Jane", ("Doe, Jane",)),
        ("Story by Jo Park", ("Jo Park",)),
        ("Bay Wire; additional reporting by Jo Park", ("Bay Wire", "Jo Park")),
        ("Bay Wire, with additional reporting by Jo Park", ("Bay Wire", "Jo Park")),
        ("By Lee Oh with further reporting by Jo Park", ("Lee Oh", "Jo Park")),
        (["Lee Oh", "Additional reporting by Jo Park"], ("Lee Oh", "Jo Park")),
        (["Jo Park Lee Oh", "Jo Park", "Lee Oh"], ("Jo Park", "Lee Oh")),
        ("M.L.", ("M.L.",)),
        ("Sandra Anderson", ("Sandra Anderson",)),
        ("The Bay Herald Staff", ()),
        ("Staff writer", ()),
        ("jo@paper.example", ()),
        ("https://paper.example/jo", ()),
        ("@jopark", ()),
        ("Social Links Navigation", ()),
        ("admin", ()),
        ("Bay Herald", ()),
        ("", ()),
        (None, ()),
        (12, ()),
        ("[" * 5000, ()),
        ("x" * 100_000, ()),
    ],
)
def test_names(written: object, names: tuple[str, ...]) -> None:
    assert read_authors(written, source="Bay Herald") == names


def test_nested_lists_end() -> None:
    nested: list[object] = ["Jo Park"]
    for _ in range(100_000):
        nested = [nested]
    assert read_authors(nested) == ()
