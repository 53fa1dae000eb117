"""Damaged, hostile and absurd variants of small files, for `benchmarks.fuzz`: the same random numbers, the same bytes.

Each function takes a `random.Random` and content, and returns changed content. More than half of the mutations know the
format (cells of a table, values of JSON, parts of a workbook, records of a web archive), so that what comes out gets past
the first check of its reader; the others change bytes.
"""

import csv
import gzip
import io
import json
import re
import zipfile
from collections.abc import Callable, Mapping
from random import Random
from typing import Any, Literal

Members = dict[str, bytes]

# What readers trip over: controls, half characters, directions, huge numbers, entities, paths, patterns, formulas.
TOKENS = (
    *(b"\0", b"\xed\xa0\x80", b"\xff", b"\xc3", b"\xef\xbb\xbf", b"\xff\xfe", b"\x1a", b"\x1b[2J", b"\x85", b"\xe2\x80\xa8"),
    *("\u202e\u2066".encode(), "\u200b".encode(), "\U0001f468\u200d\U0001f469".encode(), "٤٥".encode(), "ﷺ".encode()),
    *(b'"', b"'", b",", b";", b"\t", b"|", b"\n", b"\r\n", b"\r", b'"\n"', b"\\", b"\\x0b", b"\\ud800", b"\\u0000"),
    *(b"<", b">", b"&", b"]]>", b"&lol9;", b"&#0;", b"&#xD800;", b"<!--", b"<script>", b"<![CDATA["),
    *(b"9" * 400, b"-1", b"1e999", b"NaN", b"-Infinity", b"2147483648", b"18446744073709551616", b"0x10", b"1048577"),
    *(b"../", b"../../etc/passwd", b"/etc/passwd", b"C:\\x", b"file:///etc/passwd", b"http://["),
    *(b"=1+1", b"^.*$", b"*", b"../g/day"),
    *(b"[" * 3000, b'{"a":' * 1200, b"A" * 70_000, b"{}", b"[]", b"null", b"true", b'""', b" ", b""),
)
WORDS = tuple(token.decode("utf-8", "surrogateescape") for token in TOKENS)
ENTITIES = (
    b'<!DOCTYPE lolz [<!ENTITY lol "lol"><!ENTITY lol1 "&lol;&lol;&lol;&lol;&lol;&lol;&lol;&lol;&lol;&lol;">'
    + b"".join(b'<!ENTITY lol%d "%s">' % (n + 1, b"&lol%d;" % n * 10) for n in range(1, 9))
    + b"]>",
    b'<!DOCTYPE x [<!ENTITY lol9 SYSTEM "file:///etc/passwd">]>',
    b'<!DOCTYPE x [<!ENTITY % lol9 SYSTEM "http://127.0.0.1:9/x.dtd"> %lol9;]>',
)


def mutate_bytes(random: Random, content: bytes) -> bytes:
    """Flip, set, insert, delete, double, move, cut; one to four times."""
    changed = bytearray(content)
    for _ in range(random.randint(1, 4)):
        at = random.randrange(len(changed) + 1)
        length = min(random.choice((1, 2, 4, 16, 64, 400)), len(changed) - at)
        match random.randrange(8):
            case 0 if at < len(changed):
                changed[at] ^= 1 << random.randrange(8)
            case 1 if at < len(changed):
                changed[at] = random.randrange(256)
            case 2 | 3:
                changed[at:at] = random.choice(TOKENS)
            case 4:
                del changed[at : at + length]
            case 5:
                changed[at:at] = changed[at : at + length] * random.choice((1, 2, 50))
            case 6:
                piece = changed[at : at + length]
                del changed[at : at + length]
                to = random.randrange(len(changed) + 1)
                changed[to:to] = piece
            case _ if random.random() < 0.3:
                del changed[at:]
            case _:
                pass
    return bytes(changed)


def mutate_csv(random: Random, content: bytes) -> bytes:
    """Change cells, columns and rows, and how they are written: delimiter, quotes, line ends, encoding."""
    if random.random() < 0.4:
        return mutate_bytes(random, content)
    text = content.decode("utf-8")
    rows = list(csv.reader(io.StringIO(text), delimiter=";" if ";" in text.split("\n")[0] else ","))
    for _ in range(random.randint(1, 4)):
        row = random.choice(rows)
        at = random.randrange(len(row)) if row else 0
        match random.randrange(9):
            case 0 | 1 | 2 if row:
                row[at] = random.choice(("", row[at])) + random.choice(WORDS)
            case 3 if row:
                row[at] = random.choice(random.choice(rows) or [""])
            case 4:
                row[at : at + 1] = random.choice(([], ["", ""], ["x"] * random.choice((*[2] * 30, 900, 1200))))
            case 5:
                rows.insert(random.randrange(len(rows) + 1), list(row))
            case 6 if len(rows) > 1:
                rows.remove(row)
            case 7:
                for one in rows:
                    del one[at : at + 1]
            case _:
                random.shuffle(rows)
    out = io.StringIO()
    quoting: Literal[0, 1] = csv.QUOTE_ALL if random.random() < 0.3 else csv.QUOTE_MINIMAL
    delimiter = random.choice((",", ",", ";", "\t", "|"))
    csv.writer(out, delimiter=delimiter, quoting=quoting, lineterminator=random.choice(("\n", "\r\n", "\r"))).writerows(rows)
    encoding = random.choice(("utf-8", "utf-8", "utf-8", "utf-8-sig", "utf-16", "cp1256"))
    return out.getvalue().encode(encoding, "surrogateescape" if encoding == "utf-8" else "replace")


def mutate_json(random: Random, content: bytes) -> bytes:
    """Change values anywhere in a document, then how it is written: escapes, lines, a mark, a tail."""
    if random.random() < 0.4:
        return mutate_bytes(random, content)
    document = json.loads(content)
    for _ in range(random.randint(1, 3)):
        document = _changed(random, document)
    text = json.dumps(document, ensure_ascii=random.random() < 0.5, indent=random.choice((None, None, 1)))
    if isinstance(document, list) and random.random() < 0.2:
        text = "\n".join(json.dumps(one) for one in document)
    if random.random() < 0.2:  # a value as no writer of JSON would write it
        bare = random.choice(("NaN", "1e999", "-" + "9" * 5000, '"\\x0b"', '{"a":1,"a":2}', _deep(random), '"\\ud800"'))
        places = [m.end() for m in re.finditer(r"[:\[,]\s*", text)] or [0]
        at = random.choice(places)
        text = text[:at] + bare + random.choice((",", "")) + text[at:]
    if random.random() < 0.05:
        text = random.choice(("\ufeff", " " * 5000, "[")) + text + random.choice(("{}", "]", "\0", text))
    return text.encode("utf-8", "surrogatepass")


def _deep(random: Random) -> str:
    depth: int = random.choice((5, 12, 100, *range(880, 1000, 3), 5000))
    return "[" * depth + "]" * depth if random.random() < 0.5 else '{"a":' * depth + "1" + "}" * depth


def _changed(random: Random, document: Any) -> Any:
    """The document with one of its values replaced, taken away, doubled or renamed."""
    holders = list[Any]()
    waiting = [document]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict | list) and one:
            holders.append(one)
            waiting += one.values() if isinstance(one, dict) else one
    if not holders or random.random() < 0.02:
        return _value(random)
    holder = random.choice(holders)
    keys = list(holder) if isinstance(holder, dict) else list(range(len(holder)))
    key = random.choice(keys)
    match random.randrange(6):
        case 0:
            del holder[key]
        case 1 if isinstance(holder, list):
            holder.insert(key, holder[key])
        case 1:
            holder[random.choice((*map(str, keys), random.choice(WORDS).encode("utf-8", "replace").decode()))] = holder[key]
        case 2 if isinstance(holder[key], str):
            holder[key] = holder[key][:20] + random.choice(WORDS).encode("utf-8", "replace").decode() + holder[key][20:]
        case _:
            holder[key] = _value(random)
    return document


def _value(random: Random) -> Any:
    word = random.choice(WORDS).encode("utf-8", "replace").decode()
    return random.choice(
        (None, True, -1, 0, 1e300, 2**70, "", "\ud800", "\0", word, [], {}, [[]], [word], {word: word}, [None])
    )


def mutate_xml(random: Random, content: bytes) -> bytes:
    """Change attributes, texts and elements of a part of a workbook; declare entities."""
    if random.random() < 0.3:
        return mutate_bytes(random, content)
    for _ in range(random.randint(1, 3)):
        match random.randrange(6):
            case 0 | 1:
                content = _at_one(
                    random, content, rb'="([^"]*)"', random.choice((*TOKENS, b"XFD1048576", b"s", b"d", b"A1"))
                )
            case 2:
                content = _at_one(random, content, rb">([^<>]+)<", random.choice(TOKENS))
            case 3:
                found = random.choice(
                    [*re.finditer(rb"<(row|c|si|sheet|Override|Relationship)\b.*?(/>|</\1>)", content)] or [None]
                )
                if found:
                    content = content[: found.start()] + found[0] * random.choice((0, 2, 30)) + content[found.end() :]
            case 4:
                content = content.replace(b"?>", b"?>" + random.choice(ENTITIES), 1)
                content = _at_one(random, content, rb">([^<>]+)<", b"&lol9;")
            case _:
                content = _at_one(
                    random, content, rb' r="([^"]*)"', random.choice((b"A1", b"1", b"0", b"-3", b"99999999999", b"B"))
                )
    return content


def _at_one(random: Random, content: bytes, pattern: bytes, put: bytes) -> bytes:
    places = list(re.finditer(pattern, content))
    if not places:
        return content
    start, end = random.choice(places).span(1)
    return content[:start] + put + content[end:]


def members_of(content: bytes) -> Members:
    """The files in a ZIP."""
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        return {item.filename: package.read(item) for item in package.infolist()}


def zip_of(random: Random, members: Mapping[str, bytes], stranger: bool) -> bytes:
    """A ZIP; a strange one has other names, files twice, other compression, or headers that lie."""
    listed = list(members.items())
    kinds = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA)
    packed = dict.fromkeys(members, zipfile.ZIP_DEFLATED)
    if stranger and listed:
        at = random.randrange(len(listed))
        name, content = listed[at]
        match random.randrange(6):
            case 0:
                word = random.choice(WORDS)[:60000].encode("utf-8", "replace").decode()
                listed[at] = (random.choice((word, f"../{name}", name + word, name.upper())), content)
            case 1:
                listed.append((name, content[: len(content) // 2]))
            case 2:
                del listed[at]
            case 3:
                packed[name] = random.choice(kinds)
            case 4:
                inner = io.BytesIO()
                with zipfile.ZipFile(inner, "w", zipfile.ZIP_DEFLATED) as nested:
                    nested.writestr(name, content * random.choice((1, 3)))
                listed[at] = (name, inner.getvalue())
            case _:
                listed[at] = (name, content + random.choice((b"\0", b"\n,", b"<a/>", b" ")) * random.choice((1, 100, 5000)))
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as package:
        for name, content in listed:
            item = zipfile.ZipInfo(name or "x", (2020, 4, 1, 0, 0, 0))
            package.writestr(item, content, packed.get(name, zipfile.ZIP_DEFLATED), 1)
    made = out.getvalue()
    if stranger and random.random() < 0.4:  # the list at its end: sizes, names, offsets, flags
        at = made.find(b"PK\x01\x02")
        made = made[:at] + mutate_bytes(random, made[at:])
    return made


def mutate_zip(random: Random, content: bytes, inside: Callable[[Random, str, bytes], bytes]) -> bytes:
    """Change one of its files by `inside`, or the package, or any bytes."""
    if random.random() < 0.2:
        return mutate_bytes(random, content)
    members = members_of(content)
    if random.random() < 0.8:
        name = random.choice(sorted(members))
        members[name] = inside(random, name, members[name])
    return zip_of(random, members, stranger=random.random() < 0.3)


def mutate_warc(random: Random, content: bytes) -> bytes:
    """Change records of a plain WARC file: their headers, their bodies; half of the time with a length that fits."""
    if random.random() < 0.3:
        return mutate_bytes(random, content)
    records = re.split(rb"(?=WARC/1\.[01]\r\n)", content)
    records = [record for record in records if record]
    for _ in range(random.randint(1, 3)):
        at = random.randrange(len(records))
        head, _, body = records[at].partition(b"\r\n\r\n")
        body = body.removesuffix(b"\r\n\r\n")
        match random.randrange(6):
            case 0:
                head = mutate_bytes(random, head)
            case 1 | 2:
                body = mutate_bytes(random, body)
            case 3:
                head = _at_one(random, head, rb": ([^\r\n]*)", random.choice(TOKENS))
            case 4:
                strange = (b"Transfer-Encoding: chunked", b"Content-Encoding: gzip", b"Content-Encoding: br")
                charset = random.choice((b"utf-16", b"unicode_escape", b"punycode", b"idna", b"utf-7", b"zlib", b"\xff"))
                added = random.choice((*strange, b"Content-Type: text/html; charset=" + charset))
                body = body.replace(b"\r\n", b"\r\n" + added + b"\r\n", 1)
            case _:
                head = random.choice((head, b"")) + b"\r\n " + random.choice(TOKENS)
        if random.random() < 0.7:
            head = re.sub(rb"WARC-(Block|Payload)-Digest:[^\r\n]*\r\n", b"", head)
            head = re.sub(rb"(?i)Content-Length:[^\r\n]*", b"Content-Length: %d" % len(body), head)
        records[at] = head + b"\r\n\r\n" + body + b"\r\n\r\n"
    if random.random() < 0.2:
        random.shuffle(records)
    return b"".join(records)


def gzip_records(random: Random, content: bytes) -> bytes:
    """A WARC file with each record in a gzip member, or, rarely, all in one; some are damaged."""
    records = [record for record in re.split(rb"(?=WARC/1\.[01]\r\n)", content) if record]
    if random.random() < 0.05:
        records = [content]
    made = b"".join(gzip.compress(record, 1, mtime=0) for record in records)
    return mutate_bytes(random, made) if random.random() < 0.3 else made
