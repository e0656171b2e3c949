"""Spans as they were read → as they are told, and which are the same answer."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsqa.synthesis.reading import ReadSpan
from newsqa.synthesis.spans import key_of, trimmed, whole_name, whole_words, with_unit


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("The Salt Ledger", ("salt", "ledger")),
        ("salt ledger", ("salt", "ledger")),
        ("An end to the war", ("end", "to", "war")),
        ("Mr. Quill", ("quill",)),
        ("Dr Ada Quill", ("ada", "quill")),
        ("Sen. Dr. Quill", ("quill",)),
        ("President Ada Quill", ("ada", "quill")),
        ("King Charles III", ("charles", "iii")),
        ("President", ("president",)),
        ("Queen", ("queen",)),
        ("Princeton", ("princeton",)),
        ("1,480", ("1480",)),
        ("1480", ("1480",)),
        ("1,480,000", ("1480000",)),
        ("4,5", ("4", "5")),
        ("6.4 metres", ("6.4", "metre")),
        ("90-day", ("90", "day")),
        ("50-cent", ("50", "cent")),
        ("seventeen", ("17",)),
        ("17%", ("17", "%")),
        ("28 per\u00a0cent", ("28", "%")),
        ("6 feet", ("6", "foot")),
        ("17 percent", ("17", "%")),
        ("seventeen per cent", ("17", "%")),
        ("$3.1 million", ("$", "3.1", "million")),
        ("Quill’s", ("quill",)),
        ("Ada Quill's", ("ada", "quill")),
        ("U.S.", ("usa",)),
        ("the US", ("usa",)),
        ("U.S.A.", ("usa",)),
        ("St. Kilda", ("st", "kilda")),
        ("Anglo-Irish", ("anglo", "irish")),
        ("Côte d’Ivoire", ("côte", "d", "ivoire")),
        ("中国", ("中国",)),
        ("the", ()),
        ("“…”", ()),
        ("", ()),
    ],
)
def test_what_makes_two_spans_the_same_answer(text: str, key: tuple[str, ...]) -> None:
    assert key_of(text) == key


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("“The Salt Ledger,”", "The Salt Ledger"),
        (" Kestmouth.", "Kestmouth"),
        ("(AP)", "AP"),
        ("Weir (north)", "Weir (north)"),
        ("(Weir) north", "(Weir) north"),
        ("(a) and (b).", "(a) and (b)"),
        ("Weir)", "Weir"),
        ("(Weir", "Weir"),
        ("the U.S.", "the U.S."),
        ("Penhallow Inc.", "Penhallow Inc."),
        ("5 p.m.", "5 p.m."),
        ("St. Kilda.", "St. Kilda"),
        ("Quill’s", "Quill"),
        ("Quill's,", "Quill"),
        ("“Hamlet”’s", "Hamlet"),
        ("Quill ’s", "Quill"),
        ("$3.1 million,", "$3.1 million"),
        ("17%", "17%"),
        ("—", ""),
        ("", ""),
    ],
)
def test_what_wraps_a_span_is_no_part_of_it(text: str, left: str) -> None:
    whole = f"« {text} »"
    start, end = trimmed(whole, 2, 2 + len(text))
    assert whole[start:end] == left


@given(st.text("bS’'s.()“ ,U\n-", max_size=12), st.data())
def test_a_span_is_trimmed_within_itself_and_once(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    first, last = trimmed(text, start, end)
    assert start <= first <= last <= end
    assert trimmed(text, first, last) == (first, last)
    assert text[first:last] == text[first:last].strip()
    assert any(char.isalnum() for char in text[first:last]) == (key_of(text[first:last]) != ())


@pytest.mark.parametrize(
    ("text", "read", "whole"),
    [
        ("They fried chicken nuggets.", "chicken nugg", "chicken nuggets"),
        ("Then Kontaveit won.", "aveit", "Kontaveit"),
        ("It was sold for $12,600,000 there.", "$12", "$12,600,000"),
        ("It rose by 4.25 percent.", "25 percent", "4.25 percent"),
        ("It cost £1m.", "£1", "£1m"),
        ("He is 101-year-old.", "101", "101"),
        ("There were 12, 3 of them old.", "12", "12"),
        ("In 2023.", "2023", "2023"),
        ("Élodie sang.", "lodie", "Élodie"),
        ("Then O’Brien won.", "Brien", "O’Brien"),
        ("It began at 9:30.", "30", "9:30"),
        ("Up to 21,22 or 23.", "21", "21"),
        ("It rose to $940 million.", "940", "$940 million"),
        ("It rose to US$940 million.", "940 million", "US$940 million"),
        ("It costs A$5 a day.", "5", "A$5"),
        ("Some 28% of adults do.", "28", "28%"),
        ("Some 28 percent do.", "28", "28 percent"),
        ("A 28-per-cent rise", "28", "28-per-cent"),
        ("Some 5 per\u00a0cent do.", "5", "5 per\u00a0cent"),
        ("In 2022, 12 million left.", "2022", "2022"),
        ("The 3 millionaires left.", "3", "3"),
        ("Beyonce\u0301 sang.", "Beyonc", "Beyonce\u0301"),
        ("कहा मोदी ने", "मो", "मोदी"),
        ("윤석열은 말했다", "석열", "윤석열은"),
        ("中国队赢了", "中国", "中国"),
        ("They found E. coli in it.", "coli", "E. coli"),
        ("It is in U.S. waters.", "waters", "waters"),
    ],
)
def test_a_span_is_of_whole_words_and_numbers(text: str, read: str, whole: str) -> None:
    start = text.index(read)
    span = ReadSpan(start=start, end=start + len(read), logit=0.0, lead=0.0)
    first, last = whole_words(text, span)
    assert text[first:last] == whole


@pytest.mark.parametrize(
    ("text", "read", "article", "whole"),
    [
        ("Then President Ada Quill’s car came.", "President", "", "President Ada Quill"),
        ("President Ada Quill’s Build Back", "President", "", "President Ada Quill"),
        ("Prime Minister Élise Quill said so.", "Prime Minister", "", "Prime Minister Élise Quill"),
        ("President George H.W. Quill said", "President", "", "President George H.W. Quill"),
        ("Mayor Bill de Quill said", "Mayor", "", "Mayor Bill de Quill"),
        ("Chancellor Ada von der Quill said", "Chancellor", "", "Chancellor Ada von der Quill"),
        ("Gov. Ron Quill said", "Gov", "", "Gov. Ron Quill"),
        ("Gov Ron Quill said", "Gov", "", "Gov"),
        ("the President. Ron Quill said", "President", "", "President"),
        ("The President said so.", "President", "", "President"),
        ("The President Thursday said so.", "President", "", "President"),
        ("sworn in as President January 20", "President", "", "President"),
        ("the President CNN named", "President", "", "President"),
        ("A President’s Day sale", "President", "President’s " * 4, "President"),
        ("President A B C D E F", "President", "", "President"),
        ("the chain McLeary’s said", "McLeary", "McLeary’s is big. " * 3, "McLeary’s"),
        ("the chain McLeary's said", "McLeary", "McLeary's is. " * 2 + "McLeary’s", "McLeary's"),
        ("the chain McLeary’s said", "McLeary", "McLeary’s is big. " * 2, "McLeary"),
        ("Norway’s king", "Norway", "Norway’s king, of NORWAY, " + "Norway’s " * 3, "Norway"),
        ("Ada Quill’s car", "Ada Quill", "Ada Quill’s " * 3 + "Quill left.", "Ada Quill"),
        ("it’s", "it", "it’s " * 3, "it"),
        ("It’s", "It", "It’s " * 3, "It"),
        ("Ada Quill said", "Ada Quill", "Ada Quill’s " * 3, "Ada Quill"),
        ("(Queen", "Queen", "", "Queen"),
        ("’s", "", "’s " * 3, ""),
        ("A+b’s", "A+b", "A+b’s " * 3, "A+b’s"),
    ],
)
def test_a_name_has_what_it_cannot_do_without(
    text: str, read: str, article: str, whole: str
) -> None:
    start = text.index(read)
    first, last = whole_name(text, start, start + len(read), article=article)
    assert text[first:last] == whole


@pytest.mark.parametrize(
    ("text", "read", "told"),
    [
        ("Some 2,000 crowns each.", "2,000", "2,000 crowns"),
        ("A gust of 94 kilometres an hour.", "94", "94 kilometres an hour"),
        ("It is 36.2 degrees Celsius now.", "36.2", "36.2 degrees Celsius"),
        ("A 90-day ban.", "90", "90-day"),
        ("About 2,000 crowns.", "About 2,000", "About 2,000 crowns"),
        ("It took 12 hours and 25 minutes.", "12", "12 hours and 25 minutes"),
        ("He is 5 feet 6 inches tall.", "5", "5 feet 6 inches"),
        ("It took 12 hours and 25 men.", "12", "12 hours"),
        ("They got 12 months and 18 months.", "12", "12 months"),
        ("It took 3 days and 20 minutes.", "3", "3 days and 20 minutes"),
        ("For forty years and seven months.", "forty", "forty years and seven months"),
        ("For 2 years, 3 days a week.", "2", "2 years"),
        ("It is 6 metres, 3 days wide.", "6", "6 metres"),
        ("He is 3 months, 2 weeks and 1 day old.", "3", "3 months, 2 weeks and 1 day"),
        ("A wave of 6.4\u00a0metres.", "6.4", "6.4\u00a0metres"),
        ("With two second-half goals.", "two", "two"),
        ("A 20-month-old boy.", "20", "20"),
        ("They sold 30 second-hand cars.", "30", "30"),
        ("Some 17 copies.", "17", "17"),
        ("On 1 July crowns fell.", "July", "July"),
        ("All 17 daysailers.", "17", "17"),
    ],
)
def test_a_number_with_its_unit(text: str, read: str, told: str) -> None:
    start = text.index(read)
    assert text[start : with_unit(text, start, start + len(read))] == told
