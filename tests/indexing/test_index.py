"""What an index promises, over the real engines: what is put in, changed and taken out."""

from __future__ import annotations

import os
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from newsqa.errors import (
    ArchiveError,
    IndexMismatch,
    IndexNotFound,
)
from newsqa.indexing import Entry, Filter, Index
from newsqa.indexing.lexicon import Lexicon

FLOOD = "The Morrow burst its banks. Nobody was hurt in the flood."


def test_what_was_added_is_found_by_meaning_and_by_words_with_its_article(box, flood) -> None:
    with flood.view() as view:
        for found in (box.dense(view, "The Morrow burst its banks"), box.lexical(view, "Morrow")):
            passage, article = view.passages([found[0].id])[found[0].id]
            assert article == box.article("flood", FLOOD, 1)
            assert passage.text in article.text
        assert view.article("flood") == box.article("flood", FLOOD, 1)
        assert view.article("no such") is None
        assert view.passages([1, 2, 3]) == {}
        assert view.sources() == ("Harbour Post", "Radio Vellmark")


def test_best_hits_come_first_and_k_bounds_them(box, flood) -> None:
    with flood.view() as view:
        for search in (box.dense, box.lexical):
            scores = [s.score for s in search(view, "a dog in the snow")]
            assert scores == sorted(scores, reverse=True)
            assert len(search(view, "a dog in the snow", 1)) == 1
            assert search(view, "a dog in the snow", 0) == []
            assert len(search(view, "a dog in the snow", 10**12)) == len(scores)


def test_words_are_found_in_any_form_and_titles_count(box, flood) -> None:
    assert box.texts(flood, "flooding")["lexical"] == {FLOOD}
    assert box.texts(flood, "FERRIES")["lexical"]
    with flood.view() as view:
        weights = {"titl": 1.0}
        assert len(view.lexical(weights, 10, Filter())) == 3
        assert view.lexical(weights, 10, Filter(), title_boost=0.0) == []
        assert view.lexical({}, 10, Filter()) == []


def test_what_was_removed_is_found_nowhere(box, flood) -> None:
    entries, vectors = box.entries([box.article("flood", FLOOD, 1)])
    ids = [passage.id for entry in entries for passage, _ in entry.passages]
    with flood.writing() as writer:
        assert set(writer.known_vectors(list(vectors))) == set(vectors)
    box.put(flood, removed=["flood"])
    for index in (flood, Index.open(box.path)):
        found = box.texts(index, FLOOD)
        assert all("Morrow" not in text for texts in found.values() for text in texts)
        with index.view() as view:
            assert view.passages(ids) == {}
            assert view.article("flood") is None
            assert not set(ids) & {s.id for s in box.dense(view, FLOOD)}
            assert not set(ids) & {s.id for s in box.lexical(view, FLOOD)}
            assert view.coverage(Filter()).articles == 2
        with index.writing() as writer:
            assert writer.known_vectors(list(vectors)) == {}
            assert writer.content_hashes(["flood"]) == {}
        assert index.article("flood") is None
        assert [a.id for a in index.articles()] == ["ferry", "dog"]
        assert index.check().problems == ()
    index.close()


def test_the_words_of_what_was_removed_leave_the_store_file(box, flood) -> None:
    box.put(flood, removed=["flood"])
    flood.close()
    assert b"burst its banks" not in (box.path / "newsqa.db").read_bytes()


def test_the_words_of_what_was_removed_leave_the_lexicon(box, flood) -> None:
    box.put(flood, box.article("dog", "Another dog."), removed=["flood"])
    with flood.view() as view:
        live = {s.id for s in box.dense(view, "dog")}
    held = Lexicon.open(box.path / "lexical").view().ids().tolist()
    assert sorted(held) == sorted(live)


def test_an_update_replaces_the_old_text_whole(box, flood) -> None:
    new = box.article("flood", "The water has gone down. The Weir Bridge is open again.", 3)
    box.put(flood, new)
    for index in (flood, Index.open(box.path)):
        found = box.texts(index, "Morrow burst banks hurt flood water Weir Bridge")
        assert all("burst" not in text for texts in found.values() for text in texts)
        assert new.text in {text for texts in found.values() for text in texts}
        assert index.article("flood") == new
        info = index.info()
        assert (info.articles, info.passages) == (3, 3)
        assert index.check().problems == ()
    index.close()


def test_an_update_keeps_the_vectors_that_other_articles_share(box) -> None:
    """Two articles may hold the same words under the same title and day: one vector."""
    one, two = (box.article(i, "Agency text, printed twice.") for i in ("a", "b"))
    _, vectors = box.entries([one])
    index = box.make(one)
    other_entries, _ = box.entries([two])
    with index.writing() as writer:
        passages = [(p, next(iter(vectors))) for p, _ in other_entries[0].passages]
        writer.commit([Entry(article=two, passages=passages)])
        writer.commit(removed=["a"])
        assert set(writer.known_vectors(list(vectors))) == set(vectors)
    assert box.texts(index, "Agency")["dense"] == {two.text}
    assert index.check().problems == ()
    index.close()


def test_each_commit_moves_the_generation_on_and_no_commit_leaves_it(box, flood) -> None:
    before = flood.info().generation
    with flood.writing():
        pass
    assert flood.info().generation == before
    box.put(flood, box.article("new", "A new one."))
    assert flood.info().generation == before + 1


def test_a_commit_that_fails_changes_nothing(box, flood) -> None:
    entries, _ = box.entries([box.article("a", "Good."), box.article("b", "Bad.")])
    before = box.found(flood, "flood ferry dog good bad")
    (good, _), (_, key) = entries[0].passages[0], entries[1].passages[0]
    broken = Entry(article=entries[1].article, passages=[(good, key)])  # an id twice
    with pytest.raises(ArchiveError), flood.writing() as writer:
        writer.commit([entries[0], broken], vectors={}, removed=["flood"])
    for index in (flood, Index.open(box.path)):
        assert box.found(index, "flood ferry dog good bad") == before
        assert index.article("flood") is not None
        index.close()
    again = Index.open(box.path)
    assert again.check().problems == ()
    again.close()


def test_info_says_what_is_in_it(box, flood) -> None:
    info = flood.info()
    assert (info.articles, info.passages, info.undated) == (3, 3, 1)
    assert dict(info.sources) == {"Harbour Post": 1, "Radio Vellmark": 1}
    assert (f"{info.earliest:%m-%d}", f"{info.latest:%m-%d}") == ("01-02", "01-03")
    assert (info.encoder, info.kind, info.path) == ("hashing-32", "exact", str(box.path))
    assert info.bytes > 10_000


def test_an_empty_index_answers_everything_with_nothing(box) -> None:
    index = box.open()
    with index.view() as view:
        assert box.dense(view, "anything") == box.lexical(view, "anything") == []
        assert view.coverage(Filter()).articles == 0
        assert np.isfinite(view.rarity("flood"))
    assert index.info().articles == 0
    assert index.check().problems == ()
    index.close()
    assert Index.open(box.path).info().passages == 0


def test_all_articles_removed_leaves_an_empty_index(box, flood) -> None:
    box.put(flood, removed=["flood", "ferry", "dog"])
    assert flood.info().articles == 0
    assert box.texts(flood, "flood") == {"dense": set(), "lexical": set()}
    box.put(flood, box.article("new", "A flood again."))
    assert box.texts(flood, "flood")["dense"] == {"A flood again."}


def test_a_view_stays_what_it_was_while_a_writer_commits(box, flood) -> None:
    with flood.view() as view:
        before = {s.id for s in box.dense(view, FLOOD)}
        # The same thread, as a stream's reader that adds an article does it.
        box.put(flood, box.article("flood", "Other words."), removed=["ferry"])
        assert {s.id for s in box.dense(view, FLOOD)} == before
        assert set(view.passages(sorted(before))) == before
        assert view.article("flood").text == FLOOD
        assert view.article("ferry") is not None
        assert {s.id for s in box.lexical(view, "ferry")} <= before
        with flood.view() as inner:
            assert inner.article("flood").text == "Other words."
            assert inner.article("ferry") is None
    assert flood.article("flood").text == "Other words."


def test_a_view_may_go_on_in_another_thread(box, flood) -> None:
    with flood.view() as view:
        box.put(flood, removed=["ferry"])
        with ThreadPoolExecutor(1) as pool:
            assert pool.submit(view.article, "ferry").result() is not None


def test_a_view_that_has_ended_reads_no_more(box, flood) -> None:
    with flood.view() as view:
        pass
    with pytest.raises(AttributeError):
        view.article("flood")


def test_many_short_threads_leave_no_files_open(box, flood) -> None:
    folder = Path("/proc/self/fd")
    if not folder.exists():
        pytest.skip("open files can't be counted here")

    def look() -> None:
        with flood.view() as view:
            assert view.article("flood") is not None

    look()
    before = len(os.listdir(folder))
    for _ in range(60):
        thread = threading.Thread(target=look)
        thread.start()
        thread.join()
    assert len(os.listdir(folder)) <= before + 3


def test_closed_is_closed_and_a_view_in_use_is_seen_through(box, flood) -> None:
    with flood.view() as view:
        flood.close()
        assert view.article("flood") is not None
    with pytest.raises(ArchiveError, match="closed"), flood.view():
        pass
    flood.close()


def test_where_there_is_no_index_that_is_said_with_what_to_do(tmp_path: Path) -> None:
    for place in (tmp_path, tmp_path / "none"):
        with pytest.raises(IndexNotFound, match="newsqa build"):
            Index.open(place)
    assert list(tmp_path.iterdir()) == []


def test_an_index_can_not_be_made_where_a_file_is(box_at, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    with pytest.raises(ArchiveError, match="no index can be made"):
        box_at(tmp_path / "file").open()
    with pytest.raises(IndexNotFound):
        Index.open(tmp_path / "file")
    assert (tmp_path / "file").read_text() == "mine"


def test_another_encoder_is_refused_by_name(box, flood) -> None:
    flood.close()
    with pytest.raises(IndexMismatch, match=r"'hashing-32'.*'other'"):
        Index.create(box.path, encoder="other", fingerprint="f" * 64, dimension=32)
    index = Index.open(box.path)
    with pytest.raises(IndexMismatch, match="another index"):
        index.require_encoder(name="other", fingerprint="f" * 64)
    index.close()


def test_instants_keep_their_microseconds_and_any_year(box) -> None:
    index = box.open()
    days = [-738_000, -0.5, 1e-9, 2_900_000]
    articles = [box.article(str(day), "Some words.", day) for day in days]
    box.put(index, *articles)
    assert list(index.articles()) == articles
    np.testing.assert_array_equal(
        [a.published for a in index.articles()], [a.published for a in articles]
    )
    index.close()
