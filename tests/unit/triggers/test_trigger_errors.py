import inspect
import pickle
from pathlib import Path

import pytest

from triggers import errors
from triggers.errors import (
    BadPolicy,
    BadUri,
    ClientMissing,
    ClientTooOld,
    JournalUnwritable,
    LettersUnkept,
    ListingIncomplete,
    PrefixMissing,
    QueueMissing,
    QueueUnavailable,
    QueueUnusable,
    StoreRefused,
    StoreUnavailable,
    TriggerError,
    UnknownStore,
    Unreadable,
    VersionChanged,
    VersionVanished,
)

ALL = [
    StoreUnavailable("s3://b/a.csv", "503"),
    StoreRefused("s3://b/a.csv", "AccessDenied"),
    ClientMissing("s3", "aws"),
    ClientTooOld("abfss://c@a/", "pyarrow 17"),
    QueueUnavailable("file:///in", "gone"),
    JournalUnwritable("/state/journal", "No space left on device"),
    LettersUnkept("PostgreSQL cannot be reached"),
    VersionVanished("file:///in/a.csv", "1-2"),
    VersionChanged("file:///in/a.csv", "1-2", "3-4"),
    Unreadable("file:///in/a.csv", "no permission"),
    ListingIncomplete("file:///in", [Unreadable(f"file:///in/{n}", "no permission") for n in range(7)]),
    PrefixMissing("file:///in"),
    QueueMissing("trades", "eu-central-1"),
    QueueUnusable("trades", "no region"),
    UnknownStore("ftp://x", ["file:"]),
    BadUri("file://host/x", "has a host"),
    BadPolicy("setle:1s", "no such thing"),
]


@pytest.mark.parametrize("error", ALL, ids=lambda error: type(error).__name__)
def test_an_error_crosses_processes_with_its_message_and_its_place(error: TriggerError) -> None:
    copy = pickle.loads(pickle.dumps(error))
    assert (type(copy), str(copy)) == (type(error), str(error))
    assert str(error.args[0]) in str(error)


def test_every_error_is_tried_here_and_drawn_in_the_tree() -> None:
    made = {
        one.__name__
        for _, one in inspect.getmembers(errors, inspect.isclass)
        if issubclass(one, TriggerError) and "__str__" in vars(one)
    }
    drawn = Path(errors.__file__).read_text().split('"""')[1]
    assert made == {type(error).__name__ for error in ALL}
    assert all(name in drawn for name in made)


def test_a_long_list_of_problems_is_told_short() -> None:
    assert str(next(error for error in ALL if isinstance(error, ListingIncomplete))).endswith("and 2 more")
