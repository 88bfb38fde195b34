"""Stocks, futures and currencies: exchanges' own files and the vendors of ticks."""

from tests.unit.streaming.samples.sample import Sample

DATABENTO = "ts_recv,ts_event,rtype,publisher_id,instrument_id,action,side,depth,price,size,flags,ts_in_delta,sequence"
LOBSTER = "34200.004241176,1,16113575,18,5853300,1\n34200.025,4,16120456,18,5859100,-1\n"
LOBSTER += (
    "34200.1,5,0,7,5859050,1\n34200.2,6,-1,100,5859000,-1\n34200.3,7,0,0,-1,-1\n34200.4,3,16113575,18,5853300,1\n"
)
LOBSTER_IGNORED = {"order message": 2, "auction cross": 1, "trading halt": 1}

MARKETS = [
    Sample(
        "databento-trades",
        "file:///in/glbx-mdp3-20250908.trades.csv",
        f"{DATABENTO},symbol\n"
        "2025-09-08T00:00:00.005301633Z,2025-09-08T00:00:00.004194717Z,0,1,14160,T,B,0,6505.000000000,2,0,13730,245991,ESU5\n",
        [("2025-09-08T00:00:00.004194717", "ESU5", "1", "buy", "6505", "2", None)],
    ),
    Sample(
        "databento-trades-raw",
        "file:///in/glbx-mdp3-20201228.trades.csv",
        f"{DATABENTO}\n"
        "1609160400099150057,1609160400098821953,0,1,5482,T,A,0,3720250000000,5,129,19251,1170380\n"
        "1609160400099150058,1609160400098821954,0,1,5482,T,N,0,9223372036854775807,1,129,19251,1170381\n"
        "1609160400099150059,1609160400098821955,0,1,5482,T,N,0,-250000001,1,129,19251,1170382\n",
        [
            ("2020-12-28T13:00:00.098821953", "5482", "1", "sell", "3720.25", "5", None),
            ("2020-12-28T13:00:00.098821955", "5482", "1", None, "-0.250000001", "1", None),
        ],
        ignored={"undefined price": 1},
    ),
    Sample(
        "nyse-daily-taq-trades",
        "file:///in/EQY_US_ALL_TRADE_20161024.gz",
        "Time|Exchange|Symbol|Sale Condition|Trade Volume|Trade Price|Trade Stop Stock Indicator|"
        "Trade Correction Indicator|Sequence Number|Trade Id|Source of Trade|Trade Reporting Facility|"
        "Participant Timestamp|Trade Reporting Facility TRF Timestamp|Trade Through Exempt Indicator\n"
        "093000417837000|Z|A|@|300|45.88|N|00|1231||C||093000417230000||0\n"
        "093001004985123|N|BRK A| O  |17|216001.5|N|01|1329||C||093001003301000||0\n"
        "093001004985124|N|A| O  |17|45.9|N|08|1330||C||093001003301000||0\n"
        "093101004985124|N|A| O  |17|45.9|N|10|1331||C||093001003301000||0\n"
        "END|20161024|4|||||||||||||\n",
        [
            ("2016-10-24T13:30:00.417837000", "A", "Z", None, "45.88", "300", "1231"),
            ("2016-10-24T13:30:01.004985123", "BRK A", "N", None, "216001.5", "17", "1329"),
        ],
        ignored={
            "trade that was later marked as an error or cancelled": 1,
            "record of a cancellation, error or correction": 1,
        },
        currency="USD",
    ),
    Sample(
        "lobster-messages-2014",
        "file:///in/AAPL_2012-06-21_34200000_57600000_message_10.csv",
        LOBSTER,
        [
            ("2012-06-21T13:30:00.025000000", "AAPL", "NASDAQ", "buy", "585.91", "18", None),
            ("2012-06-21T13:30:00.100000000", "AAPL", "NASDAQ", "sell", "585.905", "7", None),
        ],
        ignored=LOBSTER_IGNORED,
        currency="USD",
    ),
    Sample(
        "lobster-messages",
        "file:///in/AAPL_2015-01-05_34200000_57600000_message_10.csv",
        LOBSTER,
        [
            ("2015-01-05T14:30:00.025000000", "AAPL", "NASDAQ", "buy", "585.91", "18", None),
            ("2015-01-05T14:30:00.100000000", "AAPL", "NASDAQ", None, "585.905", "7", None),
        ],
        ignored=LOBSTER_IGNORED,
        currency="USD",
    ),
    Sample(
        "lean-equity-ticks",
        "file:///data/equity/usa/tick/bac/20131008_trade.zip!20131008_bac_Trade_Tick.csv",
        "14400009.367,137450,100,D,1,0\n14400009.367,137450,100,D,1,0\n14400688,491800,300,P,2000,1\n",
        [
            ("2013-10-08T08:00:00.009367000", "BAC", "D", None, "13.745", "100", None),
            ("2013-10-08T08:00:00.009367000", "BAC", "D", None, "13.745", "100", None),
            ("2013-10-08T08:00:00.688000000", "BAC", "P", None, "49.18", "300", None),
        ],
        currency="USD",
    ),
    Sample(
        "lean-future-ticks",
        "file:///data/future/cme/tick/es/20131007_trade.zip!20131007_es_tick_trade_201312.csv",
        "939243,1402.01,203,usa,,0\n",
        [("2013-10-07T00:15:39.243000000", "ES_TICK_TRADE_201312", "CME", None, "1402.01", "203", None)],
    ),
    Sample(
        "massive-stocks-trades",
        "file:///in/us_stocks_sip/trades_v1/2026/02/2026-02-11.csv.gz",
        "ticker,conditions,correction,exchange,id,participant_timestamp,price,sequence_number,sip_timestamp,size,tape,"
        "trf_id,trf_timestamp\n"
        "A,12,0,8,52983525035849,1770810300032981000,129.79,6876,1770810300033243132,100,1,0,0\n"
        'A,"12,37",1,4,71675222901845,1770810300032981001,157.350000,3372,1770810300831008119,0.001500,1,202,1\n'
        "A,,12,4,71675222901845,1770810300032981001,157.300000,3372,1770810300831008119,0.001500,1,202,1\n"
        "A,,8,4,71675222901846,1770810300032981001,157.300000,3373,1770810300831008119,10,1,202,1\n",
        [
            ("2026-02-11T11:45:00.032981000", "A", "8", None, "129.79", "100", "52983525035849|0"),
            ("2026-02-11T11:45:00.032981001", "A", "4", None, "157.35", "0.0015", "71675222901845|202"),
        ],
        ignored={
            "trade that was later marked as an error or cancelled": 1,
            "record of a cancellation, error or correction": 1,
        },
        currency="USD",
    ),
    Sample(
        "thetadata-stock-trades",
        "file:///in/spy.csv",
        "ms_of_day,sequence,ext_condition1,ext_condition2,ext_condition3,ext_condition4,condition,size,exchange,price,"
        "condition_flags,price_flags,volume_type,records_back,date\n"
        "57600000,10146941,32,255,255,255,0,560,1,474.95,0,1,0,0,20240116\n"
        "57600001,10146942,255,255,255,255,40,560,1,474.95,0,1,0,0,20240116\n",
        [("2024-01-16T21:00:00.000000000", "SPY", "1", None, "474.95", "560", None)],
        ignored={"cancelled trade": 1},
        values={"symbol": "SPY"},
        currency="USD",
    ),
    Sample(
        "xetra-pds-bars",
        "file:///in/2022-04-07/2022-04-07_BINS_XETR15.csv",
        "ISIN,Mnemonic,SecurityDesc,SecurityType,Currency,SecurityID,Date,Time,StartPrice,MaxPrice,MinPrice,EndPrice,"
        "TradedVolume,NumberOfTrades\n"
        'DK0060534915,NOVC,"NOVO-NORDISK NAM.B DK-,20",Common stock,EUR,2505141,2022-04-07,15:19,'
        "110.1,110.1,109.8,109.8,104,3\n",
        [],
        ignored={"*": 1},
    ),
    Sample(
        "lseg-tick-history",
        "file:///in/extraction.csv.gz",
        "#RIC,Domain,Date-Time,GMT Offset,Type,Price,Volume,Exch Time\n"
        "CARR.PA,Market Price,2016-09-29T07:00:11.663334842Z,+2,Trade,23.25,63,07:00:11.000000000\n"
        "CARR.PA,Market Price,2016-09-29T07:00:11.663334842Z,+2,Quote,,,07:00:11.000000000\n"
        "CARR.PA,Market Price,2016-09-29T07:00:12.663334842Z,+2,Correction,23.2,63,07:00:11.000000000\n",
        [("2016-09-29T07:00:11.663334842", "CARR.PA", "LSEG", None, "23.25", "63", None)],
        ignored={"quote": 1},
        rejected=[(4, "Type", "Correction")],
    ),
    Sample(
        "b3-trades",
        "file:///in/30-09-2026_NEGOCIOSAVISTA.txt",
        "DataReferencia;CodigoInstrumento;AcaoAtualizacao;PrecoNegocio;QuantidadeNegociada;HoraFechamento;"
        "CodigoIdentificadorNegocio;TipoSessaoPregao;DataNegocio;CodigoParticipanteComprador;CodigoParticipanteVendedor\n"
        "2026-09-30;WINV26;0;184700,000;10;090000001;10;1;2026-09-30;3;3\n"
        "2026-09-30;WINV26;2;184800,000;9;090200000;40;1;2026-09-30;3;3\n"
        "2026-09-30;DI1F28;1;12,175;1;090000003;10;1;2026-09-30;120;114\n",
        [
            ("2026-09-30T12:00:00.001000000", "WINV26", "B3", None, "184700", "10", "10"),
            ("2026-09-30T12:02:00.000000000", "WINV26", "B3", None, "184800", "9", "40"),
        ],
        rejected=[(4, "AcaoAtualizacao", '"1"')],
        currency="BRL",
        actions=(0, 2),
    ),
    Sample(
        "finam-ticks",
        "file:///in/SBER_170721_170721.txt",
        "<TICKER>,<PER>,<DATE>,<TIME>,<LAST>,<VOL>\nSBER,0,20170721,095935,163.990000000,10\n",
        [("2017-07-21T06:59:35.000000000", "SBER", "FINAM", None, "163.99", "10", None)],
    ),
    Sample(
        "histdata-ticks",
        "file:///in/DAT_ASCII_EURUSD_T_201202.csv",
        "20120201 000003660,1.306600,1.306770,0\n20120201 000003973,1.306580,1.306750,25\n",
        [],
        ignored={"*": 2},
    ),
    Sample(
        "truefx-ticks",
        "file:///in/EURUSD-2016-05.csv",
        "EUR/USD,20160502 00:00:00.959,1.14601,1.14605\n",
        [],
        ignored={"*": 1},
    ),
    Sample(
        "tcapy-trade-events",
        "file:///in/events.csv",
        "date,account_id,event_type,executed_notional,executed_price,id,notional_currency,side,ticker,venue\n"
        "2017-04-25 07:09:31.804000+00:00,account3,placement,0,0.0,e1,EUR,-1,EURUSD,venue4\n"
        "2017-04-25 08:09:33.765000+01:00,account3,trade,18517881,1.0879649446610604,e2,EUR,-1,EURUSD,venue3\n"
        "2017-04-25 07:10:00+00:00,account3,cancel/replace,0,0.0,e3,EUR,1,EURUSD,venue3\n"
        "2017-04-25 07:10:00+00:00,account3,amendment,0,0.0,e4,EUR,1,EURUSD,venue3\n",
        [("2017-04-25T07:09:33.765000000", "EURUSD", "venue3", "sell", "1.0879649446610604", "18517881", "e2")],
        ignored={"order placement": 1, "order cancel": 1},
        rejected=[(5, "event_type", "amendment")],
        currency="EUR",
        account="account3",
    ),
]
