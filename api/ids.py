"""Fresh ids for what the edge makes."""

import os
import time


def new_id() -> str:
    """A fresh id: 32 hex digits of a UUID version 7 (RFC 9562), which sort by time."""
    stamp = (time.time_ns() // 1_000_000).to_bytes(6, "big")
    random = bytearray(os.urandom(10))
    random[0] = 0x70 | random[0] & 0x0F
    random[2] = 0x80 | random[2] & 0x3F
    return (stamp + random).hex()
