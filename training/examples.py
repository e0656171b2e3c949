"""All that a reader is trained on, in one file: what was gathered once is seen by every run."""

from __future__ import annotations

import json
import lzma
from collections.abc import Mapping, Sequence
from pathlib import Path

from training.rows import Example


def write_examples(path: Path, examples: Sequence[Example], *, of: Mapping[str, object]) -> None:
    """Lines of JSON, compressed: what they are `of`, every passage once, then the examples."""
    numbers: dict[str, int] = {}
    for example in examples:
        numbers.setdefault(example.context, len(numbers))
    unfinished = path.with_suffix(".part")
    with lzma.open(unfinished, "wt", encoding="utf-8", preset=6) as file:
        file.write(json.dumps(dict(of)) + "\n")
        json.dump(list(numbers), file, ensure_ascii=False)
        for example in examples:
            fields = (
                example.question,
                example.title,
                numbers[example.context],
                example.answers,
                example.source,
                example.group,
                example.labelled,
            )
            file.write("\n" + json.dumps(fields, ensure_ascii=False))
    unfinished.replace(path)


def read_examples(path: Path, *, of: Mapping[str, object] | None = None) -> list[Example]:
    """The examples of a file, in its order.

    Raises SystemExit where they are of something else than `of` says, as far as it says anything.
    """
    with lzma.open(path, "rt", encoding="utf-8", newline="\n") as file:
        own = json.loads(next(file))
        if any(own.get(name) != value for name, value in (of or {}).items()):
            raise SystemExit(
                f"{path} was gathered with {own}, expected {dict(of or {})}: name another folder"
            )
        contexts = json.loads(next(file))
        return [_example(json.loads(line), contexts) for line in file]


def _example(fields: list, contexts: list[str]) -> Example:  # type: ignore[type-arg]
    question, title, number, answers, source, group, labelled = fields
    return Example(
        question=question,
        title=title,
        context=contexts[number],
        answers=tuple((start, end) for start, end in answers),
        source=source,
        group=group,
        labelled=labelled,
    )
