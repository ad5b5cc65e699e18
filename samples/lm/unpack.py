import struct, sys, zlib

STRING, STRINGS = 9, 16                                   # R's types CHARSXP and STRSXP


def objects(data):
    """The objects of a lazy-load file: for each its length in four bytes, then zlib."""
    while data:
        unzip = zlib.decompressobj()
        yield unzip.decompress(data[4:])
        data = unzip.unused_data


def lines(data):
    """The vector of strings in an object that R has serialised as big-endian numbers (format 'X', version 3)."""
    assert data[:2] == b"X\n" and struct.unpack(">i", data[2:6]) == (3,), "not an object of R's version 3"
    at = 18 + struct.unpack(">i", data[14:18])[0]         # after the versions and the name of the encoding
    kind, count = struct.unpack(">ii", data[at:at + 8])
    if kind & 0xFF != STRINGS:
        return
    at += 8
    for _ in range(count):
        flags, length = struct.unpack(">ii", data[at:at + 8])
        assert flags & 0xFF == STRING, "not a string"
        at += 8
        yield data[at:at + max(length, 0)].decode("utf-8")
        at += max(length, 0)


with open(sys.argv[1], "rb") as file:
    books = [list(lines(data)) for data in objects(file.read())]
for book in sorted((book for book in books if len(book) > 1000), key=lambda book: book[0]):
    sys.stdout.write("\n".join(book) + "\n")
