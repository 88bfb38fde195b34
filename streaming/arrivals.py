"""The stream of arrivals: Spark's file source on the journal and, in listing mode, on the prefix itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from streaming.locations import spark_path, uri_of_spark
from streaming.sightings import Sighting
from triggers.arrival import JSON_SCHEMA_DDL
from triggers.errors import PrefixMissing
from triggers.names import ignored_reason
from triggers.stores.spark import Row

if TYPE_CHECKING:
    from streaming.feeds import FeedPlan
    from triggers.folders import Folder

# Spark forgets journal files after this; the journal itself is pruned sooner, and the sweep at every start finds
# whatever was missed by a stream that was away for longer.
_JOURNAL_AGE = "2d"


def stream(session: Any, plan: FeedPlan, journal: Folder) -> Any:
    """The streaming frame of a feed's arrivals, with the columns of a journal line.

    Lines that only Spark's listing saw have no version yet: `collect` asks the store. Raises PrefixMissing.
    """
    journal.make()
    lines = session.readStream.schema(JSON_SCHEMA_DDL).option("maxFileAge", _JOURNAL_AGE)
    told = lines.json(spark_path(journal.place))
    return told.unionByName(_there(session, plan)) if plan.discovery == "listing" else told


def collect(frame: Any, plan: FeedPlan) -> list[Sighting]:
    """A micro-batch's arrivals; a file seen by listing is looked at once for its version, or is gone."""
    sightings = []
    for row in frame.collect():
        if row["version"] is not None:
            sightings.append(Sighting.from_journal(row.asDict(), plan))
        elif (found := _looked_at(row, plan)) is not None:
            sightings.append(found)
    return sightings


def _looked_at(row: Any, plan: FeedPlan) -> Sighting | None:
    uri = uri_of_spark(row["uri"], plan.source.prefix)
    if not plan.source.matches(uri) or ignored_reason(uri, plan.complete, plan.source.prefix):
        return None
    if plan.by_spark:  # which tells the version itself
        return Sighting.of(Row(uri, int(row["modified_at"]), row["size"]).listed, plan, "listing")
    listed = plan.stores.of(uri).stat(uri)
    return Sighting.of(listed, plan, "listing") if listed else None


def _there(session: Any, plan: FeedPlan) -> Any:
    from pyspark.errors import AnalysisException

    try:
        return _listed(session, plan)
    except AnalysisException as refused:
        if refused.getErrorClass() == "PATH_NOT_FOUND":  # a bucket shows no prefix before its first object
            raise PrefixMissing(plan.source.prefix) from None
        raise


def _listed(session: Any, plan: FeedPlan) -> Any:
    # `content` is not selected, so no bytes are read. maxFileAge is far off: one file dated in the future would
    # otherwise silence all of today's.
    return (
        session.readStream.format("binaryFile")
        .schema("path string, modificationTime timestamp, length long, content binary")
        .option("recursiveFileLookup", "true")
        .option("maxFileAge", "36500d")
        .load(spark_path(plan.source.prefix))
        .selectExpr(
            f"'{plan.name}' AS feed",
            "path AS uri",
            "CAST(NULL AS string) AS version",
            "length AS size",
            "CAST(unix_millis(modificationTime) AS string) AS modified_at",
            "CAST(NULL AS string) AS sequence",
            "'listing' AS seen_by",
        )
    )
