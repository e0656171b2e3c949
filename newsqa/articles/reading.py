"""A file, compressed or not → its bytes in bounded pieces, whole, or line by line."""

from __future__ import annotations

import bz2
import lzma
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Protocol

from newsqa.errors import SourceError

PIECE = 1 << 18
"""Bytes read at a time, and at most handed on at a time."""
COMPRESSED_PIECE = 1 << 14
"""Small, so that damage costs little of what stands before it."""
BOMB_RATIO = 500
"""Text never shrinks so far; what does, and is over the size limit, is a bomb."""
LZMA_MEMORY = 256 << 20
COMPRESSIONS = (".gz", ".xz", ".bz2")


class _Decompressor(Protocol):
    @property
    def eof(self) -> bool: ...
    @property
    def needs_input(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int = -1) -> bytes: ...


class _Gzip:
    """zlib's decompressor with the verbs of the other two."""

    def __init__(self) -> None:
        self._inner = zlib.decompressobj(wbits=31)
        self._full = False

    @property
    def eof(self) -> bool:
        return self._inner.eof

    @property
    def needs_input(self) -> bool:
        # A full piece may have left output waiting inside, with no input to show for it.
        return not self._full and not self._inner.unconsumed_tail and not self._inner.eof

    @property
    def unused_data(self) -> bytes:
        return self._inner.unused_data

    def decompress(self, data: bytes, max_length: int = -1) -> bytes:
        piece = self._inner.decompress(self._inner.unconsumed_tail + data, max(max_length, 0))
        self._full = len(piece) == max_length
        return piece


def pieces(path: Path, *, limit: int) -> Iterator[bytes]:
    """The file's bytes, decompressed by its ending; SourceError at damage, after what is whole."""
    suffix = path.suffix.lower()
    try:
        with path.open("rb") as file:
            if suffix not in COMPRESSIONS:
                while data := file.read(PIECE):
                    yield data
                return
            yield from _decompressed(iter(lambda: file.read(COMPRESSED_PIECE), b""), suffix, limit)
    except (zlib.error, lzma.LZMAError, EOFError) as error:
        raise SourceError(f"damaged {suffix} file: {error}") from error
    except OSError as error:
        if error.errno is None:  # how bz2 reports damage
            raise SourceError(f"damaged {suffix} file: {error}") from error
        raise SourceError(f"can't be read: {error.strerror or error}") from error


def _decompressed(compressed: Iterator[bytes], suffix: str, limit: int) -> Iterator[bytes]:
    inner = _decompressor(suffix)
    taken = given = 0
    started = False
    for data in compressed:
        taken += len(data)
        while data or not inner.needs_input:
            if inner.eof:
                data = (inner.unused_data + data).lstrip(b"\0")  # members may be padded
                if not data:
                    break
                inner, started = _decompressor(suffix), False
            piece = inner.decompress(data, PIECE)
            data, started = b"", True
            given += len(piece)
            if given > limit and given > taken * BOMB_RATIO:
                raise SourceError(
                    f"decompression bomb: {given:,} bytes from {taken:,}, "
                    f"over the limit of {limit:,}"
                )
            if piece:
                yield piece
            if inner.eof and not inner.unused_data:
                break
    if started and not inner.eof:
        raise EOFError("it ends too early")


def _decompressor(suffix: str) -> _Decompressor:
    if suffix == ".gz":
        return _Gzip()
    if suffix == ".xz":
        return lzma.LZMADecompressor(memlimit=LZMA_MEMORY)
    return bz2.BZ2Decompressor()


def whole(parts: Iterable[bytes], *, limit: int) -> bytes:
    """All bytes, or SourceError as soon as they are over the limit."""
    held: list[bytes] = []
    size = 0
    for part in parts:
        size += len(part)
        if size > limit:
            raise SourceError(f"larger than the limit of {limit:,} bytes")
        held.append(part)
    return b"".join(held)


def is_blank(data: bytes) -> bool:
    """Whether there is nothing but space and a byte order mark."""
    return not data.strip(b" \t\r\n\x0b\x0c\xef\xbb\xbf\xfe\xff")


def lines(parts: Iterable[bytes], *, limit: int) -> Iterator[bytes | None]:
    """Lines without their "\\n", in bounded memory: None for each one over `limit` bytes."""
    held: list[bytes] = []
    size = 0
    for part in parts:
        first, *rest = part.split(b"\n")
        size += len(first)
        if size <= limit:
            held.append(first)
        else:
            held.clear()
        if not rest:
            continue
        yield b"".join(held) if size <= limit else None
        for line in rest[:-1]:
            yield line if len(line) <= limit else None
        held, size = [rest[-1]], len(rest[-1])
    if size:
        yield b"".join(held) if size <= limit else None
