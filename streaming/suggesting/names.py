"""The names that vendors give their columns, by the role they mean, the plainest first."""

from __future__ import annotations

import re
import unicodedata

#: Words of one name are blank-separated; what stands earlier is preferred.
NAMES: dict[str, tuple[str, ...]] = {
    "time": (
        "event time", "trade time", "execution time", "exec time", "executed at", "transaction time", "transact time",
        "trade timestamp", "trade date time", "trade datetime", "exchange time", "exchange timestamp",
        "participant timestamp", "ts event", "timestamp", "datetime", "date time", "date and time", "executed on",
        "created at", "created time", "time utc", "date utc", "time", "filled at", "fill time", "unixtime", "unix",
        "unix time", "epoch", "zeit", "uhrzeit", "zeitstempel", "handelszeit", "hora", "heure", "ora", "czas", "ts",
        "time ms", "ms of day", "trade date", "handelstag", "handelsdatum", "date", "datum", "fecha", "data", "day",
        "tag", "t", "dt",
    ),
    "price": (
        "trade price", "execution price", "exec price", "executed price", "fill price", "deal price", "last price",
        "price", "px", "last px", "lastpx", "avg price", "average price", "average fill price", "unit price",
        "price share", "price per share", "t price", "preis", "kurs", "precio", "prix", "prezzo", "preco", "prijs",
        "cena", "koers", "kurs per st", "ausfuhrungskurs", "traded price", "filled price", "avg filled price", "rate",
        "exchange rate", "last", "close", "p",
    ),
    "quantity": (
        "trade quantity", "executed quantity", "executed qty", "exec qty", "filled quantity", "filled qty",
        "fill qty", "last qty", "lastqty", "last shares", "quantity", "qty", "trade size", "size", "shares",
        "no of shares", "number of shares", "contracts", "lots", "units", "menge", "stueck", "stuck", "anzahl",
        "cantidad", "quantite", "quantita", "quantidade", "aantal", "ilosc", "antal", "antall", "traded quantity",
        "reported quantity", "filled amount", "trade volume", "volume", "vol",
        "base amount", "base volume", "amount", "filled", "executed", "nominal", "q", "v",
    ),
    "side": (
        "side", "trade side", "taker side", "aggressor side", "aggressor", "direction", "buy sell", "b s", "bs",
        "buy or sell", "buysell", "is buyer maker", "buyer maker", "maker side", "type", "trade type",
        "transaction type", "order type", "action", "richtung", "art", "kauf verkauf", "kv", "sens", "lado", "sentido",
        "kierunek", "segno", "verso", "transaktionstyp", "transaksjonstype", "trans code",
        "transaction code", "operation", "transaction", "s",
    ),
    "symbol": (
        "symbol", "ticker", "sym", "trading symbol", "instrument name", "instrument", "ticker symbol", "pair",
        "currency pair", "market pair", "trading pair", "product id", "product", "ric", "contract", "security",
        "mnemonic", "stock", "stock code", "code", "isin", "wkn", "cusip", "sedol", "figi", "instrument id", "asset",
        "coin", "papier", "wertpapier", "valor", "simbolo", "titre", "titulo", "ativo", "market",
    ),
    "venue": (
        "venue", "exchange", "mic", "exch", "trading venue", "execution venue", "last mkt", "lastmkt", "market",
        "marketplace", "boerse", "borse", "handelsplatz", "bolsa", "bourse", "beurs", "borsa", "place", "platform",
    ),
    "trade_id": (
        "trade id", "tradeid", "exec id", "execid", "execution id", "fill id", "match id", "trd match id", "deal id",
        "tid", "trade no", "trade number", "trade ref", "trade reference", "deal", "deal ticket", "transaction id",
        "transactionid", "txid", "tx id", "agg trade id", "id", "uuid", "guid", "uid", "reference", "ref",
        "reference number", "ticket", "sequence number", "seq", "sequence", "transaktions id", "referenz", "nr",
    ),
    "currency": (
        "currency", "ccy", "cur", "price currency", "trade currency", "currency price share", "instrument currency",
        "quote currency", "wahrung", "waehrung", "devise", "divisa", "moneda", "valuta", "moeda",
    ),
    "account": (
        "account", "account id", "acct", "account number", "portfolio", "client id", "client", "depot", "konto",
        "cuenta", "compte", "conta", "book",
    ),
    "action": (
        "event", "event type", "action", "status", "trade status", "exec type", "msg type", "message type",
        "record type", "type", "state", "operation",
    ),
    "version": ("version", "revision", "rev", "trade version"),
}  # fmt: skip
_NEVER = {
    "price": {"fee", "commission", "bid", "ask", "open", "high", "low", "strike", "limit", "stop", "currency", "flags",
              "indicator", "condition", "type", "prev", "mid", "vwap", "index", "mark", "id"},
    "quantity": {"quote", "fee", "remaining", "order", "currency", "total", "value", "bid", "ask", "usd", "eur",
                 "indicator", "type", "id", "unit", "net", "gross"},
    "time": {"zone", "settle", "settlement", "expiry", "expiration", "delta", "maturity", "order", "force", "frame",
             "local", "recv", "received", "valuta", "id", "number", "type"},
    "trade_id": {"order", "client", "account", "user", "instrument", "publisher", "parent"},
    "symbol": {"currency", "type", "desc", "description"},
    "side": {"amount", "price", "fee", "currency", "id"},
    "venue": {"rate", "order", "fee", "time", "id", "currency"},
    "currency": {"fee", "commission", "total", "result", "tax", "withholding", "conversion", "pair", "symbol"},
    "account": {"type", "currency", "oid", "order"},
    "action": {"order"},
    "version": set(),
}  # fmt: skip


def unaccented(text: str) -> str:
    """A text in ASCII: ä is a, ø is o, ß is ss."""
    for letter, plain_one in (("ß", "ss"), ("ø", "o"), ("Ø", "O")):
        text = text.replace(letter, plain_one)
    return unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()


def plain(name: str) -> str:
    """A name in small letters, its words apart, no accents or signs: `tradeTime (UTC)` is `trade time utc`,
    and `Trade #` is `trade no`."""
    text = unaccented(name)
    text = re.sub(r"(?<=\w)\s*#\s*$", " no", text)  # Trade #
    text = re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", text)
    return " ".join(re.findall(r"[a-z0-9]+", text.lower()))


def score(name: str, role: str) -> int:
    """How well a name says a role: 0 not at all, over 500 in so many words."""
    text = plain(name)
    known = NAMES[role]
    if text in known or text.replace(" ", "") in known:
        return 1000 - known.index(text if text in known else text.replace(" ", ""))
    words = text.split()
    if is_never(name, role):
        return 0
    found = [n for n, one in enumerate(known) if len(one) > 2 and f" {one} " in f" {text} "]
    return 400 - found[0] - 10 * len(words) if found else 0


def is_never(name: str, role: str) -> bool:
    """Whether the name says something else, as that of a fee does for the price."""
    words = plain(name).split()
    return bool({*words, *(word.removesuffix("s") for word in words)} & _NEVER[role])


def sure(points: int) -> bool:
    """Whether a score is that of a name that says its role in so many words."""
    return points > 500
