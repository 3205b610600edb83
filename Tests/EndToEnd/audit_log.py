# SPDX-License-Identifier: Apache-2.0
"""Reads the gateway's audit directory with nothing of the gateway's own: the second pair of eyes.

A segment is a file of lines. The first is {"segment":{"chain":H,"first":N,...}}; each other one is
{"batch":B,"chain":H,"record":R}, where H is SHA-256 of the line before's H, the digits of B and the bytes
of R. A torn last line is what an unclean stop leaves; anywhere else it is a fault. Zeros behind the last line of
the last segment are space for lines to come.
"""

import hashlib
import json
from pathlib import Path

_BATCH, _CHAIN = b'{"batch":', b',"chain":"'
_RECORD = b'","record":'


class Broken(Exception):
    """The chain does not hold; says where."""


def segments(directory):
    return sorted(Path(directory).glob("[0-9]*.jsonl"))


def records(directory):
    """The records of all segments in order, each checked against the chain."""
    chain = None
    files = segments(directory)
    for file in files:
        data = file.read_bytes()
        lines = (data.rstrip(b"\0") if file == files[-1] else data).split(b"\n")
        for number, line in enumerate(lines, 1):
            if number == len(lines):  # what follows the last line feed: nothing, or a torn tail
                break
            if number == 1:
                start = bytes.fromhex(json.loads(line)["segment"]["chain"])
                if chain is not None and start != chain:
                    raise Broken(f"{file.name}:1: does not continue the segment before it")
                chain = start
                continue
            envelope, _, tail = line.partition(_RECORD)
            batch, _, stated = envelope.removeprefix(_BATCH).partition(_CHAIN)
            record = tail[:-1]
            chain = hashlib.sha256(chain + batch + record).digest()
            if stated != chain.hex().encode():
                raise Broken(f"{file.name}:{number}: the hash is not that of this record after the one before")
            yield json.loads(record)


def decisions(directory):
    """The records of requests, without those about the gateway itself."""
    return (record for record in records(directory) if record.get("kind") == "request")
