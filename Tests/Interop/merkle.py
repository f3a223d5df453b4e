"""RFC 6962 trees in hashlib: roots, and the verification of inclusion and consistency (RFC 9162, section 2.1)."""

from hashlib import sha256
from typing import Iterable, Iterator, Sequence

Hash = bytes


class ProofError(ValueError):
    """A proof that does not verify, or whose shape is wrong."""


def leaf_hash(entry: bytes) -> Hash:
    return sha256(b"\x00" + entry).digest()


def node_hash(left: Hash, right: Hash) -> Hash:
    return sha256(b"\x01" + left + right).digest()


def prefix_roots(entries: Iterable[bytes]) -> Iterator[Hash]:
    """The root after 0, 1, 2, ... entries."""
    peaks: list[tuple[int, Hash]] = []
    yield sha256(b"").digest()
    for entry in entries:
        size, top = 1, leaf_hash(entry)
        while peaks and peaks[-1][0] == size:
            top = node_hash(peaks.pop()[1], top)
            size *= 2
        peaks.append((size, top))
        root = peaks[-1][1]
        for _, peak in reversed(peaks[:-1]):
            root = node_hash(peak, root)
        yield root


def tree_root(entries: Sequence[bytes]) -> Hash:
    *_, root = prefix_roots(entries)
    return root


def verify_inclusion(leaf: Hash, index: int, size: int, path: Sequence[Hash], root: Hash) -> None:
    """RFC 9162, section 2.1.3.2."""
    require(0 <= index < size, f"index {index} is not in a tree of {size}")
    require_hashes([leaf, root, *path])
    position, last, computed = index, size - 1, leaf
    for sibling in path:
        require(last > 0, "the path is too long")
        if position & 1 or position == last:
            computed = node_hash(sibling, computed)
            while not position & 1 and position:
                position, last = position >> 1, last >> 1
        else:
            computed = node_hash(computed, sibling)
        position, last = position >> 1, last >> 1
    require(last == 0, "the path is too short")
    require(computed == root, "the path does not lead to the root")


def verify_consistency(first: int, second: int, path: Sequence[Hash], first_root: Hash, second_root: Hash) -> None:
    """RFC 9162, section 2.1.4.2."""
    require(0 < first <= second, f"{first} is not a smaller size than {second}")
    require_hashes([first_root, second_root, *path])
    if first == second:
        require(not path, "a tree is consistent with itself without a path")
        require(first_root == second_root, "one size has two roots")
        return
    hashes = list(path) if first & (first - 1) else [first_root, *path]
    require(bool(hashes), "the path is empty")
    position, last = first - 1, second - 1
    while position & 1:
        position, last = position >> 1, last >> 1
    old = new = hashes[0]
    for sibling in hashes[1:]:
        require(last > 0, "the path is too long")
        if position & 1 or position == last:
            old, new = node_hash(sibling, old), node_hash(sibling, new)
            while not position & 1 and position:
                position, last = position >> 1, last >> 1
        else:
            new = node_hash(new, sibling)
        position, last = position >> 1, last >> 1
    require(last == 0, "the path is too short")
    require(old == first_root, "the path does not lead to the first root")
    require(new == second_root, "the path does not lead to the second root")


def require(holds: bool, otherwise: str) -> None:
    if not holds:
        raise ProofError(otherwise)


def require_hashes(hashes: Iterable[bytes]) -> None:
    for value in hashes:
        require(len(value) == 32, f"a hash has 32 bytes, not {len(value)}")
