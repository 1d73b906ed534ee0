"""Compact frames: one tensor with a fixed header of 28 bytes, for activations and board updates.

Little-endian: magic "MW", version, kind, dtype, rank, four dimensions (u16, those beyond the rank 0), scale (f32),
zero point (i16), payload length (u32), CRC-32 of all before it and the payload; then the payload, in row-major order.
A quantised value q means (q - zero) * scale. The same tensor is the same bytes everywhere; a frame that differs in
one byte is refused. A frame says nothing of whose tensor it is: the topic does."""

import struct
from collections import namedtuple

from firmware_py.core.errors import MessageError

MAGIC = b"MW"
VERSION = 1
# Rows are only ever added: the place is the number on the wire.
KINDS = ("activations", "gradients", "update", "weights")
DTYPES = ("f32", "f16", "i8", "i16")  # i16: fixed point, scale a power of two
SIZES = (4, 2, 1, 2)
DIMS_MAX = 4
DIM_MAX = 65535
_HEADER = "<2sBBBBHHHHfhI"
_HEADER_BYTES = 24
OVERHEAD_BYTES = 28

Frame = namedtuple("Frame", ("kind", "dtype", "shape", "scale", "zero", "payload"))


_table = []  # made at its first use


def table_crc32(data, crc=0):
    """CRC-32 as zlib counts it, going on from `crc`; for boards without binascii.crc32."""
    if not _table:
        for number in range(256):
            rest = number
            for _ in range(8):
                rest = rest >> 1 ^ (0xEDB88320 if rest & 1 else 0)
            _table.append(rest)
    crc ^= 0xFFFFFFFF
    for byte in data:
        crc = _table[(crc ^ byte) & 255] ^ crc >> 8
    return crc ^ 0xFFFFFFFF


try:
    from binascii import crc32
except ImportError:
    crc32 = table_crc32


def _checked(kind, dtype, dims, scale, zero, payload_bytes):
    """Raise MessageError unless these are the facts of one tensor."""
    if len(dims) > DIMS_MAX:
        raise MessageError("A frame has at most %d dimensions, not %d." % (DIMS_MAX, len(dims)), "shape")
    wanted = SIZES[DTYPES.index(dtype)]
    for dim in dims:
        if not isinstance(dim, int) or not 0 < dim <= DIM_MAX:
            raise MessageError("Each dimension of a frame must be 1 to %d, not %s." % (DIM_MAX, dim), "shape")
        wanted *= dim
    if not (scale > 0 and scale - scale == 0):
        raise MessageError("The scale of a frame must be a number above 0.", "scale")
    if not -32768 <= zero <= 32767:
        raise MessageError("The zero point of a frame must fit 16 bits.", "zero")
    if payload_bytes != wanted:
        raise MessageError("The frame's payload has %d bytes, and its shape needs %d." % (payload_bytes, wanted),
                           "payload")


def _single(number):
    """`number` as exact as 32 bits are: 0 or infinite where it does not fit them."""
    try:
        return struct.unpack("<f", struct.pack("<f", number))[0]
    except OverflowError:
        return float("inf")


def pack(kind, dtype, shape, scale, zero, payload):
    """One tensor -> bytes, or MessageError. `kind` and `dtype` are words of KINDS and DTYPES; () is a single number."""
    if kind not in KINDS or dtype not in DTYPES:
        raise MessageError("A frame is one of: %s, in one of: %s." % (", ".join(KINDS), ", ".join(DTYPES)))
    dims, scale = list(shape), _single(scale)
    _checked(kind, dtype, dims, scale, zero, len(payload))
    filled = dims + [0] * (DIMS_MAX - len(dims))
    header = struct.pack(_HEADER, MAGIC, VERSION, KINDS.index(kind), DTYPES.index(dtype), len(dims),
                         filled[0], filled[1], filled[2], filled[3], scale, zero, len(payload))
    payload = bytes(payload)
    return header + struct.pack("<I", crc32(payload, crc32(header))) + payload


def unpack(data):
    """Bytes -> Frame, or MessageError with what is wrong. `shape` is a tuple, `scale` as exact as 32 bits are."""
    if len(data) < OVERHEAD_BYTES:
        raise MessageError("The frame is cut short: it has %d bytes, a header alone %d."
                           % (len(data), OVERHEAD_BYTES))
    header = bytes(data[:_HEADER_BYTES])
    magic, version, kind, dtype, rank, d0, d1, d2, d3, scale, zero, size = struct.unpack(_HEADER, header)
    if magic != MAGIC:
        raise MessageError("That is no frame: it does not begin with 'MW'.")
    if version != VERSION:
        raise MessageError("The frame has version %d; this device reads version %d." % (version, VERSION))
    if len(data) < OVERHEAD_BYTES + size:
        raise MessageError("The frame is cut short: %d of %d bytes of its payload are there."
                           % (len(data) - OVERHEAD_BYTES, size))
    if len(data) > OVERHEAD_BYTES + size:
        raise MessageError("There are %d bytes after the end of the frame." % (len(data) - OVERHEAD_BYTES - size))
    payload = bytes(data[OVERHEAD_BYTES:])
    if crc32(payload, crc32(header)) != struct.unpack("<I", bytes(data[_HEADER_BYTES:OVERHEAD_BYTES]))[0]:
        raise MessageError("The frame was damaged on its way: its check sum is wrong.")
    if kind >= len(KINDS):
        raise MessageError("The frame is of kind %d, which this device does not know." % kind, "kind")
    if dtype >= len(DTYPES):
        raise MessageError("The frame has number format %d, which this device does not know." % dtype, "dtype")
    dims = (d0, d1, d2, d3)
    if rank > DIMS_MAX or dims[rank:] != (0,) * (DIMS_MAX - rank):
        raise MessageError("The frame's shape does not fit its %d dimensions." % rank, "shape")
    _checked(KINDS[kind], DTYPES[dtype], dims[:rank], scale, zero, size)
    return Frame(KINDS[kind], DTYPES[dtype], dims[:rank], scale, zero, payload)
