"""Regular expressions in a profile: Python runs those over single lines and names, RE2 those over whole columns."""

import re
from typing import Annotated

import pyarrow as pa
from pydantic import AfterValidator

from streaming.kernels import pc


def regular(pattern: str) -> str:
    """The pattern, if it is a regular expression; ValueError otherwise."""
    try:
        re.compile(pattern)
    except re.error as error:
        raise ValueError(f"not a regular expression: {error}") from error
    return pattern


def searchable(pattern: str) -> str:
    """The pattern, if RE2, which runs it over whole columns, can take it too; ValueError otherwise."""
    try:
        pc.match_substring_regex(pa.array([""], pa.string()), regular(pattern))  # of none, it looks at no pattern
    except pa.ArrowInvalid as error:
        raise ValueError(
            f"not a regular expression that whole columns can be searched for (it may not look around or back): {error}"
        ) from error
    return pattern


Pattern = Annotated[str, AfterValidator(regular)]
ColumnPattern = Annotated[str, AfterValidator(searchable)]
