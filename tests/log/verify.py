#!/usr/bin/env python3
"""Checks a transparency log from its files alone.

Written from the texts of C2SP (signed-note, tlog-checkpoint, tlog-tiles,
tlog-cosignature, tlog-proof), RFC 6962 and RFC 8032, and from nothing of this
project, so that it can disagree. Standard library only.

    verify.py LOG --key log.vkey [--witness w.vkey]... [--kept CHECKPOINT]...
              [--pairs N] [--proofs FILE]...

LOG is a folder with `checkpoint` and `tile/`. Prints what was checked; a line
`WRONG path: what` for each thing that is not right. Exit status 0 or 1.
"""

import argparse
import base64
import hashlib
import os
import sys

# --- Ed25519 verification (RFC 8032, 5.1.7) -------------------------------

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT = pow(2, (P - 1) // 4, P)


def recover(y, sign):
    """The x of a point, or None."""
    if y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    if square == 0:
        return None if sign else 0
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * ROOT % P
    if (x * x - square) % P:
        return None
    return P - x if x & 1 != sign else x


def add(p, q):
    a, b = (p[1] - p[0]) * (q[1] - q[0]) % P, (p[1] + p[0]) * (q[1] + q[0]) % P
    c, d = 2 * p[3] * q[3] * D % P, 2 * p[2] * q[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return (e * f % P, g * h % P, f * g % P, e * h % P)


def times(n, p):
    q = (0, 1, 1, 0)
    while n:
        if n & 1:
            q = add(q, p)
        p, n = add(p, p), n >> 1
    return q


def point(text):
    if len(text) != 32:
        return None
    number = int.from_bytes(text, "little")
    y = number & ((1 << 255) - 1)
    x = recover(y, number >> 255)
    return None if x is None else (x, y, 1, x * y % P)


BASE_Y = 4 * pow(5, P - 2, P) % P
BASE = (recover(BASE_Y, 0), BASE_Y, 1, recover(BASE_Y, 0) * BASE_Y % P)


def ed25519(public, message, signature):
    a, r = point(public), point(signature[:32])
    s = int.from_bytes(signature[32:], "little")
    if len(signature) != 64 or a is None or r is None or s >= L:
        return False
    k = int.from_bytes(hashlib.sha512(signature[:32] + public + message).digest(), "little") % L
    one, two = times(s, BASE), add(r, times(k, a))
    return (one[0] * two[2] - two[0] * one[2]) % P == 0 and (one[1] * two[2] - two[1] * one[2]) % P == 0


# --- Notes and checkpoints -------------------------------------------------


class Wrong(Exception):
    pass


def unbase64(text):
    try:
        data = base64.b64decode(text, validate=True)
    except ValueError as error:
        raise Wrong(f"not base64: {text[:60]!r}") from error
    if base64.b64encode(data).decode() != text:
        raise Wrong(f"base64 in another spelling: {text[:60]!r}")
    return data


class Key:
    """A verifier key: name+id+base64(type and public key)."""

    def __init__(self, text):
        name, ident, rest = text.strip().split("+", 2)
        data = unbase64(rest)
        self.name, self.kind, self.public = name, data[0], data[1:]
        self.id = hashlib.sha256(name.encode() + b"\n" + data).digest()[:4]
        if self.id.hex() != ident or len(self.public) != 32 or self.kind not in (1, 4):
            raise Wrong(f"the key of {name} is not an Ed25519 key, or its id is not right")


def read_note(data):
    """Text, and signature lines as (name, id, signature)."""
    try:
        whole = data.decode("utf-8", "strict")
    except UnicodeDecodeError as error:
        raise Wrong("a note is not UTF-8") from error
    if any(c < " " and c != "\n" for c in whole):
        raise Wrong("a note has a control character")
    text, gap, rest = whole.rpartition("\n\n")
    if not gap or not rest.endswith("\n"):
        raise Wrong("a note has no signatures, or is cut off")
    lines = []
    for line in rest[:-1].split("\n"):
        parts = line.split(" ")
        if len(parts) != 3 or parts[0] != "\u2014" or not parts[1] or "+" in parts[1]:
            raise Wrong(f"not a signature line: {line[:60]!r}")
        blob = unbase64(parts[2])
        if len(blob) < 5:
            raise Wrong("a signature is too short")
        lines.append((parts[1], blob[:4], blob[4:]))
    return (text + "\n").encode(), lines


def stands(key, text, signature):
    if key.kind == 1:
        return ed25519(key.public, text, signature)
    if len(signature) != 72:
        return False
    time = int.from_bytes(signature[:8], "big")
    message = f"cosignature/v1\ntime {time}\n".encode() + text
    return ed25519(key.public, message, signature[8:])


def read_checkpoint(data):
    """Origin, size, root, text, lines."""
    text, lines = read_note(data)
    parts = text.decode().split("\n")
    if len(parts) < 4 or parts[-1] != "" or "" in parts[:-1]:
        raise Wrong("a checkpoint has three lines or more, none empty")
    if not parts[1].isascii() or not parts[1].isdigit() or str(int(parts[1])) != parts[1]:
        raise Wrong(f"not a tree size: {parts[1]!r}")
    root = unbase64(parts[2])
    if len(root) != 32:
        raise Wrong("the root is not 32 bytes")
    return parts[0], int(parts[1]), root, text, lines


# --- The tree (RFC 6962, 2.1) ----------------------------------------------


def leaf_hash(entry):
    return hashlib.sha256(b"\0" + entry).digest()


def node(left, right):
    return hashlib.sha256(b"\1" + left + right).digest()


def split(n):
    """The largest power of two below n."""
    return 1 << (n - 1).bit_length() - 1


class Tree:
    """Hashes of full subtrees over leaves, level by level."""

    def __init__(self, leaves):
        self.levels = [list(leaves)]
        while len(self.levels[-1]) > 1:
            row = self.levels[-1]
            self.levels.append([node(row[i], row[i + 1]) for i in range(0, len(row) - 1, 2)])

    def range(self, start, end):
        """MTH(D[start:end]); start is a multiple of the power of two that holds the range."""
        if end == start:
            return hashlib.sha256(b"").digest()
        n = end - start
        if n & (n - 1) == 0:
            level = n.bit_length() - 1
            return self.levels[level][start >> level]
        middle = start + split(n)
        return node(self.range(start, middle), self.range(middle, end))

    def inclusion(self, m, start, end):
        """PATH(m, D[start:end]), RFC 6962, 2.1.1."""
        if end - start == 1:
            return []
        middle = start + split(end - start)
        if m < middle:
            return self.inclusion(m, start, middle) + [self.range(middle, end)]
        return self.inclusion(m, middle, end) + [self.range(start, middle)]

    def consistency(self, m, start, end, whole=True):
        """SUBPROOF(m, D[start:end], whole), RFC 6962, 2.1.2."""
        if m == end:
            return [] if whole else [self.range(start, end)]
        middle = start + split(end - start)
        if m <= middle:
            return self.consistency(m, start, middle, whole) + [self.range(middle, end)]
        return self.consistency(m, middle, end, False) + [self.range(start, middle)]


def check_inclusion(leaf, index, size, proof, root):
    """RFC 9162, 2.1.3.2."""
    if index >= size:
        return False
    fn, sn, r = index, size - 1, leaf
    for p in proof:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            r = node(p, r)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            r = node(r, p)
        fn, sn = fn >> 1, sn >> 1
    return sn == 0 and r == root


def check_consistency(first, second, first_root, second_root, proof):
    """RFC 9162, 2.1.4.2."""
    if first == 0:
        return not proof and first_root == hashlib.sha256(b"").digest()
    if first == second:
        return not proof and first_root == second_root
    if first > second or not proof and first & (first - 1):
        return False
    if first & (first - 1) == 0:
        proof = [first_root] + proof
    if not proof:
        return False
    fn, sn = first - 1, second - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    fr = sr = proof[0]
    for c in proof[1:]:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            fr, sr = node(c, fr), node(c, sr)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            sr = node(sr, c)
        fn, sn = fn >> 1, sn >> 1
    return sn == 0 and fr == first_root and sr == second_root


# --- The files (C2SP tlog-tiles) -------------------------------------------


def path_of(level, n, width):
    text = f"{n % 1000:03}"
    while n >= 1000:
        n //= 1000
        text = f"x{n % 1000:03}/{text}"
    return f"tile/{level}/{text}" + ("" if width == 256 else f".p/{width}")


class Log:
    def __init__(self, folder, say):
        self.folder, self.say = folder, say

    def file(self, path):
        with open(os.path.join(self.folder, path), "rb") as file:
            return file.read(256 * 65537 + 1)

    def wrong(self, path, what):
        self.say(f"WRONG {path}: {what}")

    def bundle(self, n, width):
        """Entries of a bundle, or None."""
        path = path_of("entries", n, width)
        try:
            data = self.file(path)
        except OSError as error:
            return self.wrong(path, error)
        entries, at = [], 0
        for _ in range(width):
            length = int.from_bytes(data[at : at + 2], "big")
            if at + 2 + length > len(data):
                return self.wrong(path, "cut off")
            entries.append(data[at + 2 : at + 2 + length])
            at += 2 + length
        if at != len(data):
            return self.wrong(path, "goes on after its last entry")
        return entries

    def older(self, level, n, width):
        """Partial tiles that stayed from smaller sizes."""
        folder = os.path.dirname(path_of(level, n, 1))
        try:
            names = os.listdir(os.path.join(self.folder, folder))
        except OSError:
            return []
        return sorted(int(name) for name in names if name.isdigit() and str(int(name)) == name and 0 < int(name) < width)

    def tiles(self, level, hashes):
        """Every tile of a level, whole, partial, and older partial."""
        count = 0
        for n in range((len(hashes) + 255) // 256):
            part = hashes[n * 256 : n * 256 + 256]
            for width in [len(part)] + self.older(level, n, len(part)):
                path = path_of(level, n, width)
                count += 1
                try:
                    if self.file(path) != b"".join(part[:width]):
                        self.wrong(path, "not the hashes of the entries")
                except OSError as error:
                    self.wrong(path, error)
        return count

    def entries(self, size):
        """Leaf hashes; a bundle that cannot be read gives None."""
        leaves = []
        for n in range((size + 255) // 256):
            width = min(256, size - n * 256)
            entries = self.bundle(n, width)
            if entries is None:
                return None
            leaves += map(leaf_hash, entries)
            for older in self.older("entries", n, width):
                if self.bundle(n, older) != entries[:older]:
                    self.wrong(path_of("entries", n, older), "not the entries that the larger bundle begins with")
        return leaves


def read_proof(data):
    """A file of C2SP tlog-proof: index, hashes, checkpoint."""
    head, gap, checkpoint = data.partition(b"\n\n")
    lines = head.decode().split("\n")
    if not gap or lines.pop(0) != "c2sp.org/tlog-proof@v1":
        raise Wrong("not a tlog-proof")
    if lines and lines[0].startswith("extra "):
        lines.pop(0)
    if not lines or not lines[0].startswith("index "):
        raise Wrong("a tlog-proof without an index")
    return int(lines[0][6:]), [unbase64(line) for line in lines[1:]], checkpoint


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("log")
    parser.add_argument("--key", required=True)
    parser.add_argument("--witness", action="append", default=[])
    parser.add_argument("--kept", action="append", default=[])
    parser.add_argument("--proof", action="append", default=[])
    parser.add_argument("--pairs", type=int, default=40)
    arguments = parser.parse_args()
    wrong = []

    def say(line):
        print(line)
        if line.startswith("WRONG"):
            wrong.append(line)

    read = lambda path: open(path, "rb").read(1 << 20)
    key = Key(read(arguments.key).decode())
    witnesses = [Key(read(path).decode()) for path in arguments.witness]
    log = Log(arguments.log, say)
    try:
        origin, size, root, text, lines = read_checkpoint(log.file("checkpoint"))
    except (Wrong, OSError) as error:
        say(f"WRONG checkpoint: {error}")
        return 1

    # Signatures.
    known = {(k.name, k.id): k for k in [key] + witnesses}
    signed = cosigned = 0
    for name, ident, signature in lines:
        k = known.get((name, ident))
        if k is None:
            print(f"ignored a signature of {name}+{ident.hex()}, a key not given")
        elif not stands(k, text, signature):
            say(f"WRONG checkpoint: the signature of {name} does not stand")
        elif k is key:
            signed += 1
        else:
            cosigned += 1
    if not signed or origin != key.name:
        say("WRONG checkpoint: not signed by the log's key")
    print(f"checkpoint: {origin}, {size} entries, {cosigned} cosignatures")

    # Entries, tiles, root.
    leaves = log.entries(size)
    if leaves is None:
        return 1
    tree = Tree(leaves)
    count, level = 0, 0
    while size >> (8 * level):
        hashes = tree.levels[8 * level][: size >> (8 * level)] if 8 * level < len(tree.levels) else []
        count += log.tiles(level, hashes)
        level += 1
    if tree.range(0, size) != root:
        say("WRONG checkpoint: the entries do not hash to the root")
        print("what follows would all be wrong")
        return 1
    print(f"tiles: {count} on {level} levels hash to the root of {size} entries")

    # Inclusion of every entry.
    for index in range(size):
        proof = tree.inclusion(index, 0, size)
        if not check_inclusion(leaves[index], index, size, proof, root):
            say(f"WRONG entry {index}: not proved to be in the log")
    print(f"inclusion: {size} entries")

    # Consistency between sizes: all pairs of small logs, else those at edges.
    edges = [1, 2, 3, 7, 8, 255, 256, 257, 511, 512, 4096, 65535, 65536, 65537, size - 1, size]
    sizes = sorted({s for s in (range(size + 1) if size <= arguments.pairs else [0] + edges) if 0 <= s <= size})
    pairs = 0
    for second in sizes:
        for first in sizes:
            if first > second or first == 0:
                continue
            proof = tree.consistency(first, 0, second) if first < second else []
            if not check_consistency(first, second, tree.range(0, first), tree.range(0, second), proof):
                say(f"WRONG sizes {first} and {second}: not consistent")
            pairs += 1
    print(f"consistency: {pairs} pairs of {len(sizes)} sizes")

    # Checkpoints that somebody kept.
    for path in arguments.kept:
        try:
            kept_origin, kept, kept_root, _, _ = read_checkpoint(read(path))
        except (Wrong, OSError) as error:
            say(f"WRONG {path}: {error}")
            continue
        if kept_origin != origin:
            say(f"WRONG {path}: of another log, {kept_origin}")
        elif kept > size:
            say(f"WRONG {path}: entries were dropped, {kept} became {size}")
        elif tree.range(0, kept) != kept_root:
            say(f"WRONG {path}: the log was forked before entry {kept}")
        else:
            print(f"kept checkpoint of {kept} entries: continued")

    # Proofs in files.
    for path in arguments.proof:
        try:
            index, hashes, checkpoint = read_proof(read(path))
            _, proof_size, proof_root, proof_text, proof_lines = read_checkpoint(checkpoint)
            by_key = [s for n, i, s in proof_lines if (n, i) == (key.name, key.id)]
            good = by_key and all(stands(key, proof_text, s) for s in by_key)
            if not good or not check_inclusion(leaves[index], index, proof_size, hashes, proof_root):
                raise Wrong("does not prove its entry")
            print(f"{path}: proves entry {index}")
        except (Wrong, OSError, ValueError, IndexError) as error:
            say(f"WRONG {path}: {error}")
    print("nothing is wrong" if not wrong else f"{len(wrong)} things are wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (Wrong, ValueError) as error:
        print(f"WRONG {error}")
        sys.exit(1)
