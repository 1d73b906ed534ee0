"""Types of frames.py for checkers; the board never sees this file."""

from collections.abc import Sequence
from typing import NamedTuple

MAGIC: bytes
VERSION: int
KINDS: tuple[str, ...]
DTYPES: tuple[str, ...]
SIZES: tuple[int, ...]
DIMS_MAX: int
DIM_MAX: int
OVERHEAD_BYTES: int

class Frame(NamedTuple):
    kind: str
    dtype: str
    shape: tuple[int, ...]
    scale: float
    zero: int
    payload: bytes

def crc32(data: bytes | bytearray | memoryview, crc: int = 0) -> int: ...
def table_crc32(data: bytes | bytearray | memoryview, crc: int = 0) -> int: ...
def pack(
    kind: str,
    dtype: str,
    shape: Sequence[int],
    scale: float,
    zero: int,
    payload: bytes | bytearray | memoryview,
) -> bytes: ...
def unpack(data: bytes | bytearray | memoryview) -> Frame: ...
