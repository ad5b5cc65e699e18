"""Writes the mails of folders as split,label,text: python3 mails.py DATA > mails.csv

DATA has the folders easy-ham-1, easy-ham-2, hard-ham-1 (label ham), spam-1 and spam-2 (label spam), a file for each mail.
The text is the subject without Re: and [list], and the first 100 words of the body: its plain part, else its HTML without tags. The other headers, which
tell most of it, are left out. Addresses and links become ADDRESS and LINK. Of mails whose first 20 words are equal but for figures and signs, the first
one in the order of folders and names stays; the CRC-32 of these words modulo 10 says its part: 0 and 1 test, 2 validates, the others train.
"""
import csv
import email
import email.header
import html
import pathlib
import re
import sys
import zlib

WORDS = 100


def decode(part):
    """The text of a part: by its own character set, by Latin-1 where that is wrong or unknown."""
    data = part.get_payload(decode=True) or b""
    try:
        return data.decode(part.get_content_charset() or "ascii")
    except (LookupError, ValueError):
        return data.decode("latin-1")


def body(mail):
    """The first plain part, else the first one of HTML without its tags."""
    parts = [part for part in mail.walk() if not part.is_multipart()]
    for part in parts:
        if part.get_content_type() == "text/plain" and decode(part).strip():
            return decode(part)
    for part in parts:
        if part.get_content_type() == "text/html":
            text = re.sub(r"(?is)<(script|style)\b.*?</\1>|<!--.*?-->|<[^<>]*>", " ", decode(part))
            return html.unescape(text)
    return ""


def subject(mail):
    """The subject, decoded, without what replies and mailing lists put before it."""
    pieces = []
    for piece, name in email.header.decode_header(str(mail.get("Subject", ""))):
        try:
            pieces.append(piece if isinstance(piece, str) else piece.decode(name or "latin-1"))
        except (LookupError, ValueError):
            pieces.append(piece.decode("latin-1"))
    return re.sub(r"(?i)^(\s*(re|fwd?):|\s*\[[^\]]*\])*", "", " ".join(pieces))


def words(mail):
    """The words that are kept."""
    text = body(mail)
    text = re.sub(r"(?i)\b(https?://|www\.)\S+", " LINK ", subject(mail) + " . " + text)
    text = re.sub(r"\S+@\S+", " ADDRESS ", text)
    return "".join(c if c.isprintable() and c != "\ufffd" else " " for c in text).split()[:WORDS]


def mails(data):
    seen = set()
    for folder in ("easy-ham-1", "easy-ham-2", "hard-ham-1", "spam-1", "spam-2"):
        for path in sorted(pathlib.Path(data, folder).glob("*.txt")):
            text = words(email.message_from_bytes(path.read_bytes()))
            key = " ".join(re.findall(r"[a-z]+", " ".join(text).lower())[:20])
            if len(text) < 3 or not key or key in seen:
                continue
            seen.add(key)
            part = {0: "test", 1: "test", 2: "valid"}.get(zlib.crc32(key.encode("ascii")) % 10, "train")
            yield part, "spam" if folder.startswith("spam") else "ham", " ".join(text)


sys.stdout.reconfigure(encoding="utf-8", newline="\n")
table = csv.writer(sys.stdout, lineterminator="\n")
table.writerow(["split", "label", "text"])
table.writerows(mails(sys.argv[1]))
