"""Furniture goes, the story stays."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from newsqa.articles.clean import clean, sanitize
from newsqa.articles.furniture import line_kind

FURNITURE = [
    "See also  “The harbour at night”. Pictures from the old quay",
    "See also: Ferry fares to rise",
    "Read more: Ferry fares to rise in May",
    "READ MORE:",
    "Read more about the harbour here.",
    "► MORE: Ten things to do by the sea this weekend",
    "More:Ferry fares to rise in May",
    "Related: Ferry fares to rise in May",
    "RELATED STORIES",
    "You may also like",
    "Recommended for you",
    "Leave a Reply",
    "Leave a comment",
    "Your email address will not be published. Required fields are marked *",
    "Save my name, email, and website in this browser for the next time I comment.",
    "Cancel reply",
    "Name *",
    "Email *",
    "Comments (42)",
    "Share this article",
    "Share on Facebook",
    "Share: Facebook, Twitter, WhatsApp, Email",
    "Advertisement",
    "ADVERTISEMENT - STORY CONTINUES BELOW",
    "Article continues after ad",
    "Sponsored content",
    "We use cookies to make this page work and to count its readers.",
    "By clicking Accept you agree to our use of cookies and to our terms of service.",
    "Sign up for our morning newsletter and never miss a story.",
    "Subscribe now for full access",
    "Get the Bay Herald newsletter delivered to your inbox every morning.",
    "Want more? Sign up for our weekly newsletter here.",
    "Video player was slow to load content Video content never loaded Ad froze",
    "1. How relevant is this ad to you?",
    "Ad feedback",
    "Follow Jo Park on Twitter: @jopark.",
    "Follow us on Facebook and Instagram",
    "Reach the reporter at jo@bayherald.example or on Twitter @jopark.",
    "© 2024 Bay Herald. All rights reserved.",
    "All rights reserved.",
    "Please enable JavaScript to view the comments.",
    "Click here to see the photos",
    "Support local journalism: subscribe to the Bay Herald today.",
    "Continue reading",
    "Back to top",
    "toggle caption",
    "Next post: What the harbour dog did next",
    "Previous post: Choir looks for tenors",
    "← Previous post",
    "Next article → “Why the fog came”",
]
STORY = [
    "(CNN) Two ferries collided in fog off Marlow Bay on Tuesday.",
    "CNN —",
    "See also how the council dealt with the bridge, she told the inquiry.",
    "See you also, he told the mayor.",
    "“Read more,” the teacher said.",
    "Read more books, the minister told the pupils.",
    "More than 200 people were on board, the coast guard said.",
    "More: a comedy of errors unfolded in the council chamber, she wrote.",
    "More ferries will sail from May, the operator said.",
    "Related party transactions cost the port 4 million euros.",
    "Share prices fell by 4% on Tuesday.",
    "Share this with no one, the message to the minister read.",
    "Shares in the operator fell.",
    "Advertisement spending in the region fell by a third.",
    "Subscribers to the ferry pass will pay 12 euros more.",
    "The newsletter that the party sent out asked readers to sign up as volunteers.",
    "Mr. Oh told his readers to subscribe to the newsletter of the union, court papers say.",
    "The company said that it would share users' cookies and location with advertisers.",
    "Cookies were sold at the school fair to pay for the new roof.",
    "Privacy groups said on Monday that they would appeal.",
    "Follow the money, the prosecutor told the jury.",
    "Follow-up visits are planned on Twitter's campus, the inspectors said.",
    "Contact with the crew was lost at 4 a.m.",
    "Leave a light on, the keeper's wife used to say.",
    "Leave a reply within 30 days, the letter told residents.",
    "Comments by the minister angered fishermen.",
    "Author: the word itself comes from Latin, and it was contested in court.",
    "Video of the collision shows the bow breaking.",
    "Ad spending on the campaign reached 3 million euros.",
    "Click here, and the screen went black, he told the court.",
    "Name the ship, he said.",
    "Email records show that the mayor knew.",
    "Facebook",
    "Up to 40 people are missing.",
    "Previous post: ambassador to Norway",
    "Previous post: Ambassador to Norway.",
    "Next stop: the supreme court, her lawyer said.",
    "Next week the council votes again.",
    "Thank you for your service, the president told the crew.",
    "Support local fishermen, the banner read.",
    "All rights reserved for the crown were given up in 1832.",
    "Contributing: The Associated Press",
    "The harbour, which opened in 1901, ___ closed.",
    "Copyright law protects the song, the court found.",
    "Play resumed after an hour of rain.",
    "Image rights were sold for 2 million euros.",
    "This site uses 40 megawatts, the operator said.",
    "We will use the money for the lighthouse, the mayor said.",
    "Get the children out, she shouted.",
    "Download speeds on the island doubled.",
    "Skip to the final chapter of the report, and the blame is plain.",
]


@pytest.mark.parametrize("line", FURNITURE)
def test_furniture_goes(line: str) -> None:
    cleaned = clean(f"Ferries sail again.\n\n{line}\n\nThe fog has lifted.")
    assert cleaned.text == "Ferries sail again.\n\nThe fog has lifted."
    assert cleaned.removed == (line,)


@pytest.mark.parametrize("line", STORY)
def test_the_story_stays(line: str) -> None:
    assert clean(f"One.\n{line}\nTwo.") == clean(f"One.\n{line}\nTwo.\n\n")
    assert clean(f"One.\n{line}\nTwo.").text == f"One.\n{line}\nTwo."


def test_a_long_paragraph_is_never_furniture() -> None:
    paragraph = (
        "Read more: " + "the report says a great deal about the harbour and its debts. " * 12
    )
    assert line_kind(paragraph.strip()) == "story"


def test_a_share_bar_goes_and_a_heading_stays() -> None:
    bar = "One.\n\nShare\n\nTweet\nWhatsApp\n\nTwo.\n\nFacebook\n\nThree."
    assert clean(bar).text == "One.\n\nTwo.\n\nFacebook\n\nThree."


NOTE = "The post Ferries sail again appeared first on Bay Herald."


def test_a_feeds_note_under_the_story_goes() -> None:
    cleaned = clean(f"The fog has lifted.\n\n{NOTE}\n\nLeave a Reply\n")
    assert cleaned.text == "The fog has lifted."
    assert NOTE in cleaned.removed


@pytest.mark.parametrize(
    "text",
    [
        f"The fog has lifted.\n\n{NOTE}\n\nSo said the note.",
        f"The fog has lifted. {NOTE}",
        f"{NOTE} It was soon deleted.",
        "The fog has lifted.\n\nThe post by the mayor appeared first on his own page.",
    ],
)
def test_where_something_appeared_first_may_be_story(text: str) -> None:
    assert clean(text).text == text


def test_author_lines_are_read_and_removed() -> None:
    cleaned = clean("The fog has lifted.\n\nAuthor: J.P.\n\nLeave a Reply")
    assert (cleaned.text, cleaned.authors) == ("The fog has lifted.", ("J.P.",))


def test_a_first_line_that_repeats_the_title_goes() -> None:
    text = "FERRIES SAIL AGAIN\n\nThe fog has lifted.\n\nFerries sail again"
    assert (
        clean(text, title="Ferries sail again!").text == "The fog has lifted.\n\nFerries sail again"
    )


def test_characters() -> None:
    dirty = "\ufeff\ufeffA\x00b\r\nc\rd\x0be\u2028f\x85g\x9dh\ud800i\u200bj\tk\u0301"
    assert sanitize(dirty) == "Ab\nc\nd\ne\nf\ngh\ufffdi\u200bj\tk\u0301"


LINES = st.lists(
    st.one_of(
        st.sampled_from(
            [NOTE, *FURNITURE, *STORY, "", "  ", "Share", "Tweet", "Facebook", "Author: A. B."]
        ),
        st.text(max_size=40),
    ),
    max_size=20,
)


@given(LINES, st.sampled_from([None, "", "Share", "Facebook", "CNN —"]))
@example(["Facebook", "", "Tweet", "Share this with no one", "", "x"], None)
@example(["\ufeff", "\ufeffx"], None)
@example(["\x00\ufeffx"], None)
def test_cleaning_keeps_lines_and_their_order(lines: list[str], title: str | None) -> None:
    text = "\n".join(lines)
    cleaned = clean(text, title=title).text
    given_lines = iter(line.strip() for line in sanitize(text).split("\n"))
    assert all(line.strip() in given_lines for line in cleaned.split("\n") if line.strip())
    assert "\n\n\n" not in cleaned
    if title is None:
        assert clean(cleaned).text == cleaned


def test_a_list_of_authors_is_story() -> None:
    books = "Ten books for the beach.\n\nSalt\nAuthor: Ana Ruiz\n\nFog\nAuthor: Lee Oh"
    assert clean(books).text == books
