"""An archive through its life: corrected, withdrawn, brought back, pruned, compacted, repaired."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import newsqa
from newsqa.embedding import HashingEncoder
from newsqa.indexing import Index

ENCODER = HashingEncoder(32)
DAY = datetime(2024, 3, 1, tzinfo=UTC)
FLOOD = {
    "id": "flood",
    "title": "The Morrow floods Oakhurst",
    "text": "The river Morrow burst its banks on Sunday. Conrad Vale said nobody was hurt.",
    "source": "Harbour Post",
    "published": "2024-02-28",
}
DOG = {"id": "dog", "title": "Dog found", "text": "A dog called Pilot was dug out of the snow."}


def build(paths: object, index: Path, *, day: int = 0, **options: object) -> newsqa.BuildReport:
    return newsqa.build(
        paths, index=index, encoder=ENCODER, now=DAY + timedelta(days=day), **options
    )


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "index"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "articles"
    (place / "deep").mkdir(parents=True)
    (place / "a.txt").write_text("Alder Quay\n\nThe quay at Alder was closed on Monday.\n")
    (place / "b.txt").write_text("Bell tower\n\nThe bell tower of Corran fell down.\n")
    (place / "deep" / "c.txt").write_text("Cider\n\nThe cider harvest was good this year.\n")
    rows = [{"id": f"r{n}", "title": f"Row {n}", "text": f"Row number {n}."} for n in range(3)]
    (place / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return place


def ids(path: Path) -> set[str]:
    index = Index.open(path)
    found = {article.id for article in index.articles()}
    index.close()
    return found


# Corrections.


def test_a_correction_replaces_the_text_and_is_remembered(path: Path) -> None:
    build([FLOOD, DOG], path)
    before = Index.open(path).article("flood")
    corrected = {**FLOOD, "text": FLOOD["text"].replace("nobody", "one man")}
    assert build([corrected, DOG], path, day=3).updated == ("flood",)
    assert build([corrected, DOG], path, day=4).unchanged == ("flood", "dog")
    moved = {**corrected, "published": "2024-02-27", "source": "The Harbour Post"}
    build([moved], path, day=5)
    with newsqa.NewsQA.open(path, encoder=ENCODER) as qa:
        first, second = qa.history("flood")
        assert (first.kind, first.at, first.fields) == (
            "updated", DAY + timedelta(days=3), ("text",),
        )  # fmt: skip
        assert before is not None
        assert (first.content_hash, first.published) == (before.content_hash, before.published)
        assert second.fields == ("source", "published")
        assert qa.history("dog") == qa.history("none") == ()
        assert qa.info().changes == {"updated": 2}
        answer = qa.ask("Was anyone hurt when the Morrow burst its banks?")
        (cited,) = {c.corrected for c in answer.citations if c.article_id == "flood"}
        # When it was dated anew is no correction of its words.
        assert cited == DAY + timedelta(days=3)
        dog = qa.ask("Which dog was dug out of the snow?")
        assert {c.corrected for c in dog.citations if c.article_id == "dog"} == {None}


def test_the_words_before_a_correction_are_nowhere(path: Path) -> None:
    build([FLOOD], path)
    build([{**FLOOD, "text": "The Morrow stayed within its banks."}], path, day=1)
    assert not bytes_of(path, b"Conrad Vale")


# Withdrawal.


def test_what_was_withdrawn_does_not_come_back_unasked(path: Path) -> None:
    build([FLOOD, DOG], path)
    newsqa.remove("flood", index=path)
    again = build([FLOOD, DOG], path, day=2)
    assert (again.added, again.unchanged) == ((), ("dog",))
    (skip,) = again.skipped
    assert "withdrawn on 2" in skip.reason
    assert "--restore" in skip.reason
    # A changed text is the same article.
    assert build([{**FLOOD, "text": "Something else."}], path).skipped
    assert ids(path) == {"dog"}
    assert build([FLOOD], path, day=3, restore=True).added == ("flood",)
    with newsqa.NewsQA.open(path, encoder=ENCODER) as qa:
        assert [change.kind for change in qa.history("flood")] == ["withdrawn", "restored"]
    # Brought back, it is as any other: changed and withdrawn again.
    assert build([{**FLOOD, "text": "Something else."}], path, day=4).updated == ("flood",)
    newsqa.remove("flood", index=path)
    assert not build([FLOOD], path).added


def test_what_was_withdrawn_stays_so_under_any_spelling_of_its_address(path: Path) -> None:
    row = {"title": "A", "text": "The river rose.", "url": "https://a.example/story?id=3"}
    (article_id,) = build([row], path).added
    newsqa.remove(article_id, index=path)
    for url in (
        "http://a.example/story?id=3&utm_source=feed", "https://A.example:443/story/?id=3#top"
    ):  # fmt: skip
        report = build([{**row, "url": url, "title": "Another title"}], path)
        assert (len(report.added), len(report.skipped)) == (0, 1)
    assert build([{**row, "url": "https://a.example/story?id=4"}], path).added


# Files that vanish.


def test_what_vanished_is_removed_where_that_is_asked_for(path: Path, folder: Path) -> None:
    build([folder, FLOOD], path)
    assert len(ids(path)) == 7
    (folder / "a.txt").unlink()
    (folder / "rows.jsonl").write_text(
        "".join(json.dumps({"id": f"r{n}", "title": f"Row {n}", "text": f"Row number {n}."}) + "\n"
                for n in (0, 2))
    )  # fmt: skip
    assert build([folder], path).removed == ()
    report = build([folder], path, prune=True)
    assert len(report.removed) == 2
    assert "r1" in report.removed
    assert len(report.unchanged) == 4
    assert len(ids(path)) == 5
    assert "flood" in ids(path)  # was given as a row: no file of it can vanish
    # What vanished was not withdrawn: when it is there again, so is the article.
    (folder / "a.txt").write_text("Alder Quay\n\nThe quay at Alder was closed on Monday.\n")
    assert len(build([folder], path, prune=True).added) == 1
    assert build([folder], path, prune=True).removed == ()


def test_only_what_stood_under_the_paths_given_is_looked_at(path: Path, folder: Path) -> None:
    build([folder], path)
    shutil.rmtree(folder / "deep")
    (folder / "a.txt").unlink()
    assert build([folder / "b.txt"], path, prune=True).removed == ()
    (folder / "deep").mkdir()
    (folder / "deep" / "d.txt").write_text("Dunes\n\nThe dunes moved again.\n")
    report = build([folder / "deep"], path, prune=True)
    assert (len(report.added), len(report.removed)) == (1, 1)
    # A folder whose name only begins alike is another one.
    other = folder.with_name("articles-2")
    shutil.copytree(folder / "deep", other)
    build([other], path)
    shutil.rmtree(other / "none", ignore_errors=True)
    assert len(build([folder], path, prune=True).removed) == 1  # a.txt
    assert len(ids(path)) == 6


def test_what_can_not_be_read_is_not_taken_for_gone(path: Path, folder: Path) -> None:
    build([folder], path)
    held = ids(path)
    away = folder.with_name("away")
    folder.rename(away)
    report = build([folder], path, prune=True)  # as with a disk that is not there
    assert report.removed == ()
    folder.mkdir()
    report = build([folder], path, prune=True)  # as with one that is not mounted
    assert report.removed == ()
    assert any("7" not in s.reason and "not removed" in s.reason for s in report.skipped)
    folder.rmdir()
    away.rename(folder)
    (folder / "b.txt").write_bytes(b"")
    (folder / "rows.jsonl").write_text('{"id": "r0", "title": "Row 0", "text": "Row number 0."}\n{')
    report = build([folder], path, prune=True)
    assert report.removed == ()
    assert ids(path) == held


def test_a_file_that_was_moved_is_followed(path: Path, folder: Path) -> None:
    row = {"title": "A", "text": "The river rose.", "url": "https://a.example/1"}
    (folder / "one.json").write_text(json.dumps(row))
    build([folder / "one.json"], path)
    (folder / "one.json").rename(folder / "deep" / "two.json")
    assert len(build([folder / "deep"], path).unchanged) == 1
    for name in ("a.txt", "b.txt"):
        (folder / name).touch()
    shutil.rmtree(folder / "gone", ignore_errors=True)
    assert build([folder], path, prune=True).removed == ()


def test_what_stands_in_another_file_too_is_not_removed(path: Path, tmp_path: Path) -> None:
    place = tmp_path / "A"
    place.mkdir()

    def write(name: str, *numbers: str) -> None:
        rows = [{"id": n, "title": f"Row {n}", "text": f"Row number {n}."} for n in numbers]
        (place / name).write_text("".join(json.dumps(row) + "\n" for row in rows))

    write("archive.jsonl", "x", "y")
    write("latest.jsonl", "x", "z")
    build([place], path)
    build([place / "latest.jsonl"], path, prune=True)
    write("latest.jsonl", "z")
    assert build([place / "latest.jsonl"], path, prune=True).removed == ()
    assert ids(path) == {"x", "y", "z"}
    # What was given as a row as well has no file alone.
    build([{"id": "y", "title": "Row y", "text": "Row number y."}], path)
    write("archive.jsonl", "q")
    assert build([place], path, prune=True).removed == ("x",)
    assert ids(path) == {"y", "z", "q"}


def test_what_was_not_looked_at_is_not_taken_for_gone(path: Path, folder: Path) -> None:
    """Hidden by name, in a folder that is empty now, or under another spelling of its path."""
    (folder / ".old").mkdir()
    (folder / ".old" / "h.txt").write_text("Hidden\n\nThis stands in a hidden folder.\n")
    (folder / "sub").mkdir()
    (folder / "sub" / "s.txt").write_text("Sub\n\nThis stands in a folder of its own.\n")
    build([folder, folder / ".old"], path)
    held = ids(path)
    assert build([folder], path, prune=True).removed == ()
    (folder / "sub" / "s.txt").unlink()
    report = build([folder], path, prune=True)
    assert report.removed == ()
    assert any("not removed" in skip.reason for skip in report.skipped)
    (folder / "sub").rmdir()
    assert len(build([folder], path, prune=True).removed) == 1
    assert len(ids(path)) == len(held) - 1


def test_a_path_with_dots_after_a_link_is_the_place_that_it_leads_to(
    path: Path, tmp_path: Path
) -> None:
    real, seen = tmp_path / "real", tmp_path / "t"
    (real / "sub").mkdir(parents=True)
    (real / "B").mkdir()
    (real / "B" / "x.txt").write_text("Dots\n\nThis is read by a path with dots in it.\n")
    (seen / "B").mkdir(parents=True)
    (seen / "B" / "o.txt").write_text("Other\n\nAnother one stays where it is.\n")
    (seen / "link").symlink_to(real / "sub")
    build([str(seen / "link" / ".." / "B")], path)
    assert build([seen / "B"], path, prune=True).removed == ()
    assert len(ids(path)) == 2


def test_a_name_that_is_no_text_can_vanish_too(path: Path, tmp_path: Path) -> None:
    place = tmp_path / "odd"
    place.mkdir()
    name = os.path.join(os.fsencode(place), b"caf\xe9.txt")
    Path(os.fsdecode(name)).write_text("Odd name\n\nThe name of this file is no UTF-8.\n")
    (place / "other.txt").write_text("Other\n\nAnother one stays where it is.\n")
    assert len(build([place], path).added) == 2
    os.unlink(name)
    assert len(build([place], path, prune=True).removed) == 1


# Compaction and repair.


def bytes_of(folder: Path, words: bytes) -> list[str]:
    """The files that hold some words, in any case of letters."""
    return [
        str(file.relative_to(folder))
        for file in folder.rglob("*")
        if file.is_file() and words.lower() in file.read_bytes().lower()
    ]


@pytest.fixture
def archive(path: Path) -> Path:
    rows = [
        {
            "id": f"a{n}",
            "title": f"Report {n}",
            "text": " ".join(f"Word {n * k}." for k in range(40)),
        }
        for n in range(40)
    ]
    secret = {"id": "s", "title": "Zanzarine ledger", "text": "Quillonade was paid by Vorpalcorp."}
    build([*rows, FLOOD, secret], path)
    return path


def test_nothing_of_what_was_removed_is_in_any_file_after_compacting(archive: Path) -> None:
    reading = Index.open(archive)
    secrets = (b"Zanzarine", b"Quillonade", b"Vorpalcorp", b"zanzarin", b"quillonad", b"vorpalcorp")
    assert all(bytes_of(archive, word) for word in secrets[:3])
    vector = reading_vectors(archive, "s")
    newsqa.remove("s", index=archive)
    report = compact(archive)
    assert report.bytes_after <= report.bytes_before
    for word in secrets:
        assert bytes_of(archive, word) == []
    for row in vector:
        assert bytes_of(archive, row) == []
    for index in (reading, Index.open(archive)):
        assert index.check().problems == ()
        with index.view() as view:
            assert view.lexical({"quillonad": 1.0}, 5, newsqa_filter()) == []
        index.close()
    # What was withdrawn is still known to be so.
    assert build([{"id": "s", "title": "x", "text": "Back again."}], archive).skipped


def newsqa_filter():
    from newsqa.indexing import Filter

    return Filter()


def reading_vectors(path: Path, article_id: str) -> list[bytes]:
    connection = sqlite3.connect(path / "newsqa.db")
    rows = connection.execute(
        "SELECT v.vector FROM vectors AS v JOIN passages AS p ON p.vector = v.key "
        "JOIN articles AS a ON a.key = p.article WHERE a.id = ?",
        (article_id,),
    ).fetchall()
    connection.close()
    assert rows
    return [row[0] for row in rows]


def compact(path: Path) -> newsqa.CompactReport:
    with newsqa.NewsQA.open(path, encoder=ENCODER) as qa:
        return qa.compact()


def test_compacting_says_where_a_reader_is_in_the_way(archive: Path) -> None:
    other = Index.open(archive)
    with other.view():
        newsqa.remove("s", index=archive)
        with pytest.raises(newsqa.NewsQAError, match="run this again"):
            compact(archive)
    compact(archive)
    assert bytes_of(archive, b"Quillonade") == []
    other.close()


def test_repair_makes_anew_what_can_be_made(archive: Path) -> None:
    index = Index.open(archive)
    whole = {a.id for a in index.articles()}
    index.close()
    connection = sqlite3.connect(archive / "newsqa.db")
    connection.execute("DELETE FROM bands")
    connection.execute("DELETE FROM copies")
    connection.commit()
    connection.close()
    (archive / "vectors.faiss").write_bytes(b"nothing")
    shutil.rmtree(archive / "lexical")
    (archive / "vectors.faiss.123.tmp").write_bytes(b"left")
    (archive / "lexical.new").mkdir()
    index = Index.open(archive)
    assert index.check().problems
    assert index.repair().problems == ()
    assert {a.id for a in index.articles()} == whole
    index.close()
    assert not list(archive.glob("*.tmp"))
    assert not (archive / "lexical.new").exists()
    fresh = Index.open(archive)
    assert fresh.check().problems == ()
    fresh.close()


def test_repair_names_what_only_the_source_can_mend(archive: Path) -> None:
    connection = sqlite3.connect(archive / "newsqa.db")
    connection.execute("UPDATE articles SET text = 'Not this.' WHERE id = 'flood'")
    connection.commit()
    connection.close()
    index = Index.open(archive)
    problems = index.repair().problems
    index.close()
    assert any("flood" in problem and "add it again" in problem for problem in problems)
    assert build([FLOOD], archive).updated == ("flood",)
    index = Index.open(archive)
    assert index.check().problems == ()
    index.close()


@pytest.mark.parametrize(
    "harm",
    [
        "DELETE FROM passages WHERE article = 1",
        'UPDATE passages SET "end" = "end" - 3 WHERE article = 1',
        "UPDATE vectors SET vector = zeroblob(128) WHERE key = "
        "(SELECT vector FROM passages WHERE article = 1)",
        "UPDATE vectors SET vector = x'00' WHERE key = "
        "(SELECT vector FROM passages WHERE article = 1)",
        "DELETE FROM vectors WHERE key = (SELECT vector FROM passages WHERE article = 1)",
    ],
)
def test_harm_to_passages_and_vectors_is_mended_from_the_source(archive: Path, harm: str) -> None:
    connection = sqlite3.connect(archive / "newsqa.db")
    connection.execute(harm)
    connection.commit()
    connection.close()
    index = Index.open(archive)
    problems = index.repair().problems
    assert any("a0" in problem for problem in problems)
    with index.view() as view:  # what is left answers
        assert view.lexical({"zanzarin": 1.0}, 5, newsqa_filter())
    index.close()
    rows = [
        {"id": "a0", "title": "Report 0", "text": " ".join(f"Word {0 * k}." for k in range(40))}
    ]
    assert build(rows, archive).updated == ("a0",)
    index = Index.open(archive)
    assert index.check().problems == ()
    # It was mended, not corrected.
    assert [change.kind for change in index.history("a0")] == ["repaired"]
    with index.view() as view:
        assert view.corrected("a0") is None
    index.close()


def test_a_repair_is_seen_by_who_has_it_open(archive: Path) -> None:
    reading = Index.open(archive)
    with reading.view() as view:
        assert view.coverage(newsqa_filter()).articles == 42
    connection = sqlite3.connect(archive / "newsqa.db")
    connection.execute("DELETE FROM passages WHERE article = 1")
    connection.commit()
    connection.close()
    index = Index.open(archive)
    index.repair()
    with index.view() as own, reading.view() as theirs:
        columns = [v._snapshot.columns for v in (own, theirs)]
        assert columns[0].ids.tolist() == columns[1].ids.tolist()
    index.close()
    reading.close()


def test_an_index_that_is_replaced_under_an_open_one_is_named(archive: Path) -> None:
    index = Index.open(archive)
    shutil.rmtree(archive)
    build([DOG], archive)
    with pytest.raises(newsqa.ArchiveError, match="was replaced or removed"), index.view():
        pass
    with pytest.raises(newsqa.ArchiveError, match="was replaced or removed"), index.writing():
        pass
    index.close()
    assert ids(archive) == {"dog"}


def test_only_what_was_withdrawn_is_no_failure(path: Path, folder: Path) -> None:
    build([folder / "a.txt"], path)
    (article_id,) = ids(path)
    newsqa.remove(article_id, index=path)
    report = build([folder / "a.txt"], path)
    assert [skip.withdrawn for skip in report.skipped] == [True]


def test_an_archive_that_is_emptied_and_opened_again_writes_nothing(path: Path) -> None:
    build([DOG], path)
    newsqa.remove("dog", index=path)
    Index.open(path).close()
    before = {file.name: file.stat().st_mtime_ns for file in path.rglob("*") if file.is_file()}
    Index.open(path).close()
    after = {file.name: file.stat().st_mtime_ns for file in path.rglob("*") if file.is_file()}
    assert {n: t for n, t in after.items() if "-" not in n} == {
        n: t for n, t in before.items() if "-" not in n
    }


def test_fields_that_hold_what_was_never_written_are_damage(archive: Path) -> None:
    connection = sqlite3.connect(archive / "newsqa.db")
    connection.execute("UPDATE articles SET authors = 'nobody' WHERE id = 'flood'")
    connection.execute("UPDATE articles SET published = 9000000000000000000 WHERE id = 's'")
    connection.commit()
    connection.close()
    index = Index.open(archive)
    for article_id in ("flood", "s"):
        with pytest.raises(newsqa.IndexDamaged, match=article_id):
            index.article(article_id)
    index.close()


def test_a_ready_article_of_any_make_stops_no_build(path: Path) -> None:
    build([FLOOD], path)
    index = Index.open(path)
    made = index.article("flood")
    index.close()
    assert made is not None
    half = "\ud800"
    odd = [
        replace(made, id="a", source=f"Post {half}"),
        replace(made, id="b", url=f"https://a.example/{half}"),
        replace(made, id=f"c{half}"),
        replace(made, id="d", authors=(f"Ada {half}",)),
        replace(made, id="e", retrieved=datetime(2024, 1, 1)),
    ]
    report = build([*odd, DOG], path)
    assert "dog" in report.added
    assert len(report.added) == 5
    assert ["retrieval date" in skip.reason for skip in report.skipped] == [True]
    again = build([*odd, DOG], path)
    assert (len(again.unchanged), again.updated) == (5, ())


def test_an_empty_path_is_not_the_folder_that_one_is_in(path: Path, folder: Path) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        report = build([""], path, prune=True)
    assert (report.added, [skip.reason for skip in report.skipped]) == ((), ["an empty path"])
