"""Why a line became the trade it is, or why it became none: the same pass, told step by step."""

from dataclasses import dataclass
from typing import Any

from streaming.passage.fields import parse
from streaming.passage.framing import frames
from streaming.passage.layout import Layout
from streaming.passage.lines import Test, tests
from streaming.passage.normalise import row_values
from streaming.passage.parsing import printable
from streaming.passage.rows import Fault
from streaming.profiles.profile import Profile
from streaming.profiles.rules import Rule, SideRule, TimeRule
from streaming.trial import ACTIONS, event_time, landed
from streaming.values.texts import drawn
from streaming.wording import how, origin

FRAMING = "the line is blank, a comment or a trailer: it counts as framing"


@dataclass(frozen=True, slots=True)
class Step:
    """One rule at work: from which origin it took which text, and what came of it."""

    name: str  # of the value in the trade
    origin: str  # column "px", constant, path (group date)
    raw: str | None
    rule: str
    value: str | None
    reason: str | None  # why the text was refused


@dataclass(frozen=True, slots=True)
class Explanation:
    """A line, the steps, and the trade under the table's names or the reason why there is none."""

    raw: str
    steps: tuple[Step, ...]
    trade: dict[str, Any] | None
    reason: str | None


def explain(line: bytes, profile: Profile, uri: str, header: bytes | None = None) -> Explanation:
    """Explain one record as it stands in the file at uri; `header` is the file's header line, if it has one.

    Raises FileBroken where the header or the path would set the whole file aside.
    """
    dialect = profile.dialect
    layout = Layout.headed(profile, header or b"", uri) if dialect.header else Layout.of(profile, dialect.columns, uri)
    raw = printable(line)[0]
    frame = next(frames(iter([line + b"\n"]), profile.dialect), None)
    if frame is None or not len(frame.lines):
        return Explanation(raw, (), None, FRAMING)
    _, columns, faults = parse(frame, 0, layout)
    if faults:
        return Explanation(
            raw, (), None, faults[0][2] if line.strip() or dialect.delimiter.encode() in line else FRAMING
        )
    return _explained(raw, layout, columns)


def _explained(raw: str, layout: Layout, columns: dict[str, Any]) -> Explanation:
    if ignoring := next((test for test in tests(columns, 1, layout) if test.rows[0]), None):
        return Explanation(raw, (_ignored(ignoring, columns),), None, f"ignored: {ignoring.reason}")
    values, fault = row_values(columns, layout)
    rules = layout.profile.columns.rules()
    steps = tuple(_step(name, rule, layout, columns, values, fault) for name, rule in rules.items())
    if fault:
        return Explanation(raw, steps, None, fault.reason)
    return Explanation(raw, steps, {key: value for key, value in landed(values).items() if key != "line"}, None)


def _ignored(test: Test, columns: dict[str, Any]) -> Step:
    origin, raw = (f'column "{test.column}"', str(columns[test.column][0])) if test.column in columns else ("", None)
    return Step("line", origin, raw, test.rule, None, "no trade")


def _step(
    name: str,
    rule: Rule,
    layout: Layout,
    columns: dict[str, Any],
    values: dict[str, Any],
    fault: Fault | None,
) -> Step:
    reason = fault.reason if fault and fault.key == name else None
    value = None if reason else _value(name, values)
    return Step(name, origin(rule), _text(rule, layout, columns), how(rule, layout), value, reason)


def _text(rule: Rule, layout: Layout, columns: dict[str, Any]) -> str:
    """The text as it stands, with the day that a time of day belongs to."""
    if isinstance(rule, SideRule) and rule.sign_of is not None:
        return str(columns[rule.sign_of][0])
    text = str(drawn(rule, columns, layout.path, 1).raw[0])
    day = rule.date if isinstance(rule, TimeRule) else None
    return f"{text} on {_text(day, layout, columns)}" if day else text


def _value(name: str, values: dict[str, Any]) -> str | None:
    if name == "event_time" and values["event_us"] is not None:
        return event_time(values)
    if name == "action":
        return ACTIONS[values["action"]]
    value = values.get(name)
    return None if value is None else str(value)
