"""The rules of a profile in words, for whoever asks why a line became what it is."""

from collections.abc import Iterator

from streaming.passage.layout import Layout
from streaming.profiles.rules import DateRule, NumberRule, Rule, SideRule, TextRule, TimeRule


def origin(rule: Rule) -> str:
    """Where the rule's text stands."""
    if rule.column is not None or len(rule.named) == 1:
        return f'column "{rule.named[0]}"'
    if rule.named:
        return f"columns {', '.join(rule.named)}"
    return "constant" if rule.const is not None else f"path (group {rule.path})"


def how(rule: Rule, layout: Layout) -> str:
    """What the rule makes of the text."""
    return ", ".join((*_taken(rule), *_read(rule, layout)))


def _taken(rule: Rule) -> Iterator[str]:
    if isinstance(rule, TextRule) and len(rule.columns) > 1:
        yield f'joined by "{rule.separator}"'
    if rule.trim:
        yield "trimmed"
    if rule.pattern is not None:
        yield f"the value in {rule.pattern}"


def _read(rule: Rule, layout: Layout) -> Iterator[str]:
    match rule:
        case TimeRule():
            yield _time(rule, layout)
        case DateRule():
            yield f"day in the format {rule.format}"
        case NumberRule():
            yield from _number(rule)
        case SideRule(sign_of=str()):
            yield "above zero = buy, below zero = sell"
        case _:
            yield from _listed(rule)


def _time(rule: TimeRule, layout: Layout) -> str:
    units = ", then ".join(f"{span.unit} before {span.until}" if span.until else span.unit for span in rule.unit)
    match rule.format:
        case "epoch":
            form = f"epoch, {units}"
        case "iso":
            form = "ISO"
        case "midnight":
            form = f"{units} since midnight"
        case "clock":
            form = "time of day"
        case pattern:
            form = f"format {pattern}"
    padded = f", filled up to {rule.pad} digits" if rule.pad else ""
    day = f", of the day in {origin(rule.date)} (format {rule.date.format})" if rule.date else ""
    local = f", local times of {rule.zone}" if rule.zone else ""
    twice = f", the {rule.ambiguous} of times shown twice" if rule.zone and rule.ambiguous != "refuse" else ""
    return f"{form}{padded}{day}{local}{twice}; the date is that of {layout.profile.dates.zone}"


def _number(rule: NumberRule) -> Iterator[str]:
    yield "exact decimal"
    if rule.strip is not None:
        yield f"without {rule.strip} before or after it"
    if rule.negative != "sign":
        yield "(1.5) is -1.5" if rule.negative == "parentheses" else "1.5- is -1.5"
    if rule.thousands is not None:
        yield f'thousands set off by "{rule.thousands}"'
    if rule.decimal != ".":
        yield f'decimal sign "{rule.decimal}"'
    if rule.absolute:
        yield "without its sign"
    if rule.scale != 1:
        yield f"divided by {rule.scale}"
    if rule.empty != "reject":
        yield f"empty is {rule.empty}"


def _listed(rule: Rule) -> Iterator[str]:
    if isinstance(rule, TextRule) and rule.upper:
        yield "in capitals"
    values: dict[str, str] = getattr(rule, "values", None) or {}
    if getattr(rule, "case", "exact") == "ignore" and values:
        yield "in any case"
    yield ", ".join(f"{text} = {meaning}" for text, meaning in values.items()) or "as it is"
    if isinstance(rule, TextRule) and values and rule.other == "keep":
        yield "others as they are"
