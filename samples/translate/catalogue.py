"""Writes the messages of a GNU catalogue (.mo) as part TAB source TAB target: python3 catalogue.py vlc.mo > vlc.tsv

Kept are messages of one line with two words or more that are translated. A message tests when the CRC-32 of its small letters modulo 10 is 0,
validates when it is 1, else trains. The & of a key to press is left out.
"""
import re
import struct
import sys
import zlib

# The file: magic, revision, count, then where the two tables of (length, offset) begin, of the messages and of their translations.
data = open(sys.argv[1], "rb").read()
magic, _, count, sources, targets = struct.unpack_from("<5I", data)
if magic != 0x950412DE:
    sys.exit("catalogue.py: not a GNU catalogue: " + sys.argv[1])


def text(table, number):
    length, offset = struct.unpack_from("<2I", data, table + 8 * number)
    return data[offset:offset + length].decode("utf-8")


pairs = set()
for number in range(count):
    source, target = text(sources, number), text(targets, number)
    if re.search(r"[\0\4\t\r\n\v\f\u0085\u2028\u2029]", source + target):        # plural forms, contexts, several lines
        continue
    source, target = (" ".join(re.sub(r"(^|(?<=\s))&(?=\w)", "", side).split()) for side in (source, target))
    if source == target or not target or len(re.findall(r"\w+", source)) < 2:
        continue
    pairs.add((source, target))
sys.stdout.reconfigure(encoding="utf-8", newline="\n")
for source, target in sorted(pairs):
    part = zlib.crc32(source.lower().encode("utf-8")) % 10
    print({0: "test", 1: "valid"}.get(part, "train"), source, target, sep="\t")
