"""The one schema of a trade on its way from a file to the table, and of a line that could not become one."""

from typing import Any

import pyarrow as pa

NEW, CORRECT, CANCEL = 0, 1, 2

# Prices, quantities and versions stay text from file to PostgreSQL, so that no digit is lost (promise 7).
_STAGED: "list[pa.Field[Any]]" = [
    pa.field("line", pa.int64(), nullable=False),  # physical line within the split, from 1
    pa.field("action", pa.int8(), nullable=False),  # NEW, CORRECT or CANCEL
    pa.field("trade_id", pa.string()),  # null where content is the identity
    pa.field("symbol", pa.string()),
    pa.field("venue", pa.string()),
    pa.field("trade_date", pa.date32()),  # the session's date in the profile's zone
    pa.field("event_us", pa.int64()),  # microseconds since 1970-01-01 UTC
    pa.field("event_nanos", pa.int16()),  # what is below the microsecond, 0 to 999
    pa.field("side", pa.string()),  # "buy", "sell" or null
    pa.field("price", pa.string()),
    pa.field("quantity", pa.string()),
    pa.field("currency", pa.string()),
    pa.field("account", pa.string()),
    pa.field("version", pa.string()),  # numeric text; a higher one is a newer state of the trade
    pa.field("attributes", pa.string()),  # a JSON object of the columns kept without a name of their own
]
STAGED = pa.schema(_STAGED)

_REJECTS: "list[pa.Field[Any]]" = [
    pa.field("line", pa.int64(), nullable=False),
    pa.field("column", pa.string()),
    pa.field("reason", pa.string(), nullable=False),
    pa.field("raw", pa.string(), nullable=False),
    pa.field("raw_escaped", pa.bool_(), nullable=False),  # raw holds backslash escapes: NUL or invalid UTF-8
]
REJECTS = pa.schema(_REJECTS)
