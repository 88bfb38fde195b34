"""Exchanges of crypto currencies, and the vendors that collect their trades."""

from tests.unit.streaming.samples.sample import Sample

CRYPTO = [
    Sample(
        "binance-spot-trades",
        "file:///in/BNBUSDT-trades-2024-12.zip!BNBUSDT-trades-2024-12.csv",
        "51175358,17.80180000,5.69000000,101.29224200,1735689599999,True,True\n"
        "51175359,17.80180000,0.10000000,1.78018000,1735689600010866,False,True\n",
        [
            ("2024-12-31T23:59:59.999000000", "BNBUSDT", "BINANCE", "sell", "17.8018", "5.69", "51175358"),
            ("2025-01-01T00:00:00.010866000", "BNBUSDT", "BINANCE", "buy", "17.8018", "0.1", "51175359"),
        ],
    ),
    Sample(
        "binance-spot-aggtrades",
        "file:///in/BNBUSDT-aggTrades-2025-02-03.csv",
        "0,0.20000000,50.00000000,0,0,1608872400000,False,True\n1,620.5,1.25,7,9,1738540800000123,True,True\n",
        [
            ("2020-12-25T05:00:00.000000000", "BNBUSDT", "BINANCE", "buy", "0.2", "50", "0"),
            ("2025-02-03T00:00:00.000123000", "BNBUSDT", "BINANCE", "sell", "620.5", "1.25", "1"),
        ],
    ),
    Sample(
        "binance-um-trades",
        "file:///in/SOLUSDT-trades-2026-01-01.csv",
        "id,price,qty,quote_qty,time,is_buyer_maker\n3047799741,124.58,3.22,401.1476,1767225601696,true\n",
        [("2026-01-01T00:00:01.696000000", "SOLUSDT", "BINANCE-UM", "sell", "124.58", "3.22", "3047799741")],
    ),
    Sample(
        "binance-um-trades-2022",
        "file:///in/BTCUSDT-trades-2020-08.csv",
        "173525189,11343.67,0.467,5297.49,1596240000519,true\n173525190,11343.2,1.428,16198.08,1596240000519,false\n",
        [
            ("2020-08-01T00:00:00.519000000", "BTCUSDT", "BINANCE-UM", "sell", "11343.67", "0.467", "173525189"),
            ("2020-08-01T00:00:00.519000000", "BTCUSDT", "BINANCE-UM", "buy", "11343.2", "1.428", "173525190"),
        ],
    ),
    Sample(
        "binance-um-aggtrades",
        "file:///in/BTCUSDT-aggTrades-2024-06-01.csv",
        "agg_trade_id,price,quantity,first_trade_id,last_trade_id,transact_time,is_buyer_maker\n"
        "1715206948,29223.0,0.639,3643221425,3643221428,1682899200101,false\n",
        [("2023-05-01T00:00:00.101000000", "BTCUSDT", "BINANCE-UM", "buy", "29223", "0.639", "1715206948")],
    ),
    Sample(
        "binance-um-aggtrades-2022",
        "file:///in/BTCUSDT-aggTrades-2021-05-13.csv",
        "481632751,49537.83,0.012,788471502,788471503,1620864000033,true\n",
        [("2021-05-13T00:00:00.033000000", "BTCUSDT", "BINANCE-UM", "sell", "49537.83", "0.012", "481632751")],
    ),
    Sample(
        "binance-cm-trades",
        "file:///in/BTCUSD_PERP-trades-2026-09-01.csv",
        "id,price,qty,base_qty,time,is_buyer_maker\n1151022504,78526.1,83.0,0.10569734,1788220802731,true\n",
        [("2026-09-01T00:00:02.731000000", "BTCUSD_PERP", "BINANCE-CM", "sell", "78526.1", "83", "1151022504")],
    ),
    Sample(
        "binance-cm-aggtrades",
        "file:///in/ETHUSD_250328-aggTrades-2024-10.csv",
        "agg_trade_id,price,quantity,first_trade_id,last_trade_id,transact_time,is_buyer_maker\n"
        "26129,2633.02,4,27781,27783,1727740800153,true\n",
        [("2024-10-01T00:00:00.153000000", "ETHUSD_250328", "BINANCE-CM", "sell", "2633.02", "4", "26129")],
    ),
    Sample(
        "bybit-derivatives",
        "file:///in/SOLUSDT2026-01-01.csv.gz",
        "timestamp,symbol,side,size,price,tickDirection,trdMatchID,grossValue,homeNotional,foreignNotional,RPI\n"
        "1767225600.6864,SOLUSDT,Buy,0.2,124.650,PlusTick,7df520b4-f4a1-5eb9-86c2-3ac7ebac1832,2.493e+09,0.2,24.93,0\n"
        "1767225601,SOLUSDT,Sell,1,124.6,MinusTick,9cf520b4-f4a1-5eb9-86c2-3ac7ebac1833,1.246e+10,1,124.6,0\n",
        [
            (
                "2026-01-01T00:00:00.686400000",
                "SOLUSDT",
                "BYBIT",
                "buy",
                "124.65",
                "0.2",
                "7df520b4-f4a1-5eb9-86c2-3ac7ebac1832",
            ),
            (
                "2026-01-01T00:00:01.000000000",
                "SOLUSDT",
                "BYBIT",
                "sell",
                "124.6",
                "1",
                "9cf520b4-f4a1-5eb9-86c2-3ac7ebac1833",
            ),
        ],
    ),
    Sample(
        "bybit-spot",
        "file:///in/BTCUSDT_2025-05-19.csv.gz",
        "id,timestamp,price,volume,side,rpi\n"
        "1,1747612800074,106453.8,0.003718,sell,0\n2,1747612800150,106456.9,0.0005,buy,0\n",
        [
            ("2025-05-19T00:00:00.074000000", "BTCUSDT", "BYBIT-SPOT", "sell", "106453.8", "0.003718", "1"),
            ("2025-05-19T00:00:00.150000000", "BTCUSDT", "BYBIT-SPOT", "buy", "106456.9", "0.0005", "2"),
        ],
    ),
    Sample(
        "okx-trades",
        "file:///in/BTC-USDT-trades-2025-06-01.zip!BTC-USDT-trades-2025-06-01.csv",
        "instrument_name,trade_id,side,price,size,created_time,source\n"
        "BTC-USDT,747835547,buy,104554.2,1.912e-05,1748707200531,0\n",
        [("2025-05-31T16:00:00.531000000", "BTC-USDT", "OKX", "buy", "104554.2", "0.00001912", "747835547")],
        day="2025-06-01",
    ),
    Sample(
        "okx-trades-2021",
        "file:///in/BTC-USDT-SWAP-trades-2022-03-01.csv",
        "trade_id/撮合id,side/交易方向,size/数量,price/价格,created_time/成交时间\n"
        "719977054,buy,12,43187.5,1646064000856\n719977057,sell,1,43187.4,1646064000857\n",
        [
            ("2022-02-28T16:00:00.856000000", "BTC-USDT-SWAP", "OKX", "buy", "43187.5", "12", "719977054"),
            ("2022-02-28T16:00:00.857000000", "BTC-USDT-SWAP", "OKX", "sell", "43187.4", "1", "719977057"),
        ],
        encoding="gbk",
        day="2022-03-01",
    ),
    Sample(
        "bitmex-trades",
        "file:///in/20181205.csv.gz",
        "timestamp,symbol,side,size,price,tickDirection,trdMatchID,grossValue,homeNotional,foreignNotional\n"
        "2018-12-05D00:00:25.948313000,ADAZ18,Sell,166774,9.54e-06,MinusTick,"
        "498350a3-8c03-affd-cf87-e6d8a90b70e5,159102396,166774,1.591024\n"
        "2018-12-05D00:01:00.000000000,.BXBT,Buy,0,3976.4,PlusTick,00000000-0000-0000-0000-000000000000,,,\n",
        [
            (
                "2018-12-05T00:00:25.948313000",
                "ADAZ18",
                "BITMEX",
                "sell",
                "0.00000954",
                "166774",
                "498350a3-8c03-affd-cf87-e6d8a90b70e5",
            )
        ],
        ignored={"index price": 1},
    ),
    Sample(
        "bitfinex-trades",
        "file:///in/trades.csv",
        "#,PAIR,AMOUNT,PRICE,FEE,FEE CURRENCY,DATE,ORDER ID\n"
        "411,BTC/USD,0.01048537,9212.82428,-0.00002097,BTC,04-02-20 16:52:06,1\n"
        "412,BTC/USD,-0.0095,9214.7,-0.1750793,USD,04-02-20 16:49:55,3\n"
        "413,BTC/USD,0.0,9214.7,-0.1,USD,04-02-20 16:49:55,3\n",
        [
            ("2020-02-04T16:52:06.000000000", "BTC/USD", "BITFINEX", "buy", "9212.82428", "0.01048537", "411"),
            ("2020-02-04T16:49:55.000000000", "BTC/USD", "BITFINEX", "sell", "9214.7", "0.0095", "412"),
        ],
        rejected=[(4, "AMOUNT", "0")],
    ),
    Sample(
        "coinbase-fills",
        "file:///in/fills.csv",
        "portfolio,trade id,product,side,created at,size,size unit,price,fee,total,price/fee/total unit\n"
        "default,598831,BCH-BTC,BUY,2018-11-11T15:40:26.086Z,0.01000000,BCH,0.08336,0,-0.0008336,BTC\n",
        [("2018-11-11T15:40:26.086000000", "BCH-BTC", "COINBASE", "buy", "0.08336", "0.01", "598831")],
        currency="BTC",
        account="default",
    ),
    Sample(
        "kraken-trades",
        "file:///in/trades.csv",
        '"txid","ordertxid","pair","time","type","ordertype","price","cost","fee","vol","margin","misc","ledgers"\n'
        '"TDNN5P-YWGRO-YF32BH","OS6ZQP-JLQZV-8QW9K2","XXBTZEUR","2024-03-19 19:43:31.6798","buy","limit",54054.0,'
        '100.00,0.18,0.00185,0.00000,"","LFTGXD-RWVPJ-J645GJ,LS4N2A-5DK5R-DRB7ZL"\n',
        [
            (
                "2024-03-19T19:43:31.679800000",
                "XXBTZEUR",
                "KRAKEN",
                "buy",
                "54054",
                "0.00185",
                "TDNN5P-YWGRO-YF32BH",
            )
        ],
    ),
    Sample(
        "kraken-history",
        "file:///in/Kraken_Trading_History/XBTUSD.csv",
        "1381095255,122.00000,0.10000000\n1381095255,122.00000,0.10000000\n",
        [("2013-10-06T21:34:15.000000000", "XBTUSD", "KRAKEN", None, "122", "0.1", None)] * 2,
    ),
    Sample(
        "bitcoincharts",
        "file:///in/bitstampUSD.csv",
        "1315922016,5.800000000000,1.000000000000\n1315922024,5.83,3\n",
        [
            ("2011-09-13T13:53:36.000000000", "bitstampUSD", "bitstamp", None, "5.8", "1", None),
            ("2011-09-13T13:53:44.000000000", "bitstampUSD", "bitstamp", None, "5.83", "3", None),
        ],
        currency="USD",
    ),
    Sample(
        "mtgox-trades",
        "file:///in/trades-usd-2013-01-01.csv",
        "id,price,amount,type\n1356998659486096,13.51001,36.87430786,ask\n1356998738639088,13.55999,11.68264135,bid\n",
        [
            (
                "2013-01-01T00:04:19.486096000",
                "BTCUSD",
                "MTGOX",
                "sell",
                "13.51001",
                "36.87430786",
                "1356998659486096",
            ),
            ("2013-01-01T00:05:38.639088000", "BTCUSD", "MTGOX", "buy", "13.55999", "11.68264135", "1356998738639088"),
        ],
        currency="USD",
    ),
    Sample(
        "tardis-trades",
        "file:///in/bitmex_trades_2020-03-01_XBTUSD.csv.gz",
        "exchange,symbol,timestamp,local_timestamp,id,side,price,amount\n"
        "bitmex,XBTUSD,1583020803145000,1583020803307160,ccc3c1fa-212c-e8b0-1706-9b9c4f3d5ecf,sell,8531.5,2152\n"
        "bitmex,XBTUSD,1583020804145000,1583020804307160,,unknown,8532.0,1500\n",
        [
            (
                "2020-03-01T00:00:03.145000000",
                "XBTUSD",
                "bitmex",
                "sell",
                "8531.5",
                "2152",
                "ccc3c1fa-212c-e8b0-1706-9b9c4f3d5ecf",
            )
        ],
        rejected=[(3, "id", "empty")],
    ),
    Sample(
        "tardis-trades-no-id",
        "file:///in/bitflyer_trades_2024-03-01_FX_BTC_JPY.csv.gz",
        "exchange,symbol,timestamp,local_timestamp,id,side,price,amount\n"
        "bitflyer,FX_BTC_JPY,1709251200000001,1709251200100000,,unknown,9200000,0.01\n",
        [("2024-03-01T00:00:00.000001000", "FX_BTC_JPY", "bitflyer", None, "9200000", "0.01", None)],
    ),
    Sample(
        "coinapi-trades",
        "file:///in/T-TRADES/D-20180901/E-BITMEX/IDDI-1+SC-BITMEX_PERP_BTC_USD+S-XBTUSD.csv.gz",
        "time_exchange;time_coinapi;guid;price;base_amount;taker_side\n"
        "2018-09-01T00:00:03.9320000;2018-09-01T00:00:05.3029459;5caec0c2-09f0-4232-8601-3e4e07521b73;7017;2000;SELL\n"
        "2018-09-01T00:00:04.0000001;2018-09-01T00:00:05;6caec0c2-09f0-4232-8601-3e4e07521b74;7017.5;1;BUY_ESTIMATED\n",
        [
            (
                "2018-09-01T00:00:03.932000000",
                "BITMEX_PERP_BTC_USD",
                "BITMEX",
                "sell",
                "7017",
                "2000",
                "5caec0c2-09f0-4232-8601-3e4e07521b73",
            ),
            (
                "2018-09-01T00:00:04.000000100",
                "BITMEX_PERP_BTC_USD",
                "BITMEX",
                None,
                "7017.5",
                "1",
                "6caec0c2-09f0-4232-8601-3e4e07521b74",
            ),
        ],
    ),
    Sample(
        "lean-crypto-ticks",
        "file:///data/crypto/coinbase/tick/btcusd/20180404_trade.zip!20180404_btcusd_tick_trade.csv",
        "86400,232.40,93.1\n86400.5,232.41,1\n",
        [
            ("2018-04-04T00:01:26.400000000", "BTCUSD", "COINBASE", None, "232.4", "93.1", None),
            ("2018-04-04T00:01:26.400500000", "BTCUSD", "COINBASE", None, "232.41", "1", None),
        ],
    ),
    Sample(
        "pionex-trades",
        "file:///in/pionex.csv",
        "Date,Received Quantity,Received Currency,Sent Quantity,Sent Currency,Fee Amount,Fee Currency,Tag\n"
        "2/27/2022 12:09,0.1,ETH,200,BUSD,0.00995,ETH,\n",
        [],
        ignored={"*": 1},
    ),
]
