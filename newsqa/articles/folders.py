"""A folder → its files in a fixed order, each real folder and file once."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from newsqa.config import Loading
from newsqa.types import Skip

IGNORED = frozenset({"__MACOSX", "Thumbs.db", "desktop.ini"})
ABOUT_THE_FOLDER = frozenset({"readme", "license", "licence", "copying", "changelog"})
"""Names, without their endings, of files that are no articles; by their own path they are read."""
OF_AN_INDEX = "newsqa.db"
"""Where this stands, what is in the folder was made from articles."""


def walk(folder: Path, limits: Loading) -> Iterator[Path | Skip]:
    """All regular files below a folder, sorted by name, depth first.

    Hidden names (with a leading dot) are passed over silently.  Links are followed, but a
    folder or a file that was already read is skipped by name, and so are broken links,
    devices, pipes, files about the folder (README, LICENSE) and indexes of ours.
    """
    yield from _walk(folder, 0, limits, set())


def _walk(
    folder: Path, depth: int, limits: Loading, seen: set[tuple[int, int]]
) -> Iterator[Path | Skip]:
    if depth > limits.max_folder_depth:
        yield Skip(origin=str(folder), reason=f"more than {limits.max_folder_depth} folders deep")
        return
    try:
        status = folder.stat()
        names = sorted(os.listdir(folder))
    except OSError as error:
        yield Skip(origin=str(folder), reason=f"can't be read: {error.strerror or error}")
        return
    if _was_seen(status, seen):
        yield Skip(
            origin=str(folder), reason="a folder that was already read (a link leads back to it)"
        )
        return
    if OF_AN_INDEX in names:
        yield Skip(origin=str(folder), reason="an index, not articles")
        return
    for name in names:
        if name.startswith(".") or name in IGNORED:
            continue
        path = folder / name
        try:
            status = path.stat()
        except OSError as error:
            broken = path.is_symlink() and isinstance(error, FileNotFoundError)
            reason = "a broken link" if broken else f"can't be read: {error.strerror or error}"
            yield Skip(origin=str(path), reason=reason)
            continue
        if stat.S_ISDIR(status.st_mode):
            yield from _walk(path, depth + 1, limits, seen)
        elif name.partition(".")[0].casefold() in ABOUT_THE_FOLDER:
            yield Skip(origin=str(path), reason="about the folder, not an article")
        elif not stat.S_ISREG(status.st_mode):
            yield Skip(origin=str(path), reason="not a regular file")
        elif _was_seen(status, seen):
            yield Skip(origin=str(path), reason="a file that was already read under another name")
        else:
            yield path


def _was_seen(status: os.stat_result, seen: set[tuple[int, int]]) -> bool:
    key = (status.st_dev, status.st_ino)
    if key in seen:
        return True
    seen.add(key)
    return False
