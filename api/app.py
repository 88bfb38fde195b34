"""The app factory: every part of the API put together for one process."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from threading import BoundedSemaphore

from apiflask import APIFlask

from api import dashboard, document, health, inputs, live, metrics, problems, streams
from api.access import bodies, cors, hosts, roles
from api.access.headers import Headers
from api.access.sessions import session
from api.actions import actions
from api.airflow import Handing
from api.airflow_watch import AirflowWatch
from api.audit import audit
from api.children import Children
from api.feeds import feeds
from api.files import files
from api.history import history
from api.hooks import views
from api.hooks.door import Door
from api.in_force import in_force
from api.lag import lag
from api.pool import Pool
from api.rejects import rejects
from api.runs import runs
from api.shared import Shared
from api.trades import trades
from streaming.settings import Settings

PROGRAM = (sys.executable, "-m", "cli_tool.run")
MAX_BODY = 1 << 20  # bytes; no request of the API needs more


def create_app(
    settings: Settings, dsn: str | None = None, program: Sequence[str] = PROGRAM, named: Sequence[str] = ()
) -> APIFlask:
    """The API over one database: `dsn`, else that of the settings. `program` is how actions call the command line.

    `named` goes before the words of each command that people are shown, as `--config` and a path.
    """
    app = APIFlask("api", title="Tradewind", version="1", spec_path="/api/openapi.json", docs_path=None)
    app.config.update(MAX_CONTENT_LENGTH=MAX_BODY, VALIDATION_ERROR_STATUS_CODE=422)
    dsn = dsn or settings.dsn()
    pool = Pool(dsn, settings.api.threads)
    downloads = BoundedSemaphore(settings.api.threads // 2)  # whose readers may be slow: the rest answers beside them
    starter = _starter(settings, pool, program)
    app.extensions["tradewind"] = Shared(settings, dsn, pool, starter, downloads, ("tradewind", *named))
    if isinstance(starter, Handing):
        app.before_request(AirflowWatch(starter).glance)
    app.extensions["tradewind_hooks"] = Door(settings, dsn)
    # In this order they are asked.
    for part in (streams, metrics, problems, hosts, cors, dashboard, roles, bodies, inputs, views, live, document):
        part.init_app(app)
    about = (health.health, metrics.metrics, document.docs)
    of_feeds = (feeds, history, in_force)
    for blueprint in (*about, session, audit, *of_feeds, files, rejects, runs, trades, lag, actions, views.hooks):
        app.register_blueprint(blueprint)
    app.wsgi_app = Headers(app.wsgi_app, settings)  # type: ignore[method-assign] # the last: around everything
    return app


def _starter(settings: Settings, pool: Pool, program: Sequence[str]) -> Children | Handing:
    """Who starts what operators ask for."""
    airflow = settings.api.airflow
    return Handing(airflow, pool) if airflow else Children(program, pool)
