"""In which encoding a text is, and its whole lines."""

from __future__ import annotations

import codecs
from dataclasses import dataclass

from streaming.errors import SuggestError

BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


@dataclass(frozen=True, slots=True)
class Decoded:
    """A text with LF line ends, its encoding, and its bytes; `question` where another encoding may be meant."""

    text: str
    encoding: str
    data: bytes
    question: str = ""


def decoded(data: bytes, whole: bool) -> Decoded:
    """The text's whole lines; raises SuggestError for what is no text."""
    encoding, question = _encoding(data)
    text = data.decode(encoding, "strict" if whole else "ignore").removeprefix("\ufeff")
    if "\0" in text:
        raise SuggestError("the file holds NUL bytes: it is no text, or in an encoding that cannot be told")
    lines = text if whole else _whole_lines(text)
    kept = data if whole else lines.encode(encoding)
    return Decoded(lines.replace("\r\n", "\n").replace("\r", "\n"), encoding, kept, question)


def _whole_lines(text: str) -> str:
    """Up to the last line end at which no quote is open."""
    mark = "\n" if "\n" in text else "\r"
    end = text.rfind(mark)
    while end > 0 and text.count('"', 0, end) % 2:
        end = text.rfind(mark, 0, end)
    return text[: end + 1] if end > 0 else text[: text.rfind(mark) + 1]


def _encoding(data: bytes) -> tuple[str, str]:
    for mark, name in BOMS:
        if data.startswith(mark):
            return name, ""
    if data[:200].count(b"\0") * 3 > len(data[:200]):
        return ("utf-16-be" if data[:1] == b"\0" else "utf-16-le"), ""
    try:
        codecs.getincrementaldecoder("utf-8")().decode(data)
        return "utf-8", ""
    except UnicodeDecodeError:
        return _one_byte(data)


def _one_byte(data: bytes) -> tuple[str, str]:
    for name in ("cp1252", "latin-1"):
        try:
            data.decode(name)
            return name, f"the text is not UTF-8; read as {name}, are all names and signs right?"
        except UnicodeDecodeError:
            continue
    raise SuggestError("the text is in no encoding that can be told")
