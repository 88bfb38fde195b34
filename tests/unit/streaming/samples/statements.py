"""Statements and tapes in the manner of brokers, exchanges and tick vendors for which there is no layout."""

from tests.unit.streaming.samples.unknown import Unknown

STATEMENTS = [
    Unknown(
        "quoted fields that hold another delimiter, an account's activity",
        "U7654321_20260317.csv",
        '"ClientAccountID","CurrencyPrimary","Symbol","TradeID","DateTime","Exchange","Quantity","TradePrice","Buy/Sell"\n'
        '"U7654321","USD","AAPL","6123456781","20260317;093000","NASDAQ","100","189.50","BUY"\n'
        '"U7654321","USD","MSFT","6123456799","20260317;100501","NASDAQ","-50","402.10","SELL"\n',
        [
            ("2026-03-17T09:30:00.000000000", "AAPL", "buy", "189.50", "100", "6123456781"),
            ("2026-03-17T10:05:01.000000000", "MSFT", "sell", "402.10", "50", "6123456799"),
        ],
        asked=("which zone",),
        venue="NASDAQ",
    ),
    Unknown(
        "a delimiter of two characters within the ids",
        "activities.csv",
        "activity,id,left,price,qty,side,symbol,transaction_time,kind\n"
        "FILL,20260317093000123::abc,0,189.5,100,buy,AAPL,2026-03-17T13:30:00.123456Z,fill\n"
        "FILL,20260317093001123::abd,0,402.1,5,sell_short,MSFT,2026-03-17T13:30:01.123Z,fill\n",
        [
            ("2026-03-17T13:30:00.123456000", "AAPL", "buy", "189.5", "100", "20260317093000123::abc"),
            ("2026-03-17T13:30:01.123000000", "MSFT", "sell", "402.1", "5", "20260317093001123::abd"),
        ],
    ),
    Unknown(
        "month names with a point, units behind the numbers",
        "market.csv",
        'Type,Datetime,Account,Amount,Value,Rate,Fee,Sub Type\nMarket,"Jan. 31, 2025, 10:00 AM",Main,0.50000000 BTC,'
        '50500.25 USD,101000.50 USD,10.00 USD,Buy\nMarket,"Jan. 31, 2025, 11:00 PM",Main,0.25000000 BTC,25250.00 USD,'
        "101000.00 USD,10.00 USD,Sell\n",
        [
            ("2025-01-31T10:00:00.000000000", "UNKNOWN", "buy", "101000.50", "0.50000000", None),
            ("2025-01-31T23:00:00.000000000", "UNKNOWN", "sell", "101000.00", "0.25000000", None),
        ],
        asked=("tells the symbol", '"Rate" the price', '"Amount" the quantity'),
    ),
    Unknown(
        "whole names of months",
        "diary.csv",
        "When,Ticker,B/S,Shares,Price\nMarch 17 2026 9:30 AM,IBM,B,10,250.1\nMarch 9 2026 1:30 PM,IBM,S,4,251\n",
        [
            ("2026-03-17T09:30:00.000000000", "IBM", "buy", "250.1", "10", None),
            ("2026-03-09T13:30:00.000000000", "IBM", "sell", "251", "4", None),
        ],
        asked=("which zone",),
    ),
    Unknown(
        "blanks around every field",
        "blotter.csv",
        "Trade # , Trade Date , Time , Sym , B/S , Lots , Price \n"
        " 71 , 17-MAR-26 , 9:30:00 AM , CLK6 , B , 10 , 71.25 \n"
        " 72 , 17-MAR-26 , 1:30:00 PM , CLK6 , S , 5 , 71.30 \n",
        [
            ("2026-03-17T09:30:00.000000000", "CLK6", "buy", "71.25", "10", "71"),
            ("2026-03-17T13:30:00.000000000", "CLK6", "sell", "71.30", "5", "72"),
        ],
        asked=("which zone",),
    ),
    Unknown(
        "lines that are no trades among fields with blanks",
        "padded.csv",
        "Date, Type, Symbol, Shares, Price\n2026-03-17 10:00:00, Buy, IBM, 10, 250.10\n"
        "2026-03-17 11:00:00, Dividend, IBM, , \n2026-03-17 12:00:00, Sell, IBM, 4, 251.00\n",
        [
            ("2026-03-17T10:00:00.000000000", "IBM", "buy", "250.10", "10", None),
            ("2026-03-17T12:00:00.000000000", "IBM", "sell", "251.00", "4", None),
        ],
        asked=("are such lines no trades",),
        ignored=1,
    ),
    Unknown(
        "few records between a title and disclaimers, the side within a sentence",
        "History.csv",
        "\n\nBrokerage\n\nRun Date,Action,Symbol,Type,Quantity,Price ($),Fees ($),Amount ($),Settlement Date\n"
        "03/17/2026,YOU BOUGHT APPLE INC (AAPL) (Cash),AAPL,Cash,100,189.5,0,-18950,03/18/2026\n"
        "03/16/2026,YOU SOLD MICROSOFT (MSFT) (Cash),MSFT,Cash,-50,402.1,0.02,20104.98,03/17/2026\n\n\n"
        '"The data and information in this spreadsheet is provided to you solely for your use"\n'
        '"Date downloaded 03/18/2026 9:01 am"\n',
        [
            ("2026-03-17T00:00:00.000000000", "AAPL", "buy", "189.5", "100", None),
            ("2026-03-16T00:00:00.000000000", "MSFT", "sell", "402.1", "50", None),
        ],
        asked=("end with such lines", "really in no column"),
    ),
    Unknown(
        "quoted fields over several lines under a header",
        "activity.csv",
        '"Activity Date","Instrument","Description","Trans Code","Quantity","Price","Amount"\n'
        '"3/17/2026","AAPL","Apple\nCUSIP: 037833100","Buy","10","$189.50","($1,895.00)"\n'
        '"3/16/2026","MSFT","Microsoft\nCUSIP: 594918104","Sell","5","$402.10","$2,010.50"\n'
        '"3/15/2026","AAPL","Cash Div: R/D 2026","CDIV","","","$2.40"\n',
        [
            ("2026-03-17T00:00:00.000000000", "AAPL", "buy", "189.50", "10", None),
            ("2026-03-16T00:00:00.000000000", "MSFT", "sell", "402.10", "5", None),
        ],
        asked=("are such lines no trades", "really in no column"),
        ignored=1,
    ),
    Unknown(
        "ticks with bid and ask beside the price, no header",
        "IBM.txt",
        "03/17/2026,09:30:00,250.10,250.09,250.11,100\n03/17/2026,09:30:01,250.12,250.10,250.13,300\n"
        "03/17/2026,09:30:02,250.11,250.10,250.13,25\n",
        [
            ("2026-03-17T09:30:00.000000000", "IBM", None, "250.10", "100", None),
            ("2026-03-17T09:30:01.000000000", "IBM", None, "250.12", "300", None),
            ("2026-03-17T09:30:02.000000000", "IBM", None, "250.11", "25", None),
        ],
        asked=("the other one the quantity",),
    ),
    Unknown(
        "hour and minute in four digits, no header",
        "ticks.txt",
        "20260317 0930 5100.25 T 3\n20260317 0930 5100.50 T 1\n20260317 0931 5100.25 T 7\n",
        [
            ("2026-03-17T09:30:00.000000000", "UNKNOWN", None, "5100.25", "3", None),
            ("2026-03-17T09:30:00.000000000", "UNKNOWN", None, "5100.50", "1", None),
            ("2026-03-17T09:31:00.000000000", "UNKNOWN", None, "5100.25", "7", None),
        ],
        asked=("the other one the quantity", "which zone"),
    ),
    Unknown(
        "parts of a second behind a blank, no header",
        "ES.Last.txt",
        "20260317 093000 1230000;5100.25;5100.25;5100.5;3\n20260317 093000 4560000;5100.5;5100.25;5100.5;1\n",
        [
            ("2026-03-17T09:30:00.123000000", "ES", None, "5100.25", "3", None),
            ("2026-03-17T09:30:00.456000000", "ES", None, "5100.5", "1", None),
        ],
        asked=("is it ES of the file's name",),
    ),
    Unknown(
        "the price times the quantity under a name of the quantity's",
        "spot_fills.csv",
        "UID,Symbol,Side,Avg. Filled Price,Filled Amount,Filled Volume,Filled Time(UTC+00:00),Fee,Fee Currency\n"
        "**34,BTC-USDT,BUY,101000.5,0.002,202.001,2025-01-31 10:00:01,0.2,USDT\n"
        "**34,ETH-USDT,SELL,3000.1,0.5,1500.05,2025-01-31 10:00:05,1.5,USDT\n",
        [
            ("2025-01-31T10:00:01.000000000", "BTC-USDT", "buy", "101000.5", "0.002", None),
            ("2025-01-31T10:00:05.000000000", "ETH-USDT", "sell", "3000.1", "0.5", None),
        ],
    ),
    Unknown(
        "a pair in the name, a side of numbers that cannot be told",
        "BTC_USDT-202501.csv",
        "1735689600.1234,7300001,101000.5,0.01,1\n1735689601.5000,7300002,101001.5,0.2,2\n"
        "1735689603.25,7300003,101000.0,0.5,2\n1735689604.0,7300004,101000.1,0.25,1\n",
        [
            ("2025-01-01T00:00:00.123400000", "BTC_USDT", None, "101000.5", "0.01", "7300001"),
            ("2025-01-01T00:00:01.500000000", "BTC_USDT", None, "101001.5", "0.2", "7300002"),
            ("2025-01-01T00:00:03.250000000", "BTC_USDT", None, "101000.0", "0.5", "7300003"),
            ("2025-01-01T00:00:04.000000000", "BTC_USDT", None, "101000.1", "0.25", "7300004"),
        ],
        asked=("is it column_5 (1, 2)",),
    ),
    Unknown(
        "a state that may cancel",
        "tape.csv",
        "CUSIP|Trade Date|Execution Time|Price|Reported Quantity|Side|Trade Status\n"
        "912828ZT0|20260317|09:30:00|99.5000|1000000|B|T\n912828ZT0|20260317|09:31:00|99.5050|500000|S|X\n",
        [
            ("2026-03-17T09:30:00.000000000", "912828ZT0", "buy", "99.5000", "1000000", None),
            ("2026-03-17T09:31:00.000000000", "912828ZT0", "sell", "99.5050", "500000", None),
        ],
        asked=('"Trade Status" holds T, X',),
    ),
    Unknown(
        "Italian letters for the sides",
        "movimenti.csv",
        "Data operazione;Ora;ISIN;Segno;Quantità;Prezzo;Divisa\n17/03/2026;09:00:01;IT0003132476;A;1.000;14,25;EUR\n"
        "17/03/2026;09:05:00;IT0003128367;V;500;6,1050;EUR\n",
        [
            ("2026-03-17T09:00:01.000000000", "IT0003132476", "buy", "14.25", "1000", None),
            ("2026-03-17T09:05:00.000000000", "IT0003128367", "sell", "6.1050", "500", None),
        ],
        asked=("which of A, V is a buy", "thousands sign"),
        encoding="latin-1",
    ),
    Unknown(
        "Swedish words, whole days",
        "transaktioner.csv",
        "Id\tAffärsdag\tTransaktionstyp\tISIN\tAntal\tKurs\tValuta\n1001\t2026-03-17\tKÖPT\tSE0000115446\t10\t251,30\tSEK\n"
        "1002\t2026-03-17\tSÅLT\tSE0000108656\t5\t61,5\tSEK\n",
        [
            ("2026-03-17T00:00:00.000000000", "SE0000115446", "buy", "251.30", "10", "1001"),
            ("2026-03-17T00:00:00.000000000", "SE0000108656", "sell", "61.5", "5", "1002"),
        ],
        asked=("is a buy",),
        encoding="utf-16",
    ),
    Unknown(
        "Korean names, units that stand against the numbers",
        "history.csv",
        '체결시간,마켓,종류,거래수량,거래단가\n2025.01.31 10:00:00,KRW,매수,0.001BTC,"150,000,000KRW"\n'
        '2025.01.31 11:00:00,KRW,매도,0.002BTC,"150,100,000KRW"\n',
        [
            ("2025-01-31T10:00:00.000000000", "UNKNOWN", "buy", "150000000", "0.001", None),
            ("2025-01-31T11:00:00.000000000", "UNKNOWN", "sell", "150100000", "0.002", None),
        ],
        asked=("the other one the quantity", "is a buy"),
    ),
]
