# SPDX-License-Identifier: Apache-2.0
"""Reads and verifies a gateway's audit directory with nothing of the gateway's own: the second pair of eyes.

Written from docs/audit-format.md, RFC 6962 and C2SP (tlog-tiles, tlog-checkpoint, signed-note) with
hashlib alone. `verify` needs PyNaCl for the signature and is a program of its own: Tests/EndToEnd/verify-log.
"""

import base64
import hashlib
import json
import struct
from pathlib import Path

WIDTH = 256
_JOURNAL = b"\x01entente journal 1\n"
_FRAME = b"\xf5ENT"


class Broken(Exception):
    """The log is not what was written; says where."""


def leaf_hash(entry):
    return hashlib.sha256(b"\0" + entry).digest()


def node_hash(left, right):
    return hashlib.sha256(b"\1" + left + right).digest()


def root_hash(hashes):
    """RFC 6962, section 2.1, over hashes of leaves or of complete subtrees of one height."""
    if not hashes:
        return hashlib.sha256(b"").digest()
    # Complete subtrees, as (height, hash); two neighbours of one height become one.
    stack = []
    for item in hashes:
        height = 0
        while stack and stack[-1][0] == height:
            item = node_hash(stack.pop()[1], item)
            height += 1
        stack.append((height, item))
    root = stack.pop()[1]
    while stack:
        root = node_hash(stack.pop()[1], root)
    return root


def tile_path(kind, index, width=WIDTH):
    """kind is a level or `entries`."""
    parts = [f"{index % 1000:03}"]
    while index >= 1000:
        index //= 1000
        parts.insert(0, f"x{index % 1000:03}")
    return f"tile/{kind}/" + "/".join(parts) + (f".p/{width}" if width < WIDTH else "")


def entries(bundle, name):
    """The entries of a bundle, or of a frame of the journal."""
    found, at = [], 0
    while at < len(bundle):
        if at + 2 > len(bundle):
            raise Broken(f"{name}: half a length at byte {at}")
        length = struct.unpack_from(">H", bundle, at)[0]
        at += 2 + length
        if at > len(bundle):
            raise Broken(f"{name}: half an entry at byte {at}")
        found.append(bundle[at - length:at])
    return found


def journal_files(directory):
    return sorted(Path(directory).glob("journal." + "[0-9]" * 20))


def journal(directory):
    """The number of records before the journal, and the records in it up to the last whole frame."""
    for path in reversed(journal_files(directory)):
        data = path.read_bytes()
        if not data.startswith(_JOURNAL):
            continue  # begun only; the one before counts
        at = len(_JOURNAL)
        first, _, name = struct.unpack_from(">QQH", data, at)
        at += 18 + name
        levels, at = data[at], at + 1
        for _ in range(levels):
            at += 2 + 32 * struct.unpack_from(">H", data, at)[0]
        if hashlib.sha256(data[:at]).digest() != data[at:at + 32]:
            continue
        digest, at = data[at:at + 32], at + 32
        found = []
        while data[at:at + 4] == _FRAME:
            length, start, count, _ = struct.unpack_from(">IQII", data, at + 4)
            body = data[at + 56:at + 56 + length]
            try:
                batch = entries(body, path.name)
            except Broken:
                break
            stated = hashlib.sha256(digest + data[at:at + 24] + b"".join(leaf_hash(e) for e in batch)).digest()
            if stated != data[at + 24:at + 56] or len(batch) != count or start != first + len(found):
                break
            found += batch
            at += 56 + length
        rest = data[at:].rstrip(b"\0")
        # A torn batch is no fault; one that later batches follow is.
        later = rest.find(_FRAME, 1)
        while later >= 0:
            length, _, count, part = struct.unpack_from(">IQII", rest, later + 4) if later + 24 <= len(rest) else (0, 0, 0, 1)
            if part == 0 and 0 < count and later + 56 + length <= len(rest):
                raise Broken(f"{path.name}: broken at byte {at}, before a whole frame")
            later = rest.find(_FRAME, later + 1)
        return first, found
    return 0, []


def raw_records(directory):
    """The records as they were hashed, in order: those in full bundles, then those in the journal."""
    directory = Path(directory)
    first, pending = journal(directory)
    if first % WIDTH:
        raise Broken("the journal does not begin with a bundle")
    for index in range(first // WIDTH):
        name = tile_path("entries", index)
        found = entries((directory / name).read_bytes(), name)
        tile = (directory / tile_path(0, index)).read_bytes()
        if len(found) != WIDTH or b"".join(leaf_hash(entry) for entry in found) != tile:
            raise Broken(f"{name}: these are not the records whose hashes the tile holds")
        yield from found
    yield from pending


def records(directory):
    """The records in order, each with the number that it should have, compared with the root that was signed last."""
    checkpoint = Path(directory) / "checkpoint"
    note = checkpoint.read_text(encoding="utf-8") if checkpoint.exists() else "\n0\n" + base64.b64encode(root_hash([])).decode() + "\n"
    size, root = int(note.split("\n")[1]), base64.b64decode(note.split("\n")[2])
    hashes = []
    for number, raw in enumerate(raw_records(directory), 1):
        record = json.loads(raw)
        if record["seq"] != number:
            raise Broken(f"record {number} says that it is {record['seq']}")
        if number <= size:
            hashes.append(leaf_hash(raw))
        yield record
    if len(hashes) != size or root_hash(hashes) != root:
        raise Broken(f"the {len(hashes)} first records are not the {size} that were signed")


def decisions(directory):
    """The records of requests, without those about the gateway itself."""
    return (record for record in records(directory) if record.get("kind") == "request")
