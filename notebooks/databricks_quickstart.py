# Databricks notebook source
# MAGIC %md
# MAGIC # Trade files of a volume into PostgreSQL
# MAGIC
# MAGIC Loads what lies in a volume of Unity Catalog and is not in the ledger yet; run it again, or on a schedule,
# MAGIC as often as you like. The cluster needs Tradewind as a library (without its extra `[spark]`: the platform
# MAGIC brings Spark), Python 3.11 or later, and a way to the PostgreSQL server from all of its nodes. The server's
# MAGIC address, with its password, comes from a secret by the cluster's environment:
# MAGIC `TRADEWIND_DATABASE_URL={{secrets/tradewind/database-url}}`. `docs/how-to/databricks.md` tells the rest.

# COMMAND ----------

dbutils.widgets.text("volume", "/Volumes/main/trades/in", "Volume with the files")
dbutils.widgets.text("profile", "binance-spot-trades", "Layout of the files")
dbutils.widgets.text("state", "/local_disk0/tradewind", "Folder on the driver's disk")

# COMMAND ----------

# MAGIC %md
# MAGIC ## The configuration
# MAGIC
# MAGIC Files in a volume are listed and read through Spark, which has the rights. What lies in `state` may be lost
# MAGIC with the cluster: the next run compares the whole listing with the ledger.

# COMMAND ----------

from pathlib import Path

state = Path(dbutils.widgets.get("state"))
state.mkdir(parents=True, exist_ok=True)
config = state / "tradewind.toml"
config.write_text(
    f"""
[state]
dir = "{state}"

[feeds.volume]
source = "{dbutils.widgets.get("volume")}"
profile = "{dbutils.widgets.get("profile")}"
discovery = "sweep"
read_with = "spark"
"""
)

# COMMAND ----------

# MAGIC %md
# MAGIC ## A look before anything is loaded
# MAGIC
# MAGIC The same pass as the job's, as DataFrames, without a database: trades as they would land, and lines that are
# MAGIC none, with the reason.

# COMMAND ----------

from streaming.feeds import plans
from streaming.job import trades
from streaming.settings import load

plan = plans(load(config), ["volume"])[0]
uris = [listed.uri for listed in plan.stores.of(plan.prefix).list(plan.prefix)]
frames = trades(spark, uris[:3], plan.profile, by_spark=True)
shown = ("symbol", "timestamp_micros(event_us) AS event_time", "side", "price", "quantity")
frames.trades.selectExpr(*shown).show(10, truncate=False)
frames.rejects.show(10, truncate=False)

# COMMAND ----------

# MAGIC %md
# MAGIC ## Load
# MAGIC
# MAGIC With the notebook's own session, which goes on. The state of the run stands below the cell.

# COMMAND ----------

from streaming.notebook import backfill

job = backfill("volume", config, session=spark)

# COMMAND ----------

# MAGIC %md
# MAGIC ## The books
# MAGIC
# MAGIC Every record of every file: records = inserted + updated + unchanged + duplicate + stale + pending +
# MAGIC rejected + ignored.

# COMMAND ----------

from contextlib import closing

from sinks import database

with closing(database.connect(job.dsn)) as connection, connection.cursor() as cursor:
    cursor.execute(
        """SELECT uri, state, records, inserted, unchanged, rejected, reason FROM tradewind.files
        WHERE feed = 'volume' ORDER BY uri"""
    )
    books = cursor.fetchall()

columns = "uri string, state string, records bigint, inserted bigint, unchanged bigint, rejected bigint, reason string"
spark.createDataFrame(books, columns).show(100, truncate=False)

# COMMAND ----------

# MAGIC %md
# MAGIC For files as they arrive use a job: `docs/how-to/databricks.md` has both kinds. `streaming.notebook.stream`
# MAGIC streams in a cell, and is refused on serverless compute, which runs no stream without an end.
