"""Files and folders that are followed: what of them has changed and is whole."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from newsqa.articles.documents import kind_of
from newsqa.articles.folders import walk
from newsqa.config import Loading
from newsqa.types import Skip

GATHERED = 5.0
"""So many times the rest of one file are those at rest kept for the others that come with them."""
PATIENCE = 30.0
"""Seconds after which a file of lines that never rests is read all the same."""


@dataclass(frozen=True, slots=True)
class Mark:
    """What tells that a file is still the same without reading it."""

    modified: int
    """Nanoseconds, as `changed`."""
    changed: int
    """When its content, its name or its rights were last touched: nobody can set that back."""
    size: int
    inode: tuple[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What a look at all files found that the looks before it hadn't."""

    ready: Mapping[Path, Mark]
    """New or changed and at rest, in the order in which a build would read them."""
    gone: tuple[Path, ...]
    """Files that were read and are no longer there, though their folder is."""
    missing: tuple[Path, ...]
    """Files and folders that were named and aren't there."""
    skipped: tuple[Skip, ...]
    unsettled: bool
    """Whether there is more that has to come to rest first."""


@dataclass(frozen=True, slots=True)
class _Moving:
    mark: Mark
    since: float
    first: float


class Files:
    """Named files and folders, and what has been read of them.

    A look goes over all of them rather than trusting what a watcher reports: so links, hidden
    files and folders that come and go are treated exactly as in a build, and a change that
    nobody reported is found by the next look.
    """

    def __init__(self, roots: Sequence[Path], *, limits: Loading, settle: float):
        """`settle` is how many seconds a file must have been left alone to be read."""
        self.roots = tuple(roots)
        self._limits = limits
        self._settle = settle
        self._taken: dict[Path, Mark] = {}
        self._moving: dict[Path, _Moving] = {}
        self._absent: dict[Path, float] = {}
        self._missing: dict[Path, float] = {}
        self._told_missing: set[Path] = set()
        self._skipped: set[Skip] = set()
        self._gathering: float | None = None

    def look(self, *, now: float, wall: float) -> Look:
        """What is new.  `now` only goes forward; `wall` is what files are dated by; seconds."""
        found, skipped, missing = self._walk()
        ready = {}
        for path, mark in found.items():
            # What is not read is named once, however often it changes.
            known = self._taken.get(path)
            if known == mark or (known is not None and kind_of(path) is None):
                continue
            if self._is_settled(path, mark, now, wall):
                ready[path] = mark
        moving = {p: m for p, m in self._moving.items() if p in found}
        if self._is_gathering(bool(ready), bool(moving.keys() - ready.keys()), now):
            ready = {}
        self._moving = {p: m for p, m in moving.items() if p not in ready}
        gone = self._gone(found, missing, now)
        told = self._newly_missing(missing, now)
        fresh = tuple(skip for skip in skipped if skip not in self._skipped)
        self._skipped = set(skipped)
        unsettled = self._moving or self._absent or set(self._missing) - self._told_missing
        return Look(ready=ready, gone=gone, missing=told, skipped=fresh, unsettled=bool(unsettled))

    def took(self, files: Mapping[Path, Mark]) -> None:
        """Note what has been read; what was vanishing meanwhile is as if never seen."""
        self._taken.update((path, mark) for path, mark in files.items() if os.path.lexists(path))

    def around(self, gone: Iterable[Path]) -> set[Path]:
        """The least folders whose reading shows that files are gone.

        A folder with nothing in it shows nothing (a disk that is not mounted looks like that),
        unless it is one that was named; nor does one in which something is being written.
        """
        folders = {self._around(path) for path in gone}
        return {folder for folder in folders if folder is not None and self._at_rest(folder)}

    def whole(self, roots: Iterable[Path]) -> set[Path]:
        """Those of some named folders that have something in them and nothing being written."""
        return {root for root in roots if self._holds_files(root) and self._at_rest(root)}

    def _around(self, gone: Path) -> Path | None:
        root = next((root for root in self.roots if root in gone.parents), None)
        if root is None:
            return None
        return next(f for f in gone.parents if f == root or self._holds_files(f))

    def _holds_files(self, folder: Path) -> bool:
        return folder.is_dir() and any(isinstance(f, Path) for f in walk(folder, self._limits))

    def _at_rest(self, folder: Path) -> bool:
        return not any(folder in path.parents for path in self._moving)

    def forget(self) -> None:
        """Take everything for unread."""
        self._taken.clear()

    def _walk(self) -> tuple[dict[Path, Mark], list[Skip], list[Path]]:
        found: dict[Path, Mark] = {}
        skipped: list[Skip] = []
        missing: list[Path] = []
        for root in self.roots:
            try:
                status = root.stat()
            except (FileNotFoundError, NotADirectoryError):
                missing.append(root)
                continue
            except OSError as error:
                skipped.append(
                    Skip(origin=str(root), reason=f"can't be read: {error.strerror or error}")
                )
                continue
            for path in walk(root, self._limits) if stat.S_ISDIR(status.st_mode) else [root]:
                if isinstance(path, Skip):
                    skipped.append(path)
                elif path not in found and (mark := _mark(path)) is not None:
                    found[path] = mark
        return found, skipped, missing

    def _is_gathering(self, ready: bool, moving: bool, now: float) -> bool:
        """Whether what is ready waits for what came with it, to be one change of the index."""
        if not (ready and moving):
            self._gathering = None
            return False
        if self._gathering is None:
            self._gathering = now
        if now - self._gathering < GATHERED * self._settle:
            return True
        self._gathering = None
        return False

    def _is_settled(self, path: Path, mark: Mark, now: float, wall: float) -> bool:
        if wall - mark.changed / 1e9 >= self._settle:
            return True
        seen = self._moving.get(path)
        if seen is None or seen.mark != mark:
            first = seen.first if seen else now
            self._moving[path] = _Moving(mark, now, first)
            # A last line that isn't whole yet is skipped, and read the next time.
            return kind_of(path) == "jsonl" and now - first >= PATIENCE
        return now - seen.since >= self._settle

    def _gone(
        self, found: Mapping[Path, Mark], missing: Iterable[Path], now: float
    ) -> tuple[Path, ...]:
        """Files that have been away for long enough not to be just being replaced."""
        away = set(missing)
        for path in self._taken.keys() - found.keys():
            if not os.path.lexists(path) and away.isdisjoint((path, *path.parents)):
                self._absent.setdefault(path, now)
        gone = []
        for path, since in list(self._absent.items()):
            if path in found or path not in self._taken or os.path.lexists(path):
                del self._absent[path]
            elif now - since >= self._settle:
                gone.append(path)
                del self._absent[path], self._taken[path]
        return tuple(sorted(gone))

    def _newly_missing(self, missing: Sequence[Path], now: float) -> tuple[Path, ...]:
        self._missing = {root: self._missing.get(root, now) for root in missing}
        self._told_missing &= set(missing)
        told = tuple(
            root
            for root, since in self._missing.items()
            if root not in self._told_missing and now - since >= self._settle
        )
        self._told_missing.update(told)
        return told


def _mark(path: Path) -> Mark | None:
    try:
        status = path.stat()
    except OSError:
        return None  # gone since it was listed
    return Mark(
        status.st_mtime_ns, status.st_ctime_ns, status.st_size, (status.st_dev, status.st_ino)
    )
