"""Passage vectors in FAISS: found by inner product, among those that a filter allows.

The file is FAISS's own, with the passage ids and a stamp behind it, so that it is
recognisably of one index and is refused when a single byte is off.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import faiss
import numpy as np
import numpy.typing as npt

from newsqa.indexing.probing import Probing

Ids = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
Vectors = npt.NDArray[np.float32]
Read = Callable[[Ids], Vectors]
"""Gives the vectors of passages by id, `(n, dim)` float32, in the order given."""
Present = Callable[[Ids], tuple[Ids, Vectors]]
"""Gives those of the passages that are there at that moment, in the order given, and the same."""

GONE = -1
"""Stands in `ids` for a place whose vector was taken out."""
CHUNK = 20_000
"""Vectors that are held at a time while an index is made."""
MAPPED_FROM = 64 * 1024 * 1024
"""Bytes from which a file is mapped rather than read into memory."""
_TRAINED_ON = 40
"""Vectors for each list."""
_MAGIC = b"NEWSQAV3"
_PIECE = 1 << 22


class Damaged(Exception):
    """The file is not whole, or of another index: to be made again from the store."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Up to how many passages which kind of index is made."""

    exact: int = 50_000
    """Every vector is compared; above, those of some lists of an inverted file."""
    whole: int = 400_000
    """Vectors are held as they are; above, in 8 bits a dimension."""

    def kind(self, count: int) -> str:
        """Of an index of so many."""
        if count <= self.exact:
            return "exact"
        return "inverted file" if count <= self.whole else "quantised inverted file"


DEFAULT_LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class Found:
    """`ids` (k,) int64 and `scores` (k,) float32 in [-1, 1], best first."""

    ids: Ids
    scores: Vectors


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamp:
    """What stands at the end of a file beside its digest."""

    uid: str
    generation: int
    kind: str
    probes: int
    trained: int
    n: int


class VectorIndex:
    """An immutable set of unit vectors by passage id.  Safe to search from many threads."""

    def __init__(
        self,
        index: Any,
        ids: Ids,
        *,
        kind: str = "exact",
        probes: int = 0,
        trained: int = 0,
        generation: int = -1,
        file: int | None = None,
    ):
        # faiss describes its classes to type checkers only in part: Any, on purpose.
        self._index = index
        self.ids = ids
        """`(n,)` int64, in the order in which the vectors were added; GONE where one is out."""
        self.kind = kind
        """ "exact", "inverted file" or "quantised inverted file"."""
        self.probes = probes
        """Lists of the inverted file that a search reads; 0 where it is exact."""
        self.trained = trained
        """How many vectors there were when its lists were made; 0 where it has none."""
        self.generation = generation
        """Of the store when it was saved; -1 where it was not read from a file."""
        self._file = file

    def __del__(self) -> None:
        if self._file is not None:
            os.close(self._file)

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def count(self) -> int:
        """How many vectors it holds: places less those of what is out."""
        return int(self._index.ntotal)

    @property
    def approximate(self) -> bool:
        """Whether its scores are only near the true ones."""
        return self.kind == "quantised inverted file"

    @classmethod
    def of(cls, ids: Ids, vectors: Vectors) -> VectorIndex:
        """An exact one from `(n,)` ids and `(n, dim)` unit rows."""
        exact = faiss.IndexFlatIP(vectors.shape[1])
        exact.add(vectors)
        return cls(exact, ids)

    @classmethod
    def make(
        cls, ids: Ids, present: Present, *, dimension: int, limits: Limits = DEFAULT_LIMITS
    ) -> VectorIndex:
        """Of those of `(n,)` passages that are present, of the kind that suits their number."""
        kind = limits.kind(len(ids))
        held = [ids[:0]]
        if kind == "exact":
            index = faiss.IndexFlatIP(dimension)
            for some, vectors in _chunks(ids, present):
                index.add(vectors)
                held.append(some)
            return cls(index, np.concatenate(held))
        lists = max(16, int(4 * np.sqrt(len(ids))))
        quantizer = faiss.IndexFlatIP(dimension)
        metric = faiss.METRIC_INNER_PRODUCT
        if kind == "inverted file":
            index = faiss.IndexIVFFlat(quantizer, dimension, lists, metric)
        else:
            bits = faiss.ScalarQuantizer.QT_8bit
            index = faiss.IndexIVFScalarQuantizer(quantizer, dimension, lists, bits, metric)
        index.cp.seed = 1234
        chosen = np.random.default_rng(0).permutation(len(ids))[: _TRAINED_ON * lists]
        _, sample = present(ids[np.sort(chosen)])
        index.train(sample)
        probing = Probing(sample)
        del sample
        for some, vectors in _chunks(ids, present):
            index.add(vectors)
            probing.add(some, vectors)
            held.append(some)
        made = cls(index, np.concatenate(held), kind=kind, trained=len(ids))

        def read(wanted: Ids) -> Vectors:
            found, vectors = present(wanted)
            rows = np.zeros((len(wanted), dimension), np.float32)
            rows[np.isin(wanted, found)] = vectors
            return rows

        def nearest(query: Vectors, k: int, probes: int) -> Ids:
            made.probes = probes
            return made.search(query, k, read=read).ids

        made.probes = probing.fewest(nearest, lists=lists)
        return made

    def rows(self, places: npt.NDArray[np.int64]) -> Vectors:
        """`(n, dim)`: the vectors at places of an exact one."""
        matrix: Vectors = self._index.reconstruct_batch(places)
        return matrix

    def suits(self, live: int, *, limits: Limits = DEFAULT_LIMITS) -> bool:
        """Whether so many vectors can be held without making all of it anew."""
        if self.kind != limits.kind(live):
            return False
        if self.kind == "exact":
            return True
        # Places of what was taken out stay, and are looked at by every filter.
        return self.trained / 2 <= live <= 2 * self.trained and len(self.ids) <= 2 * self.count

    def changed(self, kept: Mask, added: Ids, vectors: Vectors) -> VectorIndex:
        """The same with what is not in `kept` (by place) left out and `added` put in.

        Lists stay as they were made: see `suits`.
        """
        if self.kind == "exact":
            index = faiss.IndexFlatIP(self._index.d)
            places = np.flatnonzero(kept)
            for first in range(0, len(places), CHUNK):
                index.add(self.rows(places[first : first + CHUNK]))
            if len(added):
                index.add(vectors)
            return VectorIndex(index, np.concatenate([self.ids[kept], added]))
        index = self._copied()
        out = ~kept & (self.ids != GONE)
        if out.any():
            index.remove_ids(_selector(out))
        places = np.arange(len(self.ids), len(self.ids) + len(added), dtype=np.int64)
        index.add_with_ids(vectors, places)
        return VectorIndex(
            index,
            np.concatenate([np.where(kept, self.ids, GONE), added]),
            kind=self.kind,
            probes=self.probes,
            trained=self.trained,
        )

    def search(
        self, vector: Vectors, k: int, *, allowed: Mask | None = None, read: Read | None = None
    ) -> Found:
        """The k nearest to `(dim,)` among those whose place in `ids` is allowed.

        Where scores are only near the true ones, a few more are looked at, and ordered by the
        true vectors if `read` gives them.
        """
        count = int(self._index.ntotal) if allowed is None else int(allowed.sum())
        wanted = min(k, count)
        if wanted == 0:
            return Found(np.empty(0, np.int64), np.empty(0, np.float32))
        again = read is not None and self.approximate
        k = min(count, wanted + max(20, wanted // 2)) if again else wanted
        selector = None if allowed is None else _selector(allowed)
        parameters = self._parameters(selector, share=count / max(1, int(self._index.ntotal)))
        scores, places = self._index.search(vector[None, :], k, params=parameters)
        found = places[0] >= 0
        ids, near = self.ids[places[0][found]], scores[0][found]
        if not again or read is None:
            return Found(ids, near)
        true = read(ids) @ vector
        order = np.argsort(-true, kind="stable")[:wanted]
        return Found(ids[order], true[order])

    def save(self, path: Path, *, uid: str, generation: int) -> None:
        """Write in one step: a reader sees the old file or the new one, whole."""
        temporary = path.with_name(f"{path.name}.{os.getpid()}.tmp")
        temporary.unlink(missing_ok=True)
        stamp = Stamp(
            uid=uid, generation=generation, kind=self.kind, probes=self.probes,
            trained=self.trained, n=len(self.ids),
        )  # fmt: skip
        try:
            with temporary.open("xb") as file:  # never through a link that someone left there
                digest = hashlib.sha256()

                def write(piece: bytes) -> int:
                    digest.update(piece)
                    return file.write(piece)

                # Through Python: faiss's own writer leaves half a file when the disk is full.
                faiss.write_index(self._index, faiss.PyCallbackIOWriter(write, _PIECE))
                write(np.ascontiguousarray(self.ids, dtype="<i8").tobytes())
                digest.update(_words(stamp))
                trailer = json.dumps({**asdict(stamp), "sha256": digest.hexdigest()}).encode()
                file.write(trailer + len(trailer).to_bytes(8, "little") + _MAGIC)
                file.flush()
                os.fsync(file.fileno())
            os.replace(temporary, path)
        finally:
            temporary.unlink(missing_ok=True)

    @classmethod
    def load(cls, path: Path, *, uid: str, dimension: int) -> VectorIndex:
        """Read what `save` wrote for this index; raises Damaged for anything else."""
        try:
            descriptor = os.open(path, os.O_RDONLY)
        except OSError as error:
            raise Damaged(str(error)) from error
        kept = False
        try:
            loaded, kept = _loaded(descriptor, path, uid=uid, dimension=dimension)
            return loaded
        except (
            ValueError, KeyError, TypeError, IndexError, RuntimeError, ArithmeticError,
            MemoryError, OSError,
        ) as error:  # fmt: skip
            raise Damaged(f"{path} can't be read: {error}") from error
        finally:
            if not kept:
                os.close(descriptor)

    def _parameters(self, selector: Any, *, share: float) -> Any:
        if self.probes == 0:
            parameters: Any = faiss.SearchParameters
            return None if selector is None else parameters(sel=selector)
        # A filter thins every list out: read more of them, all where it keeps little.
        lists = self._index.nlist
        probes = lists if share < 0.1 else min(lists, int(self.probes / share))
        parameters = faiss.SearchParametersIVF
        return parameters(sel=selector, nprobe=probes)

    def _copied(self) -> Any:
        """Its FAISS index, in memory of its own: what is mapped can't be changed."""
        if self._file is None:
            return faiss.clone_index(self._index)
        return faiss.read_index(_reader(self._file))


def _loaded(descriptor: int, path: Path, *, uid: str, dimension: int) -> tuple[VectorIndex, bool]:
    """What a file holds, and whether the descriptor is its own now."""
    size = os.fstat(descriptor).st_size
    tail = os.pread(descriptor, 16, max(0, size - 16))
    if tail[8:] != _MAGIC:
        raise Damaged(f"{path} does not end as it should")
    length = int.from_bytes(tail[:8], "little")
    words = json.loads(os.pread(descriptor, length, size - 16 - length))
    sha256 = words.pop("sha256")
    stamp = Stamp(**words)
    body = size - 16 - length - 8 * int(stamp.n)
    if body < 0 or stamp.uid != uid:
        raise Damaged(f"{path} is of another index, or cut")
    digest = hashlib.sha256()
    for piece in _pieces(descriptor, 0, body + 8 * stamp.n):
        digest.update(piece)
    digest.update(_words(stamp))
    if digest.hexdigest() != sha256:
        raise Damaged(f"{path} is damaged")
    ids = np.frombuffer(b"".join(_pieces(descriptor, body, 8 * stamp.n)), dtype="<i8")
    mapped = size >= MAPPED_FROM
    if mapped:
        index = faiss.read_index(str(path), faiss.IO_FLAG_MMAP_IFC)
        if os.stat(path).st_ino != os.fstat(descriptor).st_ino:
            raise Damaged(f"{path} was replaced meanwhile")
    else:
        index = faiss.read_index(_reader(descriptor))
    if index.d != dimension or index.ntotal != int((ids != GONE).sum()):
        raise Damaged(f"{path} holds {index.ntotal} vectors of {index.d}")
    loaded = VectorIndex(
        index,
        ids.astype(np.int64),
        kind=stamp.kind,
        probes=int(stamp.probes),
        trained=int(stamp.trained),
        generation=int(stamp.generation),
        file=descriptor if mapped else None,
    )
    return loaded, mapped


def _chunks(ids: Ids, present: Present) -> Iterator[tuple[Ids, Vectors]]:
    for first in range(0, len(ids), CHUNK):
        yield present(ids[first : first + CHUNK])


def _selector(allowed: Mask) -> Any:
    bits = np.packbits(allowed, bitorder="little")
    selector = faiss.IDSelectorBitmap(len(bits), faiss.swig_ptr(bits))
    selector.bits = bits  # it does not hold on to what it points to
    return selector


def _reader(descriptor: int) -> Any:
    """Reads a file from its beginning, wherever others stand in it."""
    at = 0

    def read(count: int) -> bytes:
        nonlocal at
        data = os.pread(descriptor, count, at)
        at += len(data)
        return data

    return faiss.PyCallbackIOReader(read, _PIECE)


def _pieces(descriptor: int, at: int, count: int) -> Iterator[bytes]:
    while count > 0:
        piece = os.pread(descriptor, min(_PIECE, count), at)
        if not piece:
            raise Damaged("it ends too early")
        yield piece
        at += len(piece)
        count -= len(piece)


def _words(stamp: Stamp) -> bytes:
    return json.dumps(asdict(stamp), sort_keys=True).encode()
