"""The thin line: a token, a feed, its summary."""

from flask.testing import FlaskClient

from sinks import database


def test_without_a_token_there_is_no_answer(anonymous: FlaskClient) -> None:
    answer = anonymous.get("/api/v1/summary")
    assert (answer.status_code, answer.mimetype) == (401, "application/problem+json")


def test_a_feed_is_in_the_summary_with_what_it_owes(viewer: FlaskClient, dsn: str) -> None:
    database.execute_alone(dsn, "INSERT INTO tradewind.datasets (name) VALUES ('d')")
    database.execute_alone(
        dsn,
        "INSERT INTO tradewind.feeds (feed, dataset_id, source, profile, profile_version) "
        "SELECT 'f', dataset_id, 's', 'p', '1' FROM tradewind.datasets",
    )
    database.execute_alone(
        dsn,
        "INSERT INTO tradewind.files (feed, dataset_id, uri, version, size, modified_at, effective_at, order_key, "
        "seen_by) SELECT 'f', dataset_id, 'u', 'v', 1, now(), now(), 'k', 'sweep' FROM tradewind.datasets",
    )
    answer = viewer.get("/api/v1/summary").get_json()
    (feed,) = answer["feeds"]
    assert (feed["feed"], feed["owed"], feed["files"]) == ("f", 1, 0)


def test_health_asks_for_no_token(anonymous: FlaskClient) -> None:
    assert anonymous.get("/healthz").status_code == anonymous.get("/readyz").status_code == 200
