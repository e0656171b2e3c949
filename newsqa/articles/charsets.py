"""Bytes → text, in whatever character set they are written."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable, Iterator

from newsqa.errors import SourceError

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_MAGIC = re.compile(
    rb"%PDF-|PK\x03\x04|\x1f\x8b|\x89PNG|\xff\xd8\xff|GIF8|\xfd7zXZ|BZh\d|\x7fELF|SQLite f"
)
_CONTROLS = bytes(set(range(32)) - {9, 10, 11, 12, 13, 27})
_CHARSET = re.compile(
    r"utf[-_]?(?:8|16|32)|iso[-_]?8859|windows-|cp\d|koi8|gb\w*|big5|shift_?jis|sjis|euc|iso-2022|"
    r"us-ascii|ascii|latin|mac|tis-620|ks_c|hz",
    re.IGNORECASE,
)
_MARKED_LATIN = frozenset({"cp1250", "iso8859_2", "cp1254", "iso8859_9", "cp1257", "iso8859_15"})
_MANY_BYTES = re.compile(r"utf|gb|big5|euc|shift|hz|johab|cp9\d\d")
_SAMPLE = 1 << 16


def as_utf8(parts: Iterable[bytes]) -> Iterator[bytes]:
    """The same text without its byte order mark, UTF-16 and UTF-32 turned into UTF-8.

    Other character sets pass unchanged.  Raises SourceError for what is no text.
    """
    stream = iter(parts)
    head = next(stream, b"")
    if _MAGIC.match(head):
        raise SourceError("binary data, not text")
    encoding = _marked(head) or _wide(head)
    if encoding is None or encoding == "utf-8-sig":
        if _is_binary(head[:_SAMPLE]):
            raise SourceError("binary data, not text")
        yield head[3:] if encoding else head
        yield from stream
        return
    decoder = codecs.getincrementaldecoder(encoding)(errors="replace")
    yield decoder.decode(head).encode("utf-8", "replace")
    for part in stream:
        yield decoder.decode(part).encode("utf-8", "replace")
    yield decoder.decode(b"", final=True).encode("utf-8", "replace")


def decode(data: bytes, *, declared: str | None = None) -> str:
    """Bytes → text: by byte order mark, as UTF-8, as declared, or by its statistics.

    UTF-8 comes before the declaration because text in another character set is hardly ever
    valid UTF-8, while pages with a wrong declaration are common.
    """
    if _MAGIC.match(data):
        raise SourceError("binary data, not text")
    if encoding := _marked(data) or _wide(data):
        return data.decode(encoding, "replace")
    if _is_binary(data[:_SAMPLE]):
        raise SourceError("binary data, not text")
    declared = declared if declared and _CHARSET.match(declared) else None
    if declared and declared.lower().startswith(("iso-2022", "hz")):
        return _by_name(data, declared) or data.decode("utf-8", "replace")  # seven-bit: valid UTF-8
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        pass
    if declared and (text := _by_name(data, declared)) is not None:
        return text
    return data.decode(guess_encoding(data), "replace")


def guess_encoding(data: bytes) -> str:
    """The character set of bytes that are not valid UTF-8."""
    sample = _around(data)
    lenient = sample.decode("utf-8", "replace")
    wrong = lenient.count("\ufffd")
    right = sum(ord(char) > 127 for char in lenient) - wrong
    if right > 4 * wrong:
        return "utf-8"  # with a few broken characters, cut or mended badly
    from charset_normalizer import from_bytes

    best = from_bytes(sample).best()
    guess = best.encoding if best is not None else "cp1252"
    marks = len(sample.translate(None, bytes(range(128))))
    if marks * 10 < len(sample) and guess not in _MARKED_LATIN and not _MANY_BYTES.match(guess):
        try:  # few marks among plain letters: Western, unless a byte says otherwise
            sample.decode("cp1252")
        except UnicodeDecodeError:
            return guess
        return "cp1252"
    return guess


def _around(data: bytes) -> bytes:
    """A piece of the data around its first byte that is not ASCII."""
    match = re.search(rb"[\x80-\xff]", data)
    start = max(0, match.start() - 1024) if match else 0
    return data[start : start + _SAMPLE]


def _by_name(data: bytes, name: str) -> str | None:
    name = name.strip().strip("\"'").lower()
    if name in ("iso-8859-1", "latin-1", "latin1", "us-ascii", "ascii", "iso8859-1"):
        name = "cp1252"  # as every browser reads them
    try:
        return data.decode(name, "replace" if name == "cp1252" else "strict")
    except (LookupError, UnicodeDecodeError, ValueError):
        return None


def _marked(data: bytes) -> str | None:
    return next((encoding for bom, encoding in _BOMS if data.startswith(bom)), None)


def _wide(data: bytes) -> str | None:
    """UTF-16 without a mark: nearly every second byte of Western text is zero."""
    sample = data[:1024]
    if len(sample) < 16 or b"\0" not in sample:
        return None
    half = len(sample) // 2
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    if odd > half * 0.7 and even < half * 0.1:
        return "utf-16-le"
    if even > half * 0.7 and odd < half * 0.1:
        return "utf-16-be"
    return None


def _is_binary(sample: bytes) -> bool:
    controls = len(sample) - len(sample.translate(None, _CONTROLS))
    return controls > len(sample) * 0.02
