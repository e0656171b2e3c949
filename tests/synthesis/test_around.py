"""The sentences right before and after a place in an article."""

from __future__ import annotations

from newsqa.chunking import sentence_spans
from newsqa.synthesis.around import REACH, sentence_after, sentences_before

SHORT = " ".join(f"Boat {n} came home." for n in range(9))
LONG = f"Dora Finch spoke of {'dams and ' * 400}rain."


def test_they_are_those_of_the_whole_text() -> None:
    spans = sentence_spans(SHORT)
    for at, span in enumerate(spans):
        assert sentences_before(SHORT, span.start) == spans[:at]
        assert sentence_after(SHORT, span.end) == (spans[at + 1] if at + 1 < len(spans) else None)


def test_what_is_only_in_part_within_reach_is_left_out() -> None:
    assert len(LONG) > REACH
    text = f"{LONG} It rained. {LONG} It snowed."
    before, after = text.index("It rained."), text.index("It snowed.")
    assert sentences_before(text, before) == []
    assert [text[s.start : s.end] for s in sentences_before(text, before + 11)] == ["It rained."]
    assert sentence_after(text, before + 10) is None
    last = sentence_after(text, after - 1)
    assert last is not None
    assert text[last.start : last.end] == "It snowed."
