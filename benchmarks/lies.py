"""Does verification tell lies from true sentences?  By kind of lie, over an archive.

    python benchmarks/lies.py --index indexes/sample
    python benchmarks/lies.py --index indexes/sample --seed 1 --show

Of an archive's own sentences 200 true statements are made by stated rules (and, over the sample
archive, taken from `paraphrases.jsonl`, which were written by hand), and 200 lies in eight ways.
Each comes with the quote that it cites and with five more that were "offered"; it is judged as a
chat model's sentence is.  A lie is caught where it is not shown, or where it is shown with a
quote that holds it word for word; a true sentence is dropped where it is not shown.
"""

from __future__ import annotations

import argparse
import json
import random
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

from newsqa.chunking import sentence_spans
from newsqa.indexing import Index, View
from newsqa.synthesis.support import Judge, Quoted
from newsqa.types import Article

WRITTEN = Path(__file__).with_name("paraphrases.jsonl")
EACH = 25
TRUE = 200
OFFERED = 6
MAX_QUOTE_CHARS = 600
PERSON = re.compile(r"\b(?!The|A|In|On|At|By|St)[A-Z][a-z]+(?: [A-Z][a-z]+)+\b")
WEEKDAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
NO_NAMES = "Mr Ms Mrs Dr St He She It They His Her The This That".split()
MONTHS = ("January February March April May June July August September October November "
          "December").split()  # fmt: skip
SPELLED = dict(enumerate(
    "zero one two three four five six seven eight nine ten eleven twelve".split()
))  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A sentence with the quote that it stands on, and how it was made."""

    kind: str
    text: str
    quote: Quoted
    home: Article
    true: str = ""
    """The words that some quote must hold for a lie to be none any more."""


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--index", type=Path, default=Path("indexes/default"))
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--show", action="store_true", help="print what was judged wrongly")
    options = parser.parse_args()
    if not (options.index / "newsqa.db").exists():
        print(f"skipped: there is no index in {options.index}")
        return
    from newsqa.pipeline import NewsQA

    with NewsQA.open(options.index) as qa:
        index = Index.open(options.index)
        articles = sorted(index.articles(), key=lambda article: article.id)
        index.close()
        judge = Judge(words=PlainRarity(), encode=qa.encoder.encode)
        for row in measure(articles, judge, seed=options.seed, show=options.show):
            print(row)


class PlainRarity:
    """The archive's stems; verification needs no rarity."""

    terms = staticmethod(View.terms)

    def rarity(self, _: str) -> float:
        """The same of each."""
        return 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """How many sentences of a kind there were, and how many were judged rightly."""

    true: bool
    kind: str
    right: int
    of: int
    repaired: int

    def __str__(self) -> str:
        what = "kept" if self.true else "caught"
        also = f", {self.repaired} of them re-cited" if self.repaired else ""
        return f"{self.kind:<28}{self.right:>4} of {self.of:<4} {what}{also}"


def measure(
    articles: Sequence[Article], judge: Judge, *, seed: int, show: bool = False
) -> list[Row]:
    """Judge every sentence; a row for each kind and one for each sum."""
    chance = random.Random(seed)
    archive = Archive.of(articles)
    truths, pool = true_sentences(archive, chance)
    lies = lies_about(archive, pool, chance)
    return [
        *rows_of(truths, archive, judge, chance, true=True, show=show),
        *rows_of(lies, archive, judge, chance, true=False, show=show),
    ]


def rows_of(
    sentences: Sequence[Said],
    archive: Archive,
    judge: Judge,
    chance: random.Random,
    *,
    true: bool,
    show: bool = False,
) -> Iterable[Row]:
    """Judge sentences that are all true or all lies; a row for each kind, last their sum."""
    right, repaired, of = Counter[str](), Counter[str](), Counter[str]()
    for said in sentences:
        offered = archive.offered(said, chance)
        found = judge.judge(said.text, [0], offered)
        recited = found.supported and found.by != (0,)
        if true:
            good = found.supported
        else:
            held = any(_plain(said.true) in _plain(offered[at].text) for at in found.by)
            good = not found.supported or (recited and bool(said.true) and held)
        of[said.kind] += 1
        right[said.kind] += good
        repaired[said.kind] += good and recited
        if show and not good:
            print(f"- {said.kind}: {said.text}\n    [{found.reason}] {said.quote.text}")
    for kind in of:
        yield Row(true=true, kind=kind, right=right[kind], of=of[kind], repaired=repaired[kind])
    yield Row(
        true=true, kind="all true" if true else "all lies", right=right.total(),
        of=of.total(), repaired=repaired.total(),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Archive:
    """Articles with their sentences."""

    articles: tuple[Article, ...]
    sentences: dict[str, list[str]]

    @classmethod
    def of(cls, articles: Sequence[Article]) -> Archive:
        """Sentences of eight words to forty, by article."""
        found = {
            article.id: [article.text[s.start : s.end] for s in sentence_spans(article.text)]
            for article in articles
        }
        return cls(tuple(articles), found)

    def quote(self, article: Article, at: int, *, before: int = 0, after: int = 0) -> Quoted:
        """A sentence with some of its neighbours, as far as they fit into a quote."""
        every = self.sentences[article.id]
        first, last = max(0, at - before), min(len(every) - 1, at + after)
        start = article.text.index(every[first])
        end = article.text.index(every[last], start) + len(every[last])
        if end - start > MAX_QUOTE_CHARS:
            return self.quote(article, at) if before or after else _quoted(article, every[at])
        return _quoted(article, article.text[start:end])

    def offered(self, said: Said, chance: random.Random) -> list[Quoted]:
        """Its quote first, then others, of its own article and of others."""
        offered = [said.quote]
        if said.kind == "right claim, wrong citation":
            at = self.sentences[said.home.id].index(said.true)
            offered.append(self.quote(said.home, at))
        while len(offered) < OFFERED:
            own = len(offered) % 2 == 0
            article = said.home if own else chance.choice(self.articles)
            at = chance.randrange(len(self.sentences[article.id]))
            quote = self.quote(article, at)
            if said.kind == "right claim, wrong citation" or not _holds(quote, said.true):
                offered.append(quote)
        return offered


def _holds(quote: Quoted, true: str) -> bool:
    return bool(true) and _plain(true) in _plain(quote.text)


def _quoted(article: Article, text: str) -> Quoted:
    return Quoted(
        text=text,
        source=article.source,
        authors=article.authors,
        published=article.published.date() if article.published else None,
        around=f"{article.title or ''}\n{article.text}",
    )


def _plain(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.casefold()))


# True sentences.


def true_sentences(archive: Archive, chance: random.Random) -> tuple[list[Said], list[Said]]:
    """As printed, by rule, by hand: 200 in all, of each kind about as many; and all there are."""
    kinds: dict[str, list[Said]] = defaultdict(list)
    for article in archive.articles:
        for at, sentence in enumerate(archive.sentences[article.id]):
            if not 8 <= len(sentence.split()) <= 40:
                continue
            quote = archive.quote(
                article, at, before=chance.randrange(2), after=chance.randrange(2)
            )
            text = _without_dateline(sentence)
            said = Said(kind="as printed", text=text, quote=quote, home=article)
            kinds["as printed"].append(said)
            for kind, rule in RULES.items():
                for new in rule(text, article, chance):
                    if new != text:
                        kinds[kind].append(replace(said, kind=kind, text=new))
    kinds["by hand"] = list(written(archive))
    for said in kinds.values():
        chance.shuffle(said)
    chosen: list[Said] = kinds.pop("by hand")[: TRUE // 2]
    every = [*chosen, *kinds["as printed"]]
    # By turns, for some kinds have few.
    for turn in range(max(map(len, kinds.values()))):
        chosen += [said[turn] for said in kinds.values() if turn < len(said)]
    return chosen[:TRUE], every


def written(archive: Archive) -> Iterable[Said]:
    """Those of the file whose article is in the archive."""
    for line in WRITTEN.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        for article in archive.articles:
            for at, sentence in enumerate(archive.sentences[article.id]):
                if row["at"] in sentence:
                    quote = archive.quote(article, at, before=row.get("before", 0))
                    yield Said(kind="by hand", text=row["sentence"], quote=quote, home=article)
                    break
            else:
                continue
            break


def _without_dateline(sentence: str) -> str:
    return re.sub(r"^[A-Z][A-Z .]+(?: ?\([A-Z]+\))? ?[–—-] ", "", " ".join(sentence.split()))


def _lower_first(text: str) -> str:
    return (
        text[0].lower() + text[1:]
        if re.match(r"(?:The|A|An|It|In|At|On|By|No|About)\b", text)
        else text
    )


def _with(said: Said, match: re.Match[str], new: str) -> Said:
    """What was said, with other words in a place."""
    return replace(said, text=f"{said.text[: match.start()]}{new}{said.text[match.end() :]}")


def _reported(text: str, article: Article, _: random.Random) -> Iterable[str]:
    if article.source:
        yield f"According to the {article.source.removeprefix('The ')}, {_lower_first(text)}"


def _dated(text: str, article: Article, _: random.Random) -> Iterable[str]:
    """ "On Wednesday", in the past, as the day that it was."""
    if article.published is None or re.search(r"\b(?:will|expect\w*|next|would|every)\b", text):
        return
    for match in re.finditer(rf"\bon ({'|'.join(WEEKDAYS)})(?! (?:and|night))", text):
        back = (article.published.weekday() - WEEKDAYS.index(match[1])) % 7
        day = article.published - timedelta(days=back)
        written_out = f"on {day.day} {MONTHS[day.month - 1]} {day.year}"
        yield f"{text[: match.start()]}{written_out}{text[match.end() :]}"


def _numerals(text: str, _: Article, __: random.Random) -> Iterable[str]:
    """Small numbers in digits or words, millions in full, percent as a sign."""
    changed = re.sub(r"\b(\d)\.(\d) million\b", r"\1,\g<2>00,000", text)
    changed = re.sub(r"(\d) percent\b", r"\1%", changed)
    changed = re.sub(
        rf"(?<![\w.,-])(?:{'|'.join(list(SPELLED.values())[2:])})"
        r"(?= (?!of\b|to\b|past\b)[a-z]+s\b)",
        lambda m: str(list(SPELLED.values()).index(m[0])),
        changed,
    )
    changed = re.sub(
        r"(?<![\w.,:–-])([2-9]|1[0-2])(?= (?!p\.m|a\.m)[a-z]+s\b)",
        lambda m: SPELLED[int(m[1])],
        changed,
    )
    yield changed


def _cut(text: str, _: Article, __: random.Random) -> Iterable[str]:
    """Without a relative clause, or without what comes before the main one."""
    yield re.sub(r", (?:who|which) (?:[^,.“”\"]|,(?=\d)){8,80},(?= )", "", text, count=1)


def _last_names(text: str, article: Article, _: random.Random) -> Iterable[str]:
    """Of people under their full name only the last."""
    for name in PERSON.findall(text):
        first, last = name.split()[0], name.split()[-1]
        if re.search(rf"\b(?:Mr|Ms|Mrs|Dr|Miss)\. {last}\b", article.text):
            yield text.replace(name, last)
        del first


def _reworded(text: str, _: Article, __: random.Random) -> Iterable[str]:
    """One word for another that says the same."""
    if "“" in text or '"' in text:
        return
    for one, other in SAME.items():
        if re.search(rf"\b{one}\b", text):
            text = re.sub(rf"\b{one}\b", other, text)
    yield text


SAME = {
    "about": "around", "began": "started", "largest": "biggest", "nearly": "almost",
    "injured": "hurt", "children": "kids", "bought": "purchased", "homes": "houses",
    "postponed": "delayed", "obtains": "gets", "announced": "made known", "fell": "dropped",
    "nobody": "no one", "Nobody": "No one", "shortly before": "just before", "by way of": "via",
    "more than half": "over half", "resigned": "stepped down",
}  # fmt: skip

RULES: dict[str, Callable[[str, Article, random.Random], Iterable[str]]] = {
    "outlet named": _reported,
    "day resolved": _dated,
    "number otherwise written": _numerals,
    "relative clause cut": _cut,
    "last name alone": _last_names,
    "reworded": _reworded,
}


# Lies.


def lies_about(archive: Archive, truths: Sequence[Said], chance: random.Random) -> list[Said]:
    """Twenty-five of each kind, made of true sentences."""
    chosen: list[Said] = []
    for kind, tell in LIES.items():
        pool = list(truths)
        chance.shuffle(pool)
        told = (lie for said in pool for lie in [tell(said, archive, chance)] if lie)
        for lie, _ in zip(told, range(EACH), strict=False):
            chosen.append(replace(lie, kind=kind))
    return chosen


def _wrong_number(said: Said, _: Archive, chance: random.Random) -> Said | None:
    figure = rf"(?<![\w.,:–])\d[\d,]*(?:\.\d+)?(?![\d:–]| (?:{'|'.join(MONTHS)})|\.\d)"
    found = list(re.finditer(figure, said.text))
    found = [m for m in found if not re.fullmatch(r"(?:19|20)\d\d", m[0])]
    if not found:
        return None
    match = chance.choice(found)
    old = match[0].rstrip(",")
    value = float(old.replace(",", ""))
    new = chance.choice([value + 1, value * 2, value * 10, value + chance.randint(2, 9),
                         float(str(value)[::-1]) if value > 11 else value + 3])  # fmt: skip
    if new == value:
        new += 1
    written = f"{new:,.1f}" if "." in old else f"{round(new):,}"
    if written in said.quote.text:
        return None
    return replace(
        said, text=said.text[: match.start()] + written + said.text[match.start() + len(old) :]
    )


def _swapped_name(said: Said, archive: Archive, chance: random.Random) -> Said | None:
    """Another person of the archive, or of the article, in place of the one who is named."""
    found = list(PERSON.finditer(said.text))
    if not found:
        return None
    match = chance.choice(found)
    article = said.home if chance.random() < 0.5 else chance.choice(archive.articles)
    own = set(match[0].split())
    others = [
        name
        for name in PERSON.findall(article.text)
        if not set(name.split()) & own and name not in said.quote.text
    ]
    if not others:
        return None
    return replace(
        said, text=said.text[: match.start()] + chance.choice(others) + said.text[match.end() :]
    )


def _wrong_date(said: Said, _: Archive, chance: random.Random) -> Said | None:
    text = said.text
    if match := re.search(rf"\b(\d{{1,2}}) ({'|'.join(MONTHS)})\b", text):
        day = (int(match[1]) + chance.randint(1, 20)) % 28 + 1
        new = (
            f"{day} {match[2]}"
            if chance.random() < 0.5
            else f"{match[1]} {chance.choice([m for m in MONTHS if m != match[2]])}"
        )
    elif match := re.search(rf"\b({'|'.join(WEEKDAYS)})\b", text):
        new = chance.choice([day for day in WEEKDAYS if day != match[1]])
    elif match := re.search(r"\b(19|20)\d\d\b", text):
        new = str(int(match[0]) + chance.choice([-11, -2, -1, 1, 2, 10]))
    elif match := re.search(rf"\bin ({'|'.join(MONTHS)})\b", text):
        new = f"in {chance.choice([m for m in MONTHS if m != match[1]])}"
    else:
        return None
    if new in said.quote.text or new == match[0]:
        return None
    return replace(said, text=text[: match.start()] + new + text[match.end() :])


INVENTED = (
    "We knew about it all along", "I have never been so proud", "Nobody told us anything",
    "This is only the beginning", "It was a mistake and I regret it", "There is no money for it",
    "We will fight this to the end", "I would do it again tomorrow",
)  # fmt: skip


def _invented_quote(said: Said, _: Archive, chance: random.Random) -> Said | None:
    """Words that nobody said, added, or in place of those that somebody said."""
    words = chance.choice(INVENTED)
    own = re.search(r"[“\"][^“”\"]{10,}[”\"]", said.text)
    if own and chance.random() < 0.5:
        return replace(said, text=f"{said.text[: own.start()]}“{words}”{said.text[own.end() :]}")
    people = PERSON.findall(said.text)
    if not people:
        return None
    return replace(said, text=f"{said.text.rstrip('.')}, and {people[0]} said: “{words}.”")


def _wrong_citation(said: Said, archive: Archive, chance: random.Random) -> Said | None:
    """The claim as it is, on a quote of another article, while the right one is offered."""
    at = _home_of(said, archive)
    if at is None:
        return None
    other = chance.choice([a for a in archive.articles if a.id != said.home.id])
    quote = archive.quote(other, chance.randrange(len(archive.sentences[other.id])))
    true = archive.sentences[said.home.id][at]
    return (
        None
        if _holds(quote, true) or _printed(true, other)
        else replace(said, quote=quote, true=true)
    )


def _true_elsewhere(said: Said, archive: Archive, chance: random.Random) -> Said | None:
    """The claim as it is, on another quote of its own article; the right one isn't offered."""
    at = _home_of(said, archive)
    every = archive.sentences[said.home.id]
    places = [i for i in range(len(every)) if at is None or abs(i - at) > 1]
    if at is None or not places:
        return None
    near = (
        min(places, key=lambda i: abs(i - at)) if chance.random() < 0.5 else chance.choice(places)
    )
    quote = archive.quote(said.home, near)
    if _holds(quote, every[at]) or said.text in quote.text:
        return None
    return replace(said, quote=quote, true=every[at])


def _home_of(said: Said, archive: Archive) -> int | None:
    """Where the sentence that was printed stands; None for those that were changed."""
    if said.kind != "as printed" or len(said.text.split()) < 8:
        return None
    every = [_without_dateline(each) for each in archive.sentences[said.home.id]]
    return every.index(said.text) if said.text in every else None


def _printed(sentence: str, article: Article) -> bool:
    return _plain(sentence) in _plain(article.text)


def _denied(said: Said, _: Archive, __: random.Random) -> Said | None:
    """With a negation that isn't there, or without the one that is."""
    text = re.sub(r"[“\"][^“”\"]*[”\"]", lambda m: "_" * len(m[0]), said.text)
    for pattern, new in (
        (r"\b(did|was|were|is|has|have|had|will|would) not (?=[a-z])", r"\1 "),
        (r"\bno (?=(?:fault|cars|weight|reason|illness)\b)", "a "),
        (
            r"\b(was|were|is|are|has been|have been|had been|will be|has|will) "
            r"(?=[a-z]+\b)(?!not\b|to\b|no\b|a\b)",
            r"\1 not ",
        ),
    ):
        if match := re.search(pattern, text):
            return replace(
                said, text=said.text[: match.start()] + match.expand(new) + said.text[match.end() :]
            )
    return None


def _roles_swapped(said: Said, _: Archive, chance: random.Random) -> Said | None:
    """Two people, two numbers, or two names that change places."""
    names = list(dict.fromkeys(PERSON.findall(said.text)))
    if len(names) < 2:
        single = r"(?<=[a-z,] )(?:the )?([A-Z][a-z]+)\b(?! [A-Z]|\. [A-Z]| of\b)"
        names = re.findall(single, said.text) + names
    none = {*WEEKDAYS, *MONTHS, *NO_NAMES}
    names = [name for name in dict.fromkeys(names) if name not in none]
    figures = re.findall(r"(?<![\w.,:–])\d[\d,]*(?:\.\d+)?(?=[ ,.])", said.text)
    numbers = [n for n in dict.fromkeys(figures) if not re.fullmatch(r"(?:19|20)\d\d", n)]
    numbers = [n.rstrip(",.") for n in numbers]
    two = names[:2] if len(names) > 1 and chance.random() < 0.5 else numbers[:2]
    two = two if len(two) == 2 else names[:2] if len(names) > 1 else []
    if len(two) < 2 or two[0] in two[1] or two[1] in two[0]:
        return None
    if re.search(rf"{re.escape(two[0])} (?:and|or|to) {re.escape(two[1])}", said.text):
        return None
    one, other = two
    text = re.sub(rf"(?<![\w.,])(?:{re.escape(one)}|{re.escape(other)})(?!\w)",
                  lambda m: other if m[0] == one else one, said.text)  # fmt: skip
    return None if text == said.text else replace(said, text=text)


LIES: dict[str, Callable[[Said, Archive, random.Random], Said | None]] = {
    "wrong number": _wrong_number,
    "swapped name": _swapped_name,
    "wrong date": _wrong_date,
    "invented quote": _invented_quote,
    "right claim, wrong citation": _wrong_citation,
    "true elsewhere": _true_elsewhere,
    "denied": _denied,
    "roles swapped": _roles_swapped,
}


if __name__ == "__main__":
    main()
