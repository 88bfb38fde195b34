"""Files of vendors that no layout is made for, written by hand, and what a proposal must read out of them."""

from dataclasses import dataclass

Trade = tuple[str, str, str | None, str, str, str | None]


@dataclass(frozen=True)
class Unknown:
    """`trades` are (event time in UTC, symbol, side, price, quantity, id); `asked` are parts of expected questions."""

    what: str
    name: str
    text: str
    trades: list[Trade]
    asked: tuple[str, ...] = ()
    encoding: str = "utf-8"
    venue: str = "UNKNOWN"
    ignored: int = 0


UNKNOWN = [
    Unknown(
        "a plain file with ISO times",
        "acme-2026-03-02.csv",
        "TradeID,Timestamp,Ticker,Exchange,Side,Price,Quantity,Currency\n"
        "A1,2026-03-02T09:30:00.123456Z,AAPL,XNAS,Buy,189.50,100,USD\n"
        "A2,2026-03-02T09:30:01Z,MSFT,XNAS,Sell,402.1,5,USD\n",
        [
            ("2026-03-02T09:30:00.123456000", "AAPL", "buy", "189.50", "100", "A1"),
            ("2026-03-02T09:30:01.000000000", "MSFT", "sell", "402.1", "5", "A2"),
        ],
        venue="XNAS",
    ),
    Unknown(
        "semicolons, decimal commas, German names, day and time apart, a preamble",
        "umsaetze.csv",
        "Depotauszug;;\nKunde: 4711;;\n\n"
        "Datum;Uhrzeit;ISIN;Kauf/Verkauf;Menge;Kurs;Währung;Handelsplatz\n"
        "17.03.2026;09:00:01;DE0007164600;Kauf;1.250;98,75;EUR;XETR\n"
        "17.03.2026;09:00:02;DE0007164600;Verkauf;10;1.098,70;EUR;XETR\n",
        [
            ("2026-03-17T09:00:01.000000000", "DE0007164600", "buy", "98.75", "1250", None),
            ("2026-03-17T09:00:02.000000000", "DE0007164600", "sell", "1098.70", "10", None),
        ],
        asked=("which zone", "thousands sign"),
        encoding="cp1252",
        venue="XETR",
    ),
    Unknown(
        "tabs, epoch milliseconds, symbol in the name",
        "ETHUSDT_2025-05-19.tsv",
        "tid\tts\tprice\tqty\tside\n77001\t1747612800074\t2450.5\t0.25\tB\n77002\t1747612800150\t2450.7\t1\tS\n",
        [
            ("2025-05-19T00:00:00.074000000", "ETHUSDT", "buy", "2450.5", "0.25", "77001"),
            ("2025-05-19T00:00:00.150000000", "ETHUSDT", "sell", "2450.7", "1", "77002"),
        ],
        asked=("ETHUSDT of the file's name",),
    ),
    Unknown(
        "no header, pipes, epoch seconds",
        "feed.txt",
        "1747612800|BTC-USD|101000.5|0.25|buy\n1747612801|BTC-USD|101000.7|3|sell\n1747612803|BTC-USD|101001|0.001|sell\n",
        [
            ("2025-05-19T00:00:00.000000000", "BTC-USD", "buy", "101000.5", "0.25", None),
            ("2025-05-19T00:00:01.000000000", "BTC-USD", "sell", "101000.7", "3", None),
            ("2025-05-19T00:00:03.000000000", "BTC-USD", "sell", "101001", "0.001", None),
        ],
        asked=("contents only: is it the price",),
    ),
    Unknown(
        "American days with AM and PM, signed quantities, thousands signs",
        "fills.csv",
        '"Exec ID","Date/Time","Symbol","Quantity","Price"\n'
        '"e-1","03/17/2026 09:30:00 AM","IBM","1,200","1,250.25"\n'
        '"e-2","03/17/2026 01:05:09 PM","IBM","-300","250.5"\n',
        [
            ("2026-03-17T09:30:00.000000000", "IBM", "buy", "1250.25", "1200", "e-1"),
            ("2026-03-17T13:05:09.000000000", "IBM", "sell", "250.5", "300", "e-2"),
        ],
        asked=("which zone", "below zero"),
    ),
    Unknown(
        "days whose order is open",
        "ledger.csv",
        "Ref,Trade Date,Stock,B/S,Shares,Px\nr1,03/04/2026 10:00,VOD,B,100,0.71\nr2,03/04/2026 10:05,VOD,S,50,0.72\n",
        [],
        asked=("day and month cannot be told apart",),
    ),
    Unknown(
        "HHMMSS with milliseconds and the day in a column of its own",
        "prints.csv",
        "DATE,TIME,SYM,PX,VOL\n20260317,093000123,ES,5100.25,2\n20260317,093001456,ES,5100.5,1\n",
        [
            ("2026-03-17T09:30:00.123000000", "ES", None, "5100.25", "2", None),
            ("2026-03-17T09:30:01.456000000", "ES", None, "5100.5", "1", None),
        ],
        asked=("which zone", "quantity traded"),
    ),
    Unknown(
        "a time of day only, the day in the name",
        "VOD_20260317.csv",
        "time,price,size\n08:00:00.5,71.2,100\n08:00:01,71.3,200\n",
        [
            ("2026-03-17T08:00:00.500000000", "VOD", None, "71.2", "100", None),
            ("2026-03-17T08:00:01.000000000", "VOD", None, "71.3", "200", None),
        ],
        asked=("which zone", "VOD of the file's name"),
    ),
    Unknown(
        "comments, a delimiter of two characters, a trailer with its count",
        "blocks.txt",
        "# made 2026-03-18\n# by hand\nid||executed at||instrument||direction||qty||price\n"
        "9001||2026-03-17 10:00:00+0100||FDAX||BUY||1||18000.5\n9002||2026-03-17 10:00:01+0100||FDAX||SELL||2||18001\n"
        "END||2\n",
        [
            ("2026-03-17T09:00:00.000000000", "FDAX", "buy", "18000.5", "1", "9001"),
            ("2026-03-17T09:00:01.000000000", "FDAX", "sell", "18001", "2", "9002"),
        ],
        asked=("end with such a line",),
    ),
    Unknown(
        "month names, currency signs, lines that are no trades",
        "account.csv",
        "Date,Type,Symbol,Shares,Price\n17-Mar-2026 10:00:00,Buy,IBM,10,$250.10\n"
        "17-Mar-2026 11:00:00,Dividend,IBM,,\n17-Mar-2026 12:00:00,Sell,IBM,4,$251.00\n",
        [
            ("2026-03-17T10:00:00.000000000", "IBM", "buy", "250.10", "10", None),
            ("2026-03-17T12:00:00.000000000", "IBM", "sell", "251.00", "4", None),
        ],
        asked=("are such lines no trades",),
        ignored=1,
    ),
    Unknown(
        "UTF-16, the maker's flag",
        "SOLUSD-2025-05-19.csv",
        "trade_id,price,qty,quote_volume,timestamp,buyer_maker\n55,150.5,2,301,1747612800074000,true\n"
        "56,150.25,4,601,1747612800150000,false\n",
        [
            ("2025-05-19T00:00:00.074000000", "SOLUSD", "sell", "150.5", "2", "55"),
            ("2025-05-19T00:00:00.150000000", "SOLUSD", "buy", "150.25", "4", "56"),
        ],
        encoding="utf-16",
    ),
    Unknown(
        "no header, milliseconds since midnight, the day in the name",
        "20260317_prints_IBM.csv",
        "34200000,250.1,100\n34200250,250.2,3\n57599999,251.3,20\n",
        [
            ("2026-03-17T09:30:00.000000000", "IBM", None, "250.1", "100", None),
            ("2026-03-17T09:30:00.250000000", "IBM", None, "250.2", "3", None),
            ("2026-03-17T15:59:59.999000000", "IBM", None, "251.3", "20", None),
        ],
        asked=("ms since midnight", "which zone"),
    ),
    Unknown(
        "events that correct and cancel",
        "events.csv",
        "exec_id,event,executed_at,instrument,mic,side,last_px,last_qty,account\n"
        "x1,NEW,2026-03-17T10:00:00Z,SAP,XETR,1,98.7,10,A\nx2,NEW,2026-03-17T10:00:01Z,SAP,XETR,2,98.8,5,A\n"
        "x1,CANCEL,2026-03-17T10:05:00Z,SAP,XETR,1,98.7,10,A\n",
        [],
        asked=("what these texts do", "is a buy"),
        venue="XETR",
    ),
]
