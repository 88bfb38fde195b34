"""A store that does not answer for a while ends no batch, and nothing is lost by it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from streaming.feeds import FeedPlan
from tests.acceptance.desk import Desk, row, table
from tests.integration.test_archives import TODAY, TOMORROW, YESTERDAY, zipped
from triggers.errors import StoreUnavailable
from triggers.stores import Listed, Stores
from triggers.stores.local import LocalStore
from triggers.stores.members import MemberStore

ALWAYS = 10**9


class Ailing(LocalStore):
    """Answers `left` questions about what is there, and no more until it is told to."""

    left = ALWAYS

    def stat(self, uri: str) -> Listed | None:
        self.left -= 1
        if self.left < 0:
            raise StoreUnavailable(uri, "a double that is away")
        return super().stat(uri)


@dataclass(frozen=True)
class AilingStores(Stores):
    store: Ailing = field(default_factory=Ailing)

    def _members(self, uri: str) -> MemberStore:
        assert uri.startswith("file:")
        return MemberStore(self.store)


class AilingDesk(Desk):
    """Its plan reads through a store of its own."""

    @cached_property
    def store(self) -> Ailing:
        return Ailing()

    @property
    def plan(self) -> FeedPlan:
        return replace(super().plan, stores=AilingStores(store=self.store))

    def settle(self) -> None:
        """The store is back: every wait is over, and a sweep shows what is there until nothing is owed."""
        self.store.left = ALWAYS
        for _ in range(3):
            self.run("UPDATE tradewind.files SET due_at = now() WHERE state = 'waiting'")
            self.take(self.sightings())
        assert self.owed() == []


@pytest.fixture
def desk(tmp_path: Path, migrated_postgres: str) -> AilingDesk:
    for name in ("in", "state"):
        (tmp_path / name).mkdir()
    return AilingDesk(tmp_path / "in", tmp_path / "state", migrated_postgres, None, {"complete": "rename"})


def test_a_version_that_returns_while_the_store_is_away_is_taken_at_the_next_sweep(desk: AilingDesk) -> None:
    first, second = table(row(1, price="1")), table(row(1, price="2"))
    desk.drop("a.csv", first, TODAY)
    desk.take(desk.sightings())
    desk.drop("a.csv", second, TOMORROW)
    desk.take(desk.sightings())
    desk.drop("a.csv", first, TODAY)
    desk.drop("b.csv", table(row(2)))
    seen, desk.store.left = desk.sightings(), 0
    with capture_logs() as logs:
        desk.take(seen)
    assert (desk.prices()["1"], desk.states()["b.csv"]) == ("2", ["loaded"])
    (warned,) = (line for line in logs if line["event"].startswith("Could not ask"))
    assert (warned["log_level"], warned["file"].rpartition("/")[2]) == ("warning", "a.csv")
    desk.settle()
    assert desk.prices()["1"] == "1"


def test_an_overwritten_file_is_found_again_when_the_store_did_not_tell_what_replaced_it(desk: AilingDesk) -> None:
    desk.drop("a.csv", table(row(1)), YESTERDAY)
    seen = desk.sightings()
    desk.drop("a.csv", table(row(1, price="7"), row(2)), TODAY)
    desk.store.left = 0
    desk.take(seen)
    assert desk.states() == {"a.csv": ["vanished"]}
    desk.settle()
    assert desk.prices() == {"1": "7", "2": "10.5"}


@pytest.mark.parametrize("answers", (0, 2, 4, 6, 7, 8))
def test_a_member_that_its_archive_holds_no_more_is_withdrawn_whenever_the_store_goes_away(
    desk: AilingDesk, answers: int
) -> None:
    desk.settings["on_overwrite"] = "replace"
    desk.drop("a.zip", zipped({"t1.csv": table(row(1)), "t2.csv": table(row(2))}), YESTERDAY)
    desk.take(desk.sightings())
    desk.drop("a.zip", zipped({"t1.csv": table(row(1))}), TODAY)
    seen, desk.store.left = desk.sightings(), answers
    desk.take(seen)
    desk.settle()
    assert desk.prices() == {"1": "10.5"}


def again(desk: Desk) -> None:
    desk.run("UPDATE tradewind.files SET state = 'discovered' WHERE state IN ('loaded', 'quarantined')")


def test_a_loaded_version_that_waits_for_its_store_and_is_gone_then_keeps_its_books(desk: AilingDesk) -> None:
    path = desk.drop("a.csv", table(row(1), row(2)))
    desk.settings["complete"] = "marker:.done"  # which is asked of the store
    (desk.folder / "a.csv.done").touch()
    desk.take(desk.sightings())
    again(desk)
    desk.store.left = 0
    desk.take([])
    assert desk.states()["a.csv"] == ["waiting"]
    path.unlink()
    desk.settle()
    assert (desk.states()["a.csv"], desk.books("a.csv")) == (["superseded"], {"inserted": 2})


def test_a_version_that_was_refused_since_it_was_loaded_may_vanish(desk: AilingDesk) -> None:
    path = desk.drop("a.csv", table(row(1), row(2)))
    desk.take(desk.sightings())
    again(desk)
    desk.settings["profile"] = "demo-crypto"
    desk.take([])
    assert desk.states()["a.csv"] == ["quarantined"]
    again(desk)
    path.unlink()
    desk.settle()
    assert desk.states()["a.csv"] == ["vanished"]
