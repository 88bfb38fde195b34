"""The dashboard's files, from the API's own origin."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from pathlib import Path

import pytest
from apiflask import APIFlask
from flask.testing import FlaskClient

from api import dashboard


@pytest.fixture
def built(app: APIFlask, tmp_path: Path) -> Iterator[FlaskClient]:
    folder = tmp_path / "dist" / "dashboard" / "browser"
    (folder / "media").mkdir(parents=True)
    (folder / "index.html").write_text('<!doctype html><title>Tradewind</title><app-root ngCspNonce="CSP_NONCE">')
    (folder / "main-A1B2C3D4.js").write_text("'built'")
    (folder / "chunk-A-b_3mi8.js").write_text("'lazy'")
    (folder / "favicon.ico").write_bytes(b"icon")
    (folder / "media" / "roboto-QWERTY12.woff2").write_bytes(b"font")
    (tmp_path / "secret.txt").write_text("not for the public")
    before = app.config[dashboard.FOLDER]
    app.config[dashboard.FOLDER] = dashboard.folder(tmp_path / "dist")
    yield app.test_client()
    app.config[dashboard.FOLDER] = before


@pytest.fixture
def not_built(app: APIFlask) -> Iterator[FlaskClient]:
    before = app.config[dashboard.FOLDER]
    app.config[dashboard.FOLDER] = None
    yield app.test_client()
    app.config[dashboard.FOLDER] = before


@pytest.mark.parametrize("path", ["/", "/index.html", "/files", "/feeds/spot", "/runs/17"])
def test_its_routes_get_the_index_which_is_asked_for_each_time(built: FlaskClient, path: str) -> None:
    answer = built.get(path, buffered=True)
    assert (answer.status_code, answer.mimetype) == (200, "text/html")
    assert answer.headers["Cache-Control"] == "no-store"


def test_the_index_holds_the_nonce_of_its_own_policy_and_each_another(built: FlaskClient) -> None:
    answers = [built.get("/", buffered=True) for _ in range(2)]
    nonces = [answer.text.partition('ngCspNonce="')[2].partition('"')[0] for answer in answers]
    assert len({*nonces, "CSP_NONCE"}) == 3
    for nonce, answer in zip(nonces, answers, strict=True):
        assert f"style-src 'self' 'nonce-{nonce}'" in answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize("path", ["/main-A1B2C3D4.js", "/media/roboto-QWERTY12.woff2", "/chunk-A-b_3mi8.js"])
def test_names_that_hold_a_digest_are_kept_for_a_year(built: FlaskClient, path: str) -> None:
    assert built.get(path, buffered=True).headers["Cache-Control"] == "public, max-age=31536000, immutable"


def test_scripts_are_packed_for_who_takes_them_so(built: FlaskClient) -> None:
    plain = built.get("/main-A1B2C3D4.js", buffered=True)
    packed = built.get("/main-A1B2C3D4.js", buffered=True, headers={"Accept-Encoding": "br, gzip"})
    assert (plain.headers.get("Content-Encoding"), packed.headers["Content-Encoding"]) == (None, "gzip")
    assert gzip.decompress(packed.data) == plain.data
    assert plain.headers["Vary"] == packed.headers["Vary"] == "Accept-Encoding"
    assert plain.headers["ETag"] != packed.headers["ETag"]
    assert int(packed.headers["Content-Length"]) == len(packed.data)


def test_fonts_are_packed_already(built: FlaskClient) -> None:
    answer = built.get("/media/roboto-QWERTY12.woff2", buffered=True, headers={"Accept-Encoding": "gzip"})
    assert (answer.data, answer.headers.get("Content-Encoding")) == (b"font", None)


def test_other_files_are_asked_for_each_time(built: FlaskClient) -> None:
    answer = built.get("/favicon.ico", buffered=True)
    assert (answer.data, answer.headers["Cache-Control"]) == (b"icon", "no-cache")


@pytest.mark.parametrize("path", ["/chunk-00000000.js", "/../secret.txt", "/%2e%2e/%2e%2e/%2e%2e/secret.txt"])
def test_a_file_that_is_not_among_them_is_no_page(built: FlaskClient, path: str) -> None:
    answer = built.get(path, buffered=True)
    assert (answer.status_code, answer.mimetype) == (404, "application/problem+json")


@pytest.mark.parametrize("path", ["/api", "/api/v1/nothing", "/hooks/nothing", "/socket.io/nothing"])
def test_what_the_api_does_not_know_is_no_page_either(built: FlaskClient, path: str) -> None:
    assert built.get(path, buffered=True).mimetype != "text/html"
    assert built.get(path, buffered=True).status_code in (400, 401, 404)


def test_pages_are_only_read(built: FlaskClient) -> None:
    assert built.post("/files").status_code in (401, 404, 405)


def test_where_it_is_not_built_a_page_says_so_and_where_the_docs_are(not_built: FlaskClient) -> None:
    answer = not_built.get("/", buffered=True)
    assert (answer.status_code, answer.mimetype) == (200, "text/html")
    assert "the dashboard is not built" in answer.text
    assert 'href="/api/docs"' in answer.text
    assert not_built.get("/favicon.ico", buffered=True).status_code == 404
