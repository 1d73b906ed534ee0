"""Compact frames: the same bytes everywhere, and nothing that differs in a byte is taken."""

import struct

from core_helper import Dice, raises

from firmware_py.core import frames
from firmware_py.core.errors import MessageError

# Bytes laid out by the header's description; the check sums are zlib's.
KNOWN = (
    (("update", "i8", (2, 3), 0.5, -3, b"abcdef"),
     b"MW\x01\x02\x02\x02\x02\x00\x03\x00\x00\x00\x00\x00\x00\x00\x00?\xfd\xff\x06\x00\x00\x00\x19h\xcfAabcdef"),
    (("activations", "f32", (), 1.0, 0, b"\x00\x00\x80?"),
     b"MW\x01\x00\x00\x00" + bytes(8) + b"\x00\x00\x80?\x00\x00\x04\x00\x00\x00" + b"\xcfZ'\xfc" + b"\x00\x00\x80?"),
)


def sealed(head, payload):
    """A frame of a header without its check sum, the right check sum, and a payload."""
    return head + struct.pack("<I", frames.table_crc32(head + payload)) + payload


def test_the_numbers_on_the_wire_stay():
    assert frames.KINDS[:4] == ("activations", "gradients", "update", "weights")
    assert tuple(zip(frames.DTYPES, frames.SIZES))[:4] == (("f32", 4), ("f16", 2), ("i8", 1), ("i16", 2))


def test_known_bytes():
    for number, (facts, data) in enumerate(KNOWN):
        assert frames.pack(*facts) == data, number
        assert tuple(frames.unpack(data)) == facts, number


def test_check_sums_are_those_of_zlib():
    for data, expected in ((b"", 0), (b"123456789", 0xCBF43926), (bytes(32), 0x190A55AD), (b"\xff" * 32, 0xFF6CAB0B)):
        assert frames.table_crc32(data) == expected
        assert frames.crc32(data) == expected
        for cut in range(len(data)):
            assert frames.table_crc32(data[cut:], frames.table_crc32(data[:cut])) == expected
            assert frames.crc32(data[cut:], frames.crc32(data[:cut])) == expected


def test_every_kind_and_format_goes_there_and_back():
    for kind in frames.KINDS:
        for dtype, size in zip(frames.DTYPES, frames.SIZES):
            for shape in ((), (1,), (7,), (2, 3), (1, 1, 1), (2, 2, 2, 2)):
                count = size
                for dim in shape:
                    count *= dim
                payload = bytes([number * 37 % 256 for number in range(count)])
                for scale, zero in ((1.0, 0), (0.125, -32768), (2.0 ** -15, 32767)):
                    facts = (kind, dtype, shape, scale, zero, payload)
                    for given in (payload, bytearray(payload), memoryview(payload)):
                        packed = frames.pack(kind, dtype, list(shape), scale, zero, given)
                    assert len(packed) == frames.OVERHEAD_BYTES + count
                    for received in (packed, bytearray(packed), memoryview(packed)):
                        assert tuple(frames.unpack(received)) == facts


def test_the_largest_dimension_goes_there_and_back():
    packed = frames.pack("weights", "i8", (frames.DIM_MAX,), 1.0, 0, bytes(frames.DIM_MAX))
    assert frames.unpack(packed).shape == (65535,)


def small():
    return frames.pack("gradients", "i16", (3, 2), 0.25, 7, bytes(range(12)))


def test_a_frame_cut_anywhere_is_refused():
    data = small()
    for length in range(len(data)):
        assert "cut short" in str(raises(MessageError, frames.unpack, data[:length])), length


def test_a_frame_with_more_after_it_is_refused():
    for more in (b"\x00", b"MW", small()):
        assert "after the end" in str(raises(MessageError, frames.unpack, small() + more))


def test_a_frame_damaged_in_any_byte_is_refused():
    data = small()
    for place in range(len(data)):
        for change in (1, 2, 4, 8, 16, 32, 64, 128, 255):
            broken = bytearray(data)
            broken[place] ^= change
            raises(MessageError, frames.unpack, bytes(broken))


def test_two_bytes_changed_places_are_refused():
    data = small()
    for place in range(len(data) - 1):
        if data[place] != data[place + 1]:
            broken = data[:place] + data[place + 1:place + 2] + data[place:place + 1] + data[place + 2:]
            raises(MessageError, frames.unpack, broken)


def test_noise_is_refused():
    dice = Dice(5)
    for length in range(0, 120):
        raises(MessageError, frames.unpack, bytes([dice.roll(256) for _ in range(length)]))
        raises(MessageError, frames.unpack, b"MW\x01" + bytes([dice.roll(256) for _ in range(length)]))


def header(magic=b"MW", version=1, kind=0, dtype=2, rank=1, dims=(4, 0, 0, 0), scale=1.0, zero=0, size=4):
    return struct.pack("<2sBBBBHHHHfhI", magic, version, kind, dtype, rank, dims[0], dims[1], dims[2], dims[3],
                       scale, zero, size)


LIES = (  # headers under a right check sum, with 4 bytes of payload, and what the refusal speaks of
    ({"magic": b"WM"}, "no frame"), ({"version": 0}, "version 0"), ({"version": 2}, "version 2"),
    ({"kind": 4}, "kind 4"), ({"kind": 255}, "kind 255"), ({"dtype": 4}, "number format 4"),
    ({"rank": 0}, "dimensions"), ({"rank": 2}, "dimension"), ({"rank": 5}, "dimensions"), ({"rank": 255}, "dimensions"),
    ({"dims": (4, 1, 0, 0)}, "dimensions"), ({"dims": (4, 0, 0, 9)}, "dimensions"),
    ({"dims": (0, 0, 0, 0)}, "dimension"),
    ({"dims": (5, 0, 0, 0)}, "shape needs 5"), ({"dtype": 0}, "shape needs 16"), ({"dims": (3, 0, 0, 0)}, "needs 3"),
    ({"rank": 4, "dims": (65535, 65535, 65535, 65535)}, "shape needs"), ({"size": 5}, "cut short"),
    ({"size": 3}, "after the end"), ({"size": 4294967295}, "cut short"), ({"scale": 0.0}, "scale"),
    ({"scale": -1.0}, "scale"), ({"scale": float("nan")}, "scale"), ({"scale": float("inf")}, "scale"),
)


def test_a_header_that_lies_is_refused_although_its_check_sum_is_right():
    assert frames.unpack(sealed(header(), b"abcd")).payload == b"abcd"
    for change, words in LIES:
        error = raises(MessageError, frames.unpack, sealed(header(**change), b"abcd"))
        assert words in str(error), (change, str(error))


def test_what_is_no_tensor_is_not_packed():
    good = ["update", "i8", (2, 2), 1.0, 0, b"abcd"]
    assert frames.pack(*good)
    for place, bad in ((0, "model"), (0, 2), (1, "u8"), (1, None), (2, (2, 3)), (2, ()), (2, (2, 2, 1, 1, 1)),
                       (2, (-2, -2)), (2, (0, 2)), (2, (65536, 2)), (2, (2.0, 2)), (3, 0.0), (3, -1.0),
                       (3, float("nan")), (3, float("inf")), (3, 1e-60), (3, 1e60), (4, 32768), (4, -32769),
                       (5, b"abc"), (5, b"abcde")):
        facts = list(good)
        facts[place] = bad
        raises(MessageError, frames.pack, *facts)
