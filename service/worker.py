"""A worker process: requests in on standard input, results out on standard output.

A frame is a length (four bytes, big endian), a head of JSON and a body, both with their lengths.
The process ends when its input does. It holds the rules engine, so whatever that may do to its
process, no other request is hurt.
"""

from __future__ import annotations

import gc
import json
import os
import signal
import struct
import sys
from typing import Any, BinaryIO

__all__ = ["main", "read_frame", "write_frame"]

LENGTHS = struct.Struct(">II")


def read_frame(stream: BinaryIO) -> tuple[dict[str, Any], bytes] | None:
    """The next head and body; None at the end of the stream."""
    lengths = stream.read(LENGTHS.size)
    if len(lengths) < LENGTHS.size:
        return None
    head, body = LENGTHS.unpack(lengths)
    parsed: dict[str, Any] = json.loads(stream.read(head))
    return parsed, stream.read(body)


def write_frame(stream: BinaryIO, head: dict[str, Any], body: bytes) -> None:
    encoded = json.dumps(head).encode()
    stream.write(LENGTHS.pack(len(encoded), len(body)) + encoded + body)
    stream.flush()


def main() -> None:
    """Serves until the input ends. The first frame says that the worker is ready."""
    # Whoever stops the service may signal its whole group. The front decides when a worker is to
    # end, which is after the request that it is at.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    requests = sys.stdin.buffer
    results = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(2, 1)  # what a library prints must not get between the frames
    from wayout.service.jobs import perform
    from wayout.service.logs import defect

    warm = b'{"question": {"pod": "default/warm", "to": "192.0.2.1:443"}}'
    perform({"verb": "assess", "most_documents": 1}, warm)
    # Rules and models stay, so looking for garbage among them is idle: a quarter of the time of an
    # answer, and in one of a hundred a pause of many times that.
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000)
    write_frame(results, {"ready": True}, b"")
    while (frame := read_frame(requests)) is not None:
        try:
            head, text = perform(*frame)
        except Exception as error:
            head, text = {"status": 500, "defect": defect(error)}, ""
        write_frame(results, head, text.encode("utf-8", "replace"))


if __name__ == "__main__":
    main()
