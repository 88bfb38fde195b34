"""Exports that brokers give their customers, and the plain layouts of one's own."""

from tests.unit.streaming.samples.sample import Sample

T212 = "Action,Time,ISIN,Ticker,Name,No. of shares,Price / share,Currency (Price / share),Exchange rate,"

BROKERS = [
    Sample(
        "schwab-transactions",
        "file:///in/Transactions.csv",
        '"Transactions  for account XXXX-1234 as of 08/12/2026"\n\n'
        '"Date","Action","Symbol","Description","Quantity","Price","Fees & Comm","Amount"\n'
        '"08/10/2026 as of 08/09/2026","Buy","AAPL","APPLE INC","1,010","$1,150.25","$0.00","-$1161752.50"\n'
        '"01/05/2026","Sell to Close","VRT 08/21/2026 230.00 P","PUT","-4","$9.45","$0.65","$1599.35"\n'
        '"08/01/2026","Qualified Dividend","AAPL","APPLE INC","","","","$2.40"\n'
        '"07/28/2026","MoneyLink Transfer","","FUNDS RECEIVED","","","","$5000.00"\n'
        '"07/28/2026","Expired","VRT 08/21/2026 230.00 P","PUT","2","","",""\n'
        '"07/27/2026","Barter","AAPL","APPLE INC","2","$1","",""\n'
        '"Transactions Total","","","","","","","$4,000.00"\n',
        [
            ("2026-08-09T04:00:00.000000000", "AAPL", "SCHWAB", "buy", "1150.25", "1010", None),
            ("2026-01-05T05:00:00.000000000", "VRT 08/21/2026 230.00 P", "SCHWAB", "sell", "9.45", "4", None),
        ],
        ignored={
            "dividend or interest": 1,
            "cash, fee, tax or transfer": 1,
            "corporate action, expiry or assignment": 1,
            "total": 1,
        },
        rejected=[(9, "Action", "Barter")],
        currency="USD",
    ),
    Sample(
        "trading212-2020",
        "file:///in/from_2020-09-11_to_2021-04-02.csv",
        f"{T212}Result (GBP),Total (GBP),Withholding tax,Currency (Withholding tax),Charge amount (GBP),"
        "Transaction fee (GBP),Finra fee,Currency (Finra fee),Notes,ID\n"
        'Deposit,2020-06-24 04:06:06,,,,,,,,,9000.00,,,9000.00,,,"Transaction ID: xxxxxxx",,123\n'
        'Limit buy,2020-11-27 14:30:11,US67066G1040,NVDA,"Nvidia",1.0000000000,535.00,USD,1.33413,,401.01,'
        ",,,,,GBP,,E1\n"
        'Dividend (Ordinary),2021-04-02 10:15:07,US67066G1040,NVDA,"Nvidia",1.0,0.14,USD,Not available,,0.10,'
        "0.02,USD,,,,GBP,,\n",
        [("2020-11-27T14:30:11.000000000", "NVDA", "TRADING212", "buy", "535", "1", "E1")],
        ignored={"cash movement": 1, "dividend": 1},
        currency="USD",
    ),
    Sample(
        "trading212-2024",
        "file:///in/from_2024-01-01_to_2024-12-31.csv",
        f"{T212}Result,Currency (Result),Total,Currency (Total),Notes,ID\n"
        'Limit sell,2024-04-29 13:20:03.075,US0000000002,FOO,"Foo Company",24.0000000000,164.01,USD,1.25229,-75.67,'
        '"GBP",3138.50,"GBP",,EOF999999099\n'
        'Interest on cash,2024-01-01 11:05:03.126,,,,,,,,,,0.04,"GBP","Interest on cash",ffff\n'
        "Barter,2024-01-01 11:05:03.126,,FOO,,1,1,GBP,,,,0.04,,,f2\n",
        [("2024-04-29T13:20:03.075000000", "FOO", "TRADING212", "sell", "164.01", "24", "EOF999999099")],
        ignored={"interest": 1},
        rejected=[(4, "Action", "Barter")],
        currency="USD",
    ),
    Sample(
        "trading212-2026",
        "file:///in/from_2026-01-01_to_2026-09-30.csv",
        "Action,Time (UTC),ISIN,Ticker,Name,Notes,ID,No. of shares,Price / share,Currency (Price / share),Total,"
        "Currency (Total)\n"
        'Market buy,2026-07-15 07:00:31+00:00,IE00BMC38736,SMGB,"VanEck Semiconductor (Acc)",,EOF1,1.0000000000,'
        '3500.0000000000,GBX,35.00,"GBP"\n',
        [("2026-07-15T07:00:31.000000000", "SMGB", "TRADING212", "buy", "3500", "1", "EOF1")],
        currency="GBX",
    ),
    Sample(
        "freetrade",
        "file:///in/activity-feed-export.csv",
        "Title,Type,Timestamp,Account Currency,Total Amount,Buy / Sell,Ticker,ISIN,Price per Share in Account Currency,"
        "Stamp Duty,Quantity,Venue,Order ID,Order Type,Instrument Currency,Total Shares Amount,Price per Share\n"
        "Tesla,ORDER,2022-02-01T15:14:23.014Z,GBP,5.59,BUY,TSLA,US88160R1014,678.77225238,0.00,0.00819126,Drivewealth,"
        "AMN762KCC2G3,MARKET,USD,7.50,915.61000000\n"
        'ThredUp,ORDER,2021-12-14T15:18:33.892Z,GBP,10.63,SELL,TDUP,US88556E1029,10.68,0.00,1.00000000,"New York Stock '
        'Exchange, Inc.",4E9L0RXWBMMP,MARKET,USD,14.14,14.14000000\n'
        "Top up,TOP_UP,2022-01-28T20:41:58.209Z,GBP,10000.00,,,,,,,,,,,,\n"
        "Nasdaq,DIVIDEND,2022-03-25T02:35:00.000Z,GBP,0.74,,NDAQ,US6311031081,,,2.12181972,,,,USD,,\n",
        [
            ("2022-02-01T15:14:23.014000000", "TSLA", "FREETRADE", "buy", "915.61", "0.00819126", "AMN762KCC2G3"),
            ("2021-12-14T15:18:33.892000000", "TDUP", "FREETRADE", "sell", "14.14", "1", "4E9L0RXWBMMP"),
        ],
        ignored={"cash movement": 1, "dividend or interest": 1},
        currency="USD",
    ),
    Sample(
        "hargreaves-lansdown",
        "file:///in/transaction-summary.csv",
        "Transaction Summary, , , ,\nClient Name:,Anonymous User, , ,\nClient Number:,1234567, , ,\n"
        "Valuation as at,09-08-2026 16:40, , ,\n\n"
        "Trade date,Settle date,Reference,Description,Unit cost (p),Quantity,Value (£),\n"
        '"04/04/2026","04/04/2026","MANAGE FEE","HL Fund & Share Account To A/C 01C0450818220","n/a","n/a","-4.05"\n'
        '"25/02/2026","27/02/2026","S302087055","Vanguard FTSE Developed World UCITS ETF 1000 @  4500.00","4,500.000",'
        '"1,000","44,988.05"\n'
        '"24/07/2026","26/07/2026","B302087054","Computacenter plc Ord 6 2/3p","603.27","167","-995.50"\n'
        '"24/01/2026","26/01/2026","XY1","Something else","603.27","167","-995.50"\n',
        [
            (
                "2026-02-25T00:00:00.000000000",
                "Vanguard FTSE Developed World UCITS ETF",
                "HL",
                "sell",
                "4500",
                "1000",
                "S302087055",
            ),
            (
                "2026-07-23T23:00:00.000000000",
                "Computacenter plc Ord 6 2/3p",
                "HL",
                "buy",
                "603.27",
                "167",
                "B302087054",
            ),
        ],
        ignored={"fee, interest or payment": 1},
        rejected=[(10, "Reference", "XY1")],
        encoding="cp1252",
        currency="GBX",
    ),
    Sample(
        "trade-events",
        "file:///in/events-2026-03-02_7.csv",
        "trade_id,version,event,event_time,symbol,venue,side,price,quantity,currency,account\n"
        "T1,1,new,2026-03-02T09:30:00.000000001Z,SAP,XETR,buy,98.7,10,EUR,A1\n"
        "T1,2,correct,2026-03-02T10:30:00+01:00,SAP,XETR,buy,98.6,10,EUR,A1\n"
        "T2,1,cancel,,SAP,XETR,,,,,\n"
        "T3,1,new,2026-03-02T10:30:00,SAP,XETR,buy,98.6,10,EUR,A1\n",
        [
            ("2026-03-02T09:30:00.000000001", "SAP", "XETR", "buy", "98.7", "10", "T1"),
            ("2026-03-02T09:30:00.000000000", "SAP", "XETR", "buy", "98.6", "10", "T1"),
            ("", "SAP", "XETR", None, "", "", "T2"),
        ],
        rejected=[(5, "event_time", "zone")],
        actions=(0, 1, 2),
        currency="EUR",
        account="A1",
    ),
]
