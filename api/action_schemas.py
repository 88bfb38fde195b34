"""What actions take and answer."""

from __future__ import annotations

from apiflask import Schema
from apiflask.fields import Date, Integer, List, String
from apiflask.validators import Length, OneOf, Regexp
from marshmallow import RAISE

TEXT = Regexp(r"^[^\x00-\x1f\x7f]*$", error="Control characters are not allowed.")


class Strict(Schema):
    """Refuses fields that it does not know."""

    class Meta:
        unknown = RAISE


class Nothing(Strict):
    """An action without further words: `{}`."""


class Backfill(Strict):
    """Days are the path's, else those of the file's time, in UTC; both are included."""

    from_ = Date(data_key="from", attribute="from", metadata={"description": "First day."})
    to = Date(metadata={"description": "Last day."})
    prefix = String(validate=[Length(max=1024), TEXT], metadata={"description": "Only below this part of the source."})


class RetryAll(Strict):
    state = String(required=True, validate=OneOf(["quarantined", "vanished", "waiting"]))


class Ignore(Strict):
    reason = String(required=True, validate=[Length(min=1, max=500), TEXT])


class Queued(Schema):
    """The run that was asked for; `GET /api/v1/runs/{run_id}` tells how it goes."""

    run_id = Integer(required=True)
    state = String(required=True, validate=OneOf(["queued"]))
    command = List(String(), required=True)


class Cancelled(Schema):
    run_id = Integer(required=True)
    state = String(required=True, metadata={"description": "`stopped`, or `running` until it has ended."})
