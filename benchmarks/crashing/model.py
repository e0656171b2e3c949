"""What an index should hold: articles made from their names, commits, and what operations do."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Literal

WORDS = [a + b + c for a in "bdfgklmnprst" for b in ("al", "en", "or", "um") for c in "aeio"]
"""What articles are made of: 192 of them, none an English stem of another."""
COMMON = "archive"
"""Stands in every passage."""
SOURCES = ("Harbour Post", "Radio Vellmark", "Courier", None)
STORIES = 6
"""Every so manyth article prints a story that others print too."""


@lru_cache(maxsize=10_000)
def row(article_id: str, version: int) -> dict[str, Any]:
    """The article that an id and a version stand for, as `newsqa.build` takes it.

    The versions of every other article differ in the first sentence alone, so that all other
    vectors are to be kept; those of the rest in all but the title.
    """
    shared = story(article_id)
    same = shared is not None or int(article_id[1:]) % 2 == 0
    own = random.Random(f"{article_id} {version}")
    rest = random.Random(f"story {shared}" if shared is not None else f"{article_id}")
    rng = rest if same else own
    first = f"{own_word(article_id, version)} {COMMON} {' '.join(own.choices(WORDS, k=7))}."
    sentences = [first.capitalize()]
    for _ in range(rng.randint(5, 6) if shared is not None else rng.randint(0, 5)):
        sentences.append(f"{COMMON} {' '.join(rng.choices(WORDS, k=9))}.".capitalize())
    of_article = random.Random(article_id) if same else own
    made: dict[str, Any] = {
        "id": article_id,
        "title": f"Report {article_id}",
        "text": " ".join(sentences),
        "source": of_article.choice(SOURCES),
    }
    if of_article.random() < 0.9:
        made["published"] = f"2024-{of_article.randint(1, 12):02}-{of_article.randint(1, 28):02}"
    return {name: value for name, value in made.items() if value is not None}


def version_of(text: str) -> int:
    """Which version a text is of."""
    return int(text.partition(" ")[0].lower().removesuffix("z").rpartition("q")[2])


def own_word(article_id: str, version: int) -> str:
    """A word of the first sentence of one version of one article, and of nothing else."""
    return f"z{article_id}q{version}z"


def story(article_id: str) -> int | None:
    """Which story an article prints as others do; its versions differ in the first sentence."""
    number = int(article_id[1:])
    return number // (4 * STORIES) if number % STORIES == 0 else None


Kind = Literal["put", "folder", "withdraw", "compact", "repair"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """What a process is told to do.

    `rows` are versions by id: those given, or those that stand in the folder.
    """

    kind: Kind
    rows: Mapping[str, int] = field(default_factory=dict)
    ids: Sequence[str] = ()
    restore: bool = False

    def as_json(self) -> dict[str, Any]:
        """For the process that carries it out."""
        return {
            "kind": self.kind,
            "rows": dict(self.rows),
            "ids": list(self.ids),
            "restore": self.restore,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One commit, as its process announced it."""

    put: Mapping[str, int]
    out: Sequence[str]
    why: str
    placed: bool


@dataclass(frozen=True, slots=True)
class Model:
    """A committed state: versions by id, what became of each, and where each was found.

    `places` are of "file" and "row": what was found in files alone goes when they go.
    """

    articles: dict[str, int] = field(default_factory=dict)
    history: dict[str, tuple[str, ...]] = field(default_factory=dict)
    places: dict[str, frozenset[str]] = field(default_factory=dict)

    @property
    def placed(self) -> set[str]:
        """Ids of what was found in files alone."""
        return {i for i, places in self.places.items() if places == {"file"}}

    @property
    def withdrawn(self) -> set[str]:
        """Ids that may not come back unasked."""
        return {i for i, changes in self.history.items() if changes[-1] == "withdrawn"}

    def after(self, change: Change) -> Model:
        """The state that a commit leads to."""
        articles, history, places = dict(self.articles), dict(self.history), dict(self.places)
        for article_id in change.out:
            if articles.pop(article_id, None) is not None:
                history[article_id] = (*history.get(article_id, ()), change.why)
            places.pop(article_id, None)
        for article_id, version in change.put.items():
            changes = history.get(article_id, ())
            if article_id in articles:
                history[article_id] = (*changes, "updated")
            elif changes and changes[-1] in ("withdrawn", "removed"):
                history[article_id] = (*changes, "restored")
            articles[article_id] = version
            found = "file" if change.placed else "row"
            places[article_id] = places.get(article_id, frozenset()) | {found}
        return Model(articles, history, places)

    def done(self, operation: Operation) -> Model:
        """The state that a whole operation leads to."""
        if operation.kind == "withdraw":
            gone = [i for i in operation.ids if i in self.articles]
            return self.after(Change(put={}, out=gone, why="withdrawn", placed=False))
        if operation.kind not in ("put", "folder"):
            return self
        of_files = operation.kind == "folder"
        held = self.withdrawn if not operation.restore else set()
        put = {
            i: version
            for i, version in operation.rows.items()
            if i not in held and self.articles.get(i) != version
        }
        gone = [i for i in self.placed if i not in operation.rows] if of_files else []
        state = self.after(Change(put=put, out=(), why="", placed=of_files))
        state = state.after(Change(put={}, out=gone, why="removed", placed=False))
        found = "file" if of_files else "row"
        there = {
            i: state.places.get(i, frozenset()) | {found}
            for i in operation.rows
            if i in state.articles and i not in held
        }
        return Model(state.articles, state.history, {**state.places, **there})

    def of_an_older_format(self) -> Model:
        """What is known once there is no record of changes."""
        return Model(dict(self.articles))

    def as_json(self) -> dict[str, Any]:
        """For the process that looks at an index."""
        return {"articles": self.articles, "history": self.history}


def script(model: Model, files: dict[str, int], rng: random.Random) -> list[Operation]:
    """A few operations that make sense in a state.  `files`, what the folder holds, is changed."""
    chosen: list[Operation] = []
    folder_changed = False
    for _ in range(rng.randint(2, 4)):
        operation = _operation(model, files, rng, folder=not folder_changed)
        folder_changed |= operation.kind == "folder"
        chosen.append(operation)
        model = model.done(operation)
    return chosen


SMALLEST, LARGEST = 15, 70


def _operation(
    model: Model, files: dict[str, int], rng: random.Random, *, folder: bool
) -> Operation:
    live = sorted(i for i in model.articles if i.startswith("a"))
    size = len(model.articles)
    weights = {
        "add": 3 if size < LARGEST else 0,
        "update": 3 if live else 0,
        "withdraw": (5 if size > LARGEST else 2) if size > SMALLEST else 0,
        "again": 1 if model.withdrawn else 0,
        "restore": 1 if model.withdrawn else 0,
        "folder": 3 if folder else 0,
        "compact": 1,
        "repair": 1,
    }
    (kind,) = rng.choices(list(weights), list(weights.values()))
    if kind == "add":
        free = sorted({f"a{n}" for n in range(160)} - set(model.articles) - model.withdrawn)
        ids = _some(free, rng, rng.choice((1, 3, 25)))
        return Operation(kind="put", rows={i: rng.randint(0, 9) for i in ids})
    if kind == "update":
        ids = _some(live, rng, rng.choice((1, 5, 20)))
        changed = {i: rng.choice((model.articles[i], rng.randint(0, 9))) for i in ids}
        return Operation(kind="put", rows=changed)
    if kind == "withdraw":
        return Operation(
            kind="withdraw", ids=_some(sorted(model.articles), rng, rng.choice((1, 12)))
        )
    if kind in ("again", "restore"):
        ids = [i for i in _some(sorted(model.withdrawn), rng, 6) if i.startswith("a")]
        rows = {i: rng.randint(0, 9) for i in ids}
        if rows:
            return Operation(kind="put", rows=rows, restore=kind == "restore")
        kind = "folder" if folder else "repair"
    if kind == "folder":
        _change_files(model, files, rng)
        return Operation(kind="folder", rows=dict(files), restore=rng.random() < 0.2)
    return Operation(kind="compact" if kind == "compact" else "repair")


def _change_files(model: Model, files: dict[str, int], rng: random.Random) -> None:
    # Only a file whose article is known to come from it is taken away: see `Record.placed`.
    for gone in _some(sorted(set(files) & model.placed), rng, 4):
        if len(files) > 2:
            del files[gone]
    for new in _some([f"f{n}" for n in range(60)], rng, 8):
        files[new] = rng.randint(0, 9)


def _some(of: Iterable[str], rng: random.Random, most: int) -> list[str]:
    held = list(of)
    return rng.sample(held, min(len(held), rng.randint(1, most)))
