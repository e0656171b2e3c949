"""Reader data → examples with negatives."""

from __future__ import annotations

from typing import Any

from newsqa.evaluation import holds
from training.rows import Example, Mixture, as_examples, mix


def row(
    question: str, context: str, *answers: str, source: str = "squad-1.1-dev"
) -> dict[str, Any]:
    return {
        "id": question,
        "question": question,
        "context": context,
        "answers": [{"text": text, "start": context.index(text)} for text in answers],
        "source": source,
    }


def test_pronouns_and_very_short_questions_are_left_out() -> None:
    kept = as_examples(
        [
            row("Who broke the old window?", "He broke it.", "He", source="qamr/wikinews"),
            row("Who broke it?", "Ina broke it.", "Ina", source="qamr/wikinews"),
            row("Who broke the old window?", "Ina broke it.", "Ina", source="qamr/wikinews"),
        ]
    )
    assert [example.context for example in kept] == ["Ina broke it."]


def test_answers_of_equal_rows_are_put_together_and_stand_in_the_context() -> None:
    context = "The old mayor, Ada Quill, resigned."
    (example,) = as_examples(
        [
            row("Who resigned then?", context, "Ada Quill"),
            row("Who resigned then?", context, "Quill"),
        ]
    )
    assert {context[a:b] for a, b in example.answers} == {"Ada Quill", "Quill"}


def test_titles_that_say_nothing_are_dropped() -> None:
    titled = row("Who resigned in May?", "Ada Quill resigned.", "Ada Quill")
    (one,) = as_examples([{**titled, "title": "Amazon_Reviews_12"}])
    (other,) = as_examples([{**titled, "title": "Lune_Valley"}])
    assert (one.title, other.title) == ("", "Lune Valley")


CONTEXTS = [
    f"In {1900 + number} the {name} bridge over the river was opened by {name} Quill in May."
    for number, name in enumerate(["Ada", "Bea", "Cleo", "Dora", "Edda", "Fay", "Gwen", "Hope"])
]
EXAMPLES = as_examples(
    [
        row(f"Who opened the {c.split()[3]} bridge in {c.split()[1]}?", c, f"{c.split()[3]} Quill")
        for c in CONTEXTS
    ]
)


def test_look_alikes_hold_no_answer_and_swaps_ask_for_something_else() -> None:
    mixed = mix(EXAMPLES, Mixture(retrieved=1.0, swapped=1.0), seed=1)
    by_source: dict[str, list[Example]] = {}
    for example in mixed:
        by_source.setdefault(example.source, []).append(example)
    asked = {example.question: example for example in EXAMPLES}
    assert by_source["retrieved"]
    for example in by_source["retrieved"]:
        original = asked[example.question]
        golds = [original.context[a:b] for a, b in original.answers]
        assert example.answers == ()
        assert not holds(example.context, golds)
    assert by_source["swapped"]
    for example in by_source["swapped"]:
        assert example.answers == ()
        assert example.question not in asked


def test_the_same_seed_gives_the_same_mixture() -> None:
    assert mix(EXAMPLES, Mixture(), seed=3) == mix(EXAMPLES, Mixture(), seed=3)
    assert mix(EXAMPLES, Mixture(share=0.5), seed=3) != mix(EXAMPLES, Mixture(share=0.5), seed=4)
