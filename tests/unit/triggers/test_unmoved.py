from dataclasses import replace
from datetime import UTC, datetime

from triggers.stores import Listed
from triggers.sweep import Page, SweepCounts
from triggers.unmoved import UnmovedPages

AT = datetime(2026, 5, 6, tzinfo=UTC)
COUNTED = SweepCounts(objects=2, known=2)


def page(*names: str, after: str | None = None, to_the_end: bool = False) -> Page:
    return Page(after, None if to_the_end else names[-1], tuple(Listed(name, "1", 1, AT) for name in names))


def kept(*some: Page) -> UnmovedPages:
    pages = UnmovedPages()
    for one in some:
        pages.keep(one, COUNTED)
    return pages


def test_a_page_is_unmoved_if_names_versions_and_borders_are_the_same() -> None:
    first = page("a", "b")
    pages = kept(first)
    assert page("a", "b") in pages
    assert pages.counted(first) == COUNTED
    newer = replace(first, objects=(first.objects[0], replace(first.objects[1], version="2")))
    for other in (page("a", "c"), page("b"), page("a", "b", after="0"), page("a", "b", to_the_end=True), newer):
        assert other not in pages


def test_only_the_page_that_a_name_lies_in_is_forgotten() -> None:
    first, second, last = page("a", "c"), page("e", "g", after="c"), page("h", after="g", to_the_end=True)
    for name, left in {"b": [second, last], "c": [second, last], "d": [first, last], "z": [first, second]}.items():
        pages = kept(first, second, last)
        pages.forget([name])
        assert [one for one in (first, second, last) if one in pages] == left


def test_without_names_all_is_forgotten() -> None:
    first = page("a")
    pages = kept(first)
    pages.forget()
    assert first not in pages
