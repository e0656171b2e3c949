"""Evidence → prose through a chat model: each sentence shown only once its quotes support it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace

from newsqa.chunking import sentence_spans
from newsqa.config import Chat
from newsqa.synthesis.around import sentence_after, sentences_before
from newsqa.synthesis.compose import Composition, Statement, cite
from newsqa.synthesis.evidence import MAX_QUOTE_CHARS
from newsqa.synthesis.finding import Finding
from newsqa.synthesis.neighbours import MOST_BEFORE, with_neighbours
from newsqa.synthesis.orders import addresses_a_model, seen
from newsqa.synthesis.support import Judge, Quoted, has_markup
from newsqa.synthesis.verify import verify
from newsqa.synthesis.writing import NO_ANSWER, Writer, WritingFailed, in_time, prompt_for
from newsqa.types import UNVERIFIED, Answer, Article, Citation, Hit, Span

_MARKS = re.compile(r"[\[【]\s*(\d{1,3}(?:\s*[,;]\s*\d{1,3})*)\s*[\]】](?!\()")
_TAIL = re.compile(
    r"((?:\s*[\[【]\s*\d{1,3}(?:\s*[,;]\s*\d{1,3})*\s*[\]】])+[.!?”\"]*)(?=\s+[^\s\[【])"
)
_BULLET = re.compile(r"^\s*(?:[-*•–]|\d{1,2}[.)]|#+)\s+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A quote that a model may use: a sentence with its neighbours."""

    article: Article
    span: Span

    @property
    def quoted(self) -> Quoted:
        """As it is compared with what is written."""
        return _quoted(self.article, self.span)


def written(
    question: str,
    extractive: Answer,
    finding: Finding,
    *,
    writer: Writer,
    judge: Judge,
    settings: Chat,
) -> Iterator[str | Answer]:
    """The answer in a model's words, in pieces as its sentences are verified, then whole.

    The answer in the articles' own words stands in where the model fails, where nothing that it
    wrote is supported, or where what is left speaks of something else; a note says so.  Nothing
    is yielded before that is known.
    """
    offers = offered(finding, most=settings.quotes)
    if not offers:
        yield replace(
            extractive,
            note=f"{writer.name} was given no quote: the answer is in the articles' own words.",
        )
        return
    draft = _Draft(offers, judge, extractive.citations)
    note = ""
    pieces = in_time(
        writer.write(
            prompt_for(
                question, [offer.quoted for offer in offers], sentences=settings.max_sentences
            )
        ),
        first=settings.first_seconds,
        all_of_it=settings.seconds,
    )
    shown = 0
    try:
        with closing(pieces):  # type: ignore[type-var]
            for sentence in sentences_as_they_come(pieces):
                if NO_ANSWER.match(sentence):
                    note = "found no answer in the quotes"
                    break
                draft.take(sentence, mark=settings.unverified == "mark")
                if draft.answers:
                    for each in draft.statements[shown:]:
                        yield f"{' ' if shown else ''}{_shown(each)}"
                        shown += 1
                if len(draft.statements) >= settings.max_sentences:
                    break
    except WritingFailed as failure:
        note = str(failure)
    except Exception as error:
        # Whatever a provider's library raises: the answer stands without it.  Its message may
        # hold what is nobody's business (part of a key), its kind does not.
        note = f"failed ({type(error).__name__})"
    if not draft.answers:
        why = note or ("wrote nothing" if not draft.taken else draft.why_not)
        yield replace(
            extractive, note=f"{writer.name} {why}: the answer is in the articles' own words."
        )
        return
    dropped = draft.taken - len(draft.statements)
    said = [f"{writer.name} {note}"] if note else []
    if dropped:
        said.append(f"{_count(dropped)} of {writer.name} left out: no quote supports it")
    yield draft.answer(extractive, writer.name, note=f"{'; '.join(said)}." if said else None)


def offered(finding: Finding, *, most: int) -> list[Offer]:
    """The quotes of the best sentences, each with its neighbours.

    Of an article that gives orders where it was found there is none: what stands beside an order
    is as likely its payload as news.  The reader finds it as before.
    """
    hits = {hit.rank: hit for hit in finding.hits}
    withheld = {hit.article.id for hit in finding.hits if _gives_orders(hit)}
    offers: list[Offer] = []
    for candidate in finding.candidates:
        evidence, hit = candidate.evidence, hits[candidate.evidence.hit]
        article, at = evidence.article, Span(start=evidence.start, end=evidence.end)
        if any(o.article.id == article.id and _within(at, o.span) for o in offers):
            continue
        if article.id in withheld:
            continue
        span = _in_context(at, with_neighbours(evidence, hit), hit.passage.sentences)
        offers.append(Offer(article=article, span=span))
        if len(offers) == most:
            break
    return offers


def sentences_as_they_come(pieces: Iterator[str]) -> Iterator[str]:
    """Each sentence with its marks once it is complete: at a line's end, or after its marks."""
    left = ""
    for piece in pieces:
        left += piece
        while True:
            line, newline, rest = left.partition("\n")
            found = _TAIL.search(line)
            if found:
                line, rest = left[: found.end()], left[found.end() :]
            elif not newline:
                break
            left = rest
            yield from _each(line)
    yield from _each(left)


def _each(text: str) -> Iterator[str]:
    """The sentences of a piece of text; marks belong to the sentence before them."""
    text = _BULLET.sub("", seen(text)).replace("**", "")
    if has_markup(text):
        # Taken apart, its harmless half would pass for a sentence.
        yield text
        return
    found: list[str] = []
    for span in sentence_spans(text):
        sentence = text[span.start : span.end].strip()
        if found and not re.search(r"\w", _MARKS.sub("", sentence)):
            found[-1] += f" {sentence}"
        elif lead := re.match(rf"(?:{_MARKS.pattern}\s*)+", sentence):
            if found:
                found[-1] += f" {lead[0].strip()}"
            found.append(sentence[lead.end() :])
        else:
            found.append(sentence)
    yield from (sentence for sentence in found if re.search(r"\w", sentence))


@dataclass(slots=True)
class _Draft:
    """What has been written so far and holds."""

    offers: Sequence[Offer]
    judge: Judge
    answering: Sequence[Citation]
    """What the answer in the articles' own words cites."""
    statements: list[Statement] = field(default_factory=list)
    citations: list[Citation] = field(default_factory=list)
    unverified: list[str] = field(default_factory=list)
    judged: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """By sentence: the quotes that it was found to stand on."""
    taken: int = 0
    answers: bool = False
    """Whether something of it stands where the answer was found."""

    @property
    def why_not(self) -> str:
        """Why nothing of it is shown."""
        if any(statement.numbers for statement in self.statements):
            return "wrote of something else than what answers"
        return "wrote nothing that the quotes support"

    def take(self, sentence: str, *, mark: bool) -> None:
        """A sentence with its marks, kept with the quotes that support it."""
        numbers = [int(n) for each in _MARKS.findall(sentence) for n in re.findall(r"\d+", each)]
        text = " ".join(_MARKS.sub(" ", sentence).split())
        text = re.sub(r"\s+([.,;:!?])", r"\1", text).strip(" -*")
        if not re.search(r"\w", text):
            return
        self.taken += 1
        text = text if text[-1] in ".!?”\"'’)" else f"{text}."
        if any(text == known.text for known in self.statements):
            self.taken -= 1
            return
        quotes = [offer.quoted for offer in self.offers]
        found = self.judge.judge(text, [n - 1 for n in numbers], quotes)
        if found.supported:
            places = [self._narrowed(text, self.offers[at], alone=len(found.by) == 1)
                      for at in found.by]  # fmt: skip
            numbers = [self._number(offer) for offer in places]
            self.statements.append(Statement(text=text, numbers=tuple(dict.fromkeys(numbers))))
            self.judged[text] = tuple(dict.fromkeys(place.quoted.text for place in places))
            self.answers = self.answers or any(map(self._answers, places))
        elif mark and not re.search(r"[\[\]<>]|https?:|www\.", text):
            self.unverified.append(text)
            self.statements.append(Statement(text=f"{text} {UNVERIFIED}", numbers=()))

    def _answers(self, place: Offer) -> bool:
        return any(
            each.article_id == place.article.id
            and each.start < place.span.end
            and place.span.start < each.end
            for each in self.answering
        )

    def _narrowed(self, text: str, offer: Offer, *, alone: bool) -> Offer:
        """The one sentence of a quote that supports what is said, if one does."""
        start, whole = offer.span.start, offer.article.text[offer.span.start : offer.span.end]
        spans = sentence_spans(whole)
        for span in spans if alone and len(spans) > 1 else ():
            place = Span(start=start + span.start, end=start + span.end)
            if self.judge.objection(text, [_quoted(offer.article, place)]) is None:
                return Offer(article=offer.article, span=place)
        return offer

    def _number(self, offer: Offer) -> int:
        place = (offer.article.id, offer.span.start, offer.span.end)
        for known in self.citations:
            if (known.article_id, known.start, known.end) == place:
                return known.number
        self.citations.append(cite(offer.article, offer.span, len(self.citations) + 1))
        return len(self.citations)

    def answer(self, extractive: Answer, name: str, *, note: str | None) -> Answer:
        """The whole of it, every guarantee checked."""
        quotes = [citation.quote for citation in self.citations]
        exact = tuple(
            text
            for text in extractive.several or filter(None, [extractive.short])
            if any(text in quote for quote in quotes)
        )
        supported = tuple(each for each in self.statements if each.numbers)
        verify(
            Composition(statements=supported, citations=tuple(self.citations)),
            {offer.article.id: offer.article for offer in self.offers},
            exact=exact,
            supports=self._holds,
        )
        return replace(
            extractive,
            text=" ".join(map(_shown, self.statements)),
            short=exact[0] if exact else None,
            several=exact if len(exact) > 1 else (),
            citations=tuple(self.citations),
            composer=name,
            note=note,
            unverified=tuple(self.unverified),
        )

    def _holds(self, sentence: str, quotes: Sequence[str]) -> bool:
        """Whether a sentence cites exactly what it was judged by."""
        return self.judged.get(sentence) == tuple(quotes)


def _gives_orders(hit: Hit) -> bool:
    """Whether there are any in a passage or in what may be shown with it."""
    text, passage = hit.article.text, hit.passage
    before = sentences_before(text, passage.start)[-MOST_BEFORE:]
    after = sentence_after(text, passage.end)
    spans = [*before, *passage.sentences, *([after] if after else [])]
    start = before[0].start if before else passage.start
    whole = text[start : after.end if after else passage.end]
    texts = [passage.text, whole, *(text[span.start : span.end] for span in spans)]
    return any(map(addresses_a_model, texts))


def _in_context(at: Span, needed: Sequence[Span], sentences: Sequence[Span]) -> Span:
    """A sentence with what it can't be read without, and those beside it as far as they fit."""
    whole = Span(start=needed[0].start, end=needed[-1].end)
    place = sentences.index(at)
    for other in (*sentences[max(0, place - 1) : place], *sentences[place + 1 : place + 2]):
        wider = Span(start=min(whole.start, other.start), end=max(whole.end, other.end))
        if wider.end - wider.start <= MAX_QUOTE_CHARS:
            whole = wider
    return whole


def _quoted(article: Article, span: Span) -> Quoted:
    return Quoted(
        text=article.text[span.start : span.end],
        source=article.source,
        authors=article.authors,
        published=article.published.date() if article.published else None,
        around=f"{article.title or ''}\n{article.text}",
    )


def _shown(statement: Statement) -> str:
    """A sentence with its marks, or with the one for having none."""
    return str(statement) if statement.numbers else statement.text


def _within(one: Span, other: Span) -> bool:
    return other.start <= one.start and one.end <= other.end


def _count(number: int) -> str:
    return f"{number} sentence{'' if number == 1 else 's'}"
