"""The files of a lexical index: is every one there, and every byte of it as it was written?

Each has a checksum at its end, which the engine itself only looks at when it is asked to.
"""

from __future__ import annotations

import json
import os
import zlib
from pathlib import Path

_PARTS = ("fast", "fieldnorm", "idx", "pos", "store", "term")
_PIECE = 1 << 24
_FOOTER_AT_MOST = 1 << 16

Seen = tuple[str, int, int, int]
"""A file as it was looked at: name, inode, size, and when it was changed last."""


class NotWhole(Exception):
    """A file is missing, or is not what was written."""


def state(folder: Path) -> bytes:
    """What is committed in a folder, in the engine's words; empty where there is nothing."""
    try:
        return (folder / "meta.json").read_bytes()
    except OSError:
        return b""


def verify(folder: Path, committed: bytes, seen: set[Seen]) -> None:
    """Raise NotWhole unless every file of every segment is there and has its checksum.

    Files are never changed once they are written: those in `seen` are not read again, and those
    that are whole are added to it.
    """
    try:
        for name in _names(committed):
            status = os.stat(folder / name)
            look = (name, status.st_ino, status.st_size, status.st_mtime_ns)
            if look not in seen:
                if not _has_its_checksum(folder / name, status.st_size):
                    raise NotWhole(f"{folder / name} is damaged")
                seen.add(look)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise NotWhole(f"{folder} can't be opened: {error!r}") from error


def deleted(folder: Path) -> int:
    """How many documents are taken out but not yet merged away."""
    try:
        segments = json.loads(state(folder))["segments"]
        return sum(each["deletes"]["num_deleted_docs"] for each in segments if each["deletes"])
    except (ValueError, KeyError, TypeError, RecursionError):
        return 0


def sweep(folder: Path) -> None:
    """Remove what killed writers left; the caller is the only one who may write.

    The engine knows only of what the process itself wrote, or found when it opened the folder.
    """
    if folder.is_symlink():
        return  # someone else's
    try:
        known = set(_names(state(folder)))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return  # what is there is made anew
    for file in folder.iterdir():
        of_segment = file.suffix[1:] in (*_PARTS, "del") and file.name not in known
        if of_segment or file.name.startswith(".tmp"):
            file.unlink(missing_ok=True)


def _names(committed: bytes) -> list[str]:
    return [
        f"{segment['segment_id'].replace('-', '')}.{part}"
        for segment in json.loads(committed)["segments"]
        for part in (
            *_PARTS,
            *([f"{segment['deletes']['opstamp']}.del"] if segment["deletes"] else []),
        )
    ]


def _has_its_checksum(file: Path, size: int) -> bool:
    """Body, {"version": …, "crc": …}, its length, a magic number: is the body what it says?"""
    with file.open("rb") as opened:
        opened.seek(max(0, size - _FOOTER_AT_MOST))
        end = opened.read()
        length = int.from_bytes(end[-8:-4], "little")
        footer = json.loads(end[-8 - length : -8])
        left = size - 8 - length
        opened.seek(0)
        crc = 0
        while left > 0:
            piece = opened.read(min(_PIECE, left))
            if not piece:
                return False
            crc = zlib.crc32(piece, crc)
            left -= len(piece)
    return bool(crc == footer["crc"])
