"""What the file writes in several bytes is one byte while a block is read, so that one parser reads every dialect.

Delimiters of several characters and escaped characters are replaced by control characters which that block does
not hold; what comes out of the parser, and what is shown of a record, has the file's own text again. The
replacement is exact: no delimiter holds a quote, so what is replaced never reaches over a value's end.
"""

from dataclasses import dataclass

from streaming.errors import FileBroken
from streaming.kernels import Texts, pc, text_bytes
from streaming.profiles.dialects import Dialect

# Control characters first: text hardly ever holds one. Bytes of 128 and more would not be UTF-8.
_CANDIDATES = bytes(byte for byte in (31, 30, 29, 28, *range(1, 28), *range(127, 32, -1)) if byte not in b"\t\n\r")


@dataclass(frozen=True, slots=True)
class StandIn:
    """One byte of the block, what the file has in its place, and what that means in a value."""

    byte: bytes
    written: bytes
    value: str


@dataclass(frozen=True, slots=True)
class Cipher:
    """How a block was rewritten: the delimiter that it has now, and what stands for what."""

    delimiter: str
    standins: tuple[StandIn, ...] = ()

    def written(self, text: bytes) -> bytes:
        """Bytes of the block as they stand in the file."""
        for standin in self.standins:
            text = text.replace(standin.byte, standin.written)
        return text

    def value(self, text: str) -> str:
        """What a value of the block means."""
        for standin in self.standins:
            text = text.replace(standin.byte.decode(), standin.value)
        return text

    def values(self, texts: Texts) -> Texts:
        """The same for a whole column; most columns hold no stand-in, which is quickly seen."""
        held = text_bytes(texts) if self.standins else b""
        for standin in self.standins:
            if standin.byte in held:
                texts = pc.replace_substring(texts, standin.byte.decode(), standin.value)
        return texts


def rewritten(block: bytes, dialect: Dialect) -> tuple[bytes, Cipher]:
    """The block as a parser of single characters can read it; the block itself where it can already."""
    meanings = {written: value for written, value in _escapes(dialect) if b"\\" in block and written in block}
    several = not _is_plain(dialect.delimiter)
    if not (meanings or several):
        return block, Cipher(dialect.delimiter)
    if several:
        meanings[dialect.delimiter.encode()] = dialect.delimiter
    free = _free_bytes(block, dialect, len(meanings))
    standins = tuple(StandIn(byte, *pair) for byte, pair in zip(free, meanings.items(), strict=True))
    for standin in standins:  # in their order: a backslash that is escaped escapes nothing
        block = block.replace(standin.written, standin.byte)
    return block, Cipher(standins[-1].byte.decode() if several else dialect.delimiter, standins)


def _is_plain(delimiter: str) -> bool:
    return len(delimiter) == 1 and delimiter.isascii()


def _escapes(dialect: Dialect) -> list[tuple[bytes, str]]:
    if dialect.escape == "double":
        return []
    return [(b"\\" + text.encode(), text) for text in ("\\", dialect.quote, dialect.delimiter) if text]


def _free_bytes(block: bytes, dialect: Dialect, wanted: int) -> list[bytes]:
    taken = (dialect.quote + dialect.delimiter + dialect.comment + "\\").encode()
    free = (bytes([byte]) for byte in _CANDIDATES if byte not in taken)
    found = [byte for byte, _ in zip((byte for byte in free if byte not in block), range(wanted), strict=False)]
    if len(found) < wanted:
        raise FileBroken("a block of the file holds every ASCII character there is: is this a text file of lines?")
    return found


def blanked(data: bytes, dialect: Dialect) -> bytes:
    """The data with its escaped characters blanked, every other byte where it was."""
    for written, _ in _escapes(dialect):
        if written in data:
            data = data.replace(written, b" " * len(written))
    return data
