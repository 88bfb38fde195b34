"""Why a text is no time and no number of a trade: one sentence, with the way out where there is one."""

import re

from streaming.profiles.rules import NumberRule, TimeRule
from streaming.values.instants import Fault

SHOWN = 60
BESIDE = re.compile(r"[^0-9.,+-]+[+-]?[0-9][0-9.,]*|[+-]?[0-9][0-9.,]*[^0-9.,]+")  # something before or after a number


def no_time(fault: int, text: str, rule: TimeRule) -> str:
    """Why the text is no time by the rule."""
    shown = f'"{text[:SHOWN]}"'
    match Fault(fault):
        case Fault.TEXT:
            return f"{shown} is not {_expected(rule)}"
        case Fault.RANGE if len(rule.unit) > 1:
            return f"{shown} is out of range: in no declared unit does it fall into the days of that unit"
        case Fault.RANGE:
            return f"{shown} is out of range: before 1970 or after 2262; is the {_suspect(rule)} right?"
        case Fault.NO_ZONE:
            return f'{shown} has neither Z nor offset: give event_time a zone = "Area/City" in the profile'
        case Fault.TWICE:
            way_out = 'set ambiguous = "earlier" or "later"'
            return f"{shown} was shown twice by the clocks of {rule.zone}: {way_out}"
        case Fault.TOO_LATE:
            unit = rule.unit[0].unit
            return f"{shown} is no time of day: a day has 86400 s from 0, and the profile counts {unit}"
        case _:
            return f"{shown} was never shown by the clocks of {rule.zone} (they were set forward)"


def _suspect(rule: TimeRule) -> str:
    return "unit" if rule.format == "epoch" else "format"


def _expected(rule: TimeRule) -> str:
    match rule.format:
        case "epoch":
            return f"a count of {'/'.join(span.unit for span in rule.unit)} since 1970"
        case "midnight":
            return f"a count of {rule.unit[0].unit} since midnight"
        case "iso":
            return "a possible ISO time (YYYY-MM-DDTHH:MM:SS, up to 9 decimals, Z or offset)"
        case "clock":
            return "a possible time of day (HHMMSS or HH:MM:SS, up to 9 digits of a second); digits lost? set pad"
        case pattern:
            return f"a possible time in the format {pattern}"


def no_number(key: str, text: str, rule: NumberRule) -> str:
    """Why the text is no number by the rule."""
    if not (text.strip() if rule.trim else text):
        return f"{key} is empty"
    cure = _cure(text, rule)
    return f'{key} "{text[:SHOWN]}" is not a decimal number' + (f": {cure}" if cure else "")


def _cure(text: str, rule: NumberRule) -> str:
    """What may be missing in the rule, as far as the text tells it."""
    if not re.search(r"[0-9]", text) or len(text) > SHOWN:
        return ""
    if text != text.strip() and not rule.trim:
        return "blanks stand around it; set trim = true"
    if re.fullmatch(r"\(.*\)", text) and rule.negative != "parentheses":
        return 'if parentheses mean below zero, set negative = "parentheses"'
    if re.fullmatch(r"[^-+]*[-+]", text) and rule.negative != "trailing":
        return 'if a sign may follow, set negative = "trailing"'
    if rule.thousands and rule.thousands in text:
        return f'"{rule.thousands}" must stand before every three digits'
    if "," in text and rule.decimal == "." and rule.thousands is None:
        return 'if the comma is the decimal sign, set decimal = ","; if it groups digits, thousands = ","'
    if "." in text and rule.decimal == ",":
        return 'the decimal sign is a comma; if the point groups digits, set thousands = "."'
    if BESIDE.fullmatch(text):
        return "if a unit or a currency sign stands in it, set strip or pattern"
    return ""
