"""Output for people: every record as text."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from rich.text import Text

from newsqa.cli.machine import to_json
from newsqa.cli.terminal import make_console, one_line, safe, write
from newsqa.types import (
    Answer,
    BuildReport,
    CheckReport,
    Choice,
    Citation,
    CompactReport,
    Hit,
    IndexInfo,
    Reference,
)

if TYPE_CHECKING:
    from newsqa.evaluation import Evaluation, Interval

SHOWN_SKIPS = 20
SHOWN_CHARS = 300
MOST_NAMED = 5
"""Of a passage that was found; --json has all of it."""


def show(value: object, as_json: bool, for_people: Callable[[], None]) -> None:
    """The value as one JSON document, or whatever shows it to people."""
    if as_json:
        print(to_json(value))
    else:
        for_people()


def show_answer(answer: Answer) -> None:
    for reason in answer.query.why:
        write(Text(one_line(reason), "dim"))
    if answer.status == "no_evidence":
        write(Text(safe(answer.text), "yellow"))
        if answer.nearest:
            print()
            write(Text("Nearest articles", "bold"))
        for reference in answer.nearest:
            _show_reference(reference)
        return
    if answer.headline:
        write(Text(one_line(answer.headline), "bold"))
        print()
    if answer.note:
        write(Text(one_line(answer.note), "dim"))
    text = Text(safe(answer.text))
    text.highlight_regex(r"\[\d+\]", "bold cyan")
    write(text)
    print()
    for citation in answer.citations:
        _show_citation(citation)
    searched = answer.searched
    said = f"Confidence {answer.confidence:.0%}; searched {_count(searched.articles, 'article')}"
    if searched.undated_excluded:
        said += f", {searched.undated_excluded:,} without a date left out"
    write(Text(f"{said}.", "dim"))


def show_choice(choice: Choice | None) -> None:
    if choice is None:
        write(Text("The archive supports none of these choices well enough.", "yellow"))
        return
    write(Text(one_line(choice.text), "bold"))
    print()
    for citation in choice.citations:
        _show_citation(citation)
    write(Text(f"Confidence {choice.confidence:.0%}.", "dim"))


def _show_citation(citation: Citation) -> None:
    mark = (f"[{citation.number}] ", "bold cyan")
    write(Text.assemble(mark, f"“{one_line(citation.quote)}”"))
    if citation.elsewhere:
        named = list(dict.fromkeys(map(_outlet_and_day, citation.elsewhere)))
        more = [f"{len(named) - MOST_NAMED} more"] if len(named) > MOST_NAMED else []
        write(Text(f"the same words: {'; '.join([*named[:MOST_NAMED], *more])}", "dim"), indent=4)
    if citation.corrected:
        day = f"{citation.corrected:%Y-%m-%d}"
        write(Text(f"the archive took in other words of this article on {day}", "yellow"), indent=4)
    _show_reference(citation, quoted=True)


def _outlet_and_day(reference: Reference) -> str:
    day = f"{reference.published:%Y-%m-%d}" if reference.published else "undated"
    return one_line(f"{reference.source or 'outlet not known'}, {day}")


def _show_reference(reference: Reference, *, quoted: bool = False) -> None:
    title = one_line(reference.title or "untitled")
    day = f"{reference.published:%Y-%m-%d}" if reference.published else "undated"
    parts = (reference.source, ", ".join(reference.authors), day)
    named = one_line(" · ".join(part for part in parts if part))
    indent = 4 if quoted else 2
    write(Text(title, "italic"), indent=indent)
    write(Text(named), indent=indent)
    if reference.url:
        # Not folded: an address in two lines can't be followed.
        line = Text(" " * indent + one_line(reference.url), "blue")
        make_console().print(line, soft_wrap=True)
    write(Text(f"id {one_line(reference.article_id)}", "dim"), indent=indent)
    print()


def show_hits(hits: tuple[Hit, ...]) -> None:
    if not hits:
        write(Text("Nothing found within these bounds.", "yellow"))
    for hit in hits:
        text = one_line(hit.passage.text)
        if len(text) > SHOWN_CHARS:
            text = f"{text[:SHOWN_CHARS].rsplit(' ', 1)[0]} …"
        write(Text.assemble((f"{hit.rank:>2}. ", "bold cyan"), text))
        _show_reference(Reference.to(hit.article), quoted=True)


def show_changes(report: BuildReport, index: Path) -> None:
    counts = ("added", "updated", "unchanged", "removed", "skipped")
    said = ", ".join(f"{len(getattr(report, name)):,} {name}" for name in counts)
    write(Text.assemble((f"{safe(str(index))}: ", "bold"), said))
    if report.passages:
        write(
            Text(
                f"{_count(report.passages, 'passage')} written, {report.embedded:,} embedded, "
                f"in {report.seconds:.1f} s"
            )
        )
    for skip in report.skipped[:SHOWN_SKIPS]:
        write(
            Text.assemble(
                ("skipped ", "yellow"), f"{one_line(skip.origin)}: {one_line(skip.reason)}"
            ),
            indent=2,
        )
    more = len(report.skipped) - SHOWN_SKIPS
    if more > 0:
        write(Text(f"… and {more:,} more; --json names all"), indent=2)


def show_check(report: CheckReport) -> None:
    counts = f"{report.articles:,} articles, {report.passages:,} passages: "
    problems = len(report.problems)
    verdict = _count(problems, "problem") if problems else "sound"
    write(Text(counts).append(verdict, "bold red" if problems else "bold green"))
    for problem in report.problems:
        write(Text(safe(problem)), indent=2)


def show_compact(report: CompactReport) -> None:
    sizes = f"{_megabytes(report.bytes_before)}, now {_megabytes(report.bytes_after)}"
    write(Text(f"{sizes}; nothing of what was removed is in any file"))


def _megabytes(size: int) -> str:
    return f"{size / 1e6:,.1f} MB"


def show_address(index: Path, url: str, tools: str | None) -> None:
    write(Text(f"Serving {one_line(str(index))} at {one_line(url)} (Ctrl-C stops)"))
    if tools:
        write(Text(f"Tools for MCP clients at {one_line(tools)}"))


def show_info(held: IndexInfo) -> None:
    dates = "none"
    if held.earliest and held.latest:
        dates = f"{held.earliest:%Y-%m-%d} to {held.latest:%Y-%m-%d}"
    parts = ", ".join(f"{_megabytes(size)} {name}" for name, size in held.sizes.items())
    facts = {
        "index": held.path,
        "articles": f"{held.articles:,}, {held.undated:,} without a date",
        "passages": f"{held.passages:,}",
        "dates": dates,
        "encoder": held.encoder,
        "vector search": held.kind,
        "generation": f"{held.generation:,}",
        "size": f"{_megabytes(held.bytes)} ({parts})",
        "last change": f"{held.changed:%Y-%m-%d %H:%M} UTC" if held.changed else "not known",
        "changes": ", ".join(f"{n:,} {kind}" for kind, n in held.changes.items()) or "none",
    }
    for name, fact in facts.items():
        write(Text.assemble((f"{name:<14}", "bold"), one_line(fact)))
    for number, (source, count) in enumerate(held.sources.items()):
        name = "outlets" if number == 0 else ""
        write(Text.assemble((f"{name:<14}", "bold"), f"{count:>7,}  {one_line(source)}"))


def show_evaluation(result: Evaluation, likely: Mapping[str, Interval]) -> None:
    def measure(name: str, value: str, note: str = "") -> None:
        write(Text.assemble((f"{name:<19}", "bold"), f"{value:>9}", (f"  {note}", "dim")))

    def share(name: str, key: str) -> None:
        found = likely.get(key)
        if found is None:
            measure(name, "–")
        else:
            bounds = f"{found.low:.1%} to {found.high:.1%} (95 % interval)"
            measure(name, f"{found.mean:.1%}", bounds)

    measure("questions", f"{result.questions:,}", f"{result.answerable:,} with an answer")
    for cutoff in result.answer_at:
        share(f"answer@{cutoff}", f"answer@{cutoff}")
    share("MRR", "mrr")
    share("EM", "exact_match")
    share("F1", "f1")
    share("answer in text", "answer_in_text")
    validity = result.citation_validity
    measure(
        "citation validity",
        "–" if validity is None else f"{validity:.1%}",
        f"{result.valid_citations:,} of {_count(result.citations, 'citation')}",
    )
    without = result.questions - result.answerable
    for name, refused, total, kind in (
        ("right refusals", result.right_refusals, without, "without an answer"),
        ("wrong refusals", result.wrong_refusals, result.answerable, "with one"),
    ):
        share_of = f"{refused / total:.1%}" if total else "–"
        measure(name, share_of, f"{refused:,} of {total:,} {kind}")
    for name, p50, p95 in (
        ("search p50, p95", result.search_p50, result.search_p95),
        ("ask p50, p95", result.ask_p50, result.ask_p95),
    ):
        if p50 is not None and p95 is not None:
            measure(name, f"{p50 * 1000:.0f} ms", f"{p95 * 1000:.0f} ms")
    for row in result.rows:
        for fault in row.faults:
            write(Text.assemble((f"{one_line(row.id)}: ", "bold red"), one_line(fault)))


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
