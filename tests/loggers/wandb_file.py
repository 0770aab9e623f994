"""What an offline run of W&B holds."""

import json
import struct
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

PATIENCE = 5.0  # seconds until a run without an end is taken for one that was cut off
BLOCK = 32768  # the .wandb file is a LevelDB log: blocks of records with a header of 7 bytes (crc, length, type)


def records(path: Path) -> list[Any]:
    """The protobuf records of a .wandb file.

    W&B's service writes the last of them when `finish` has returned, on a busy machine up to seconds later.
    """
    deadline = time.monotonic() + PATIENCE
    while True:
        found = list(_written(path))
        if any(record.WhichOneof("record_type") == "exit" for record in found) or time.monotonic() > deadline:
            return found
        time.sleep(0.05)


def _written(path: Path) -> Iterator[Any]:
    """Those that are in the file so far."""
    from wandb.proto.wandb_internal_pb2 import Record

    content, at, message = path.read_bytes(), 7, b""
    while at + 7 <= len(content):
        if BLOCK - at % BLOCK < 7:  # no header fits into the rest of the block
            at += BLOCK - at % BLOCK
            continue
        _, length, kind = struct.unpack("<IHB", content[at : at + 7])
        message += content[at + 7 : at + 7 + length]
        at += 7 + length
        if kind in (1, 4):  # a whole record, or the last piece of one
            record = Record()
            record.ParseFromString(message)
            message = b""
            yield record


def of_kind(path: Path, kind: str) -> list[Any]:
    """The records of one kind, such as `run`, `history`, `metric` or `exit`."""
    return [getattr(record, kind) for record in records(path) if record.WhichOneof("record_type") == kind]


def items(entries: Any) -> dict[str, Any]:
    return {entry.key or "/".join(entry.nested_key): json.loads(entry.value_json) for entry in entries}


def history(path: Path) -> list[dict[str, Any]]:
    return [items(row.item) for row in of_kind(path, "history")]


def exit_codes(path: Path) -> list[int]:
    return [ended.exit_code for ended in of_kind(path, "exit")]


def offline_runs(folder: Path) -> list[Path]:
    """In the order of their start."""
    return sorted(folder.glob("wandb/offline-run-*/*.wandb"))
