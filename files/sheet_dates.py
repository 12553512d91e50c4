"""How a workbook keeps its dates: as days since 1900 or 1904, told from other numbers by the format of the cell."""

import datetime
import re

# The formats that every workbook has without listing them, as far as they show a date or a time of day.
_BUILT_IN = {*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)}
_NOT_LETTERS_OF_DATES = re.compile(r'"[^"]*"|\\.|_.|\*.|\[(?!h+\]|m+\]|s+\])[^\]]*\]', re.I)
_SINCE_1900 = datetime.datetime(1899, 12, 30)  # noqa: DTZ001 - a sheet's days are nobody's time zone
_SINCE_1904 = datetime.datetime(1904, 1, 1)  # noqa: DTZ001
_LAST_DAY = 2_958_465


def shows_a_date(number: int, code: str) -> bool:
    """Whether the format of a cell shows a date or time. code: only where the workbook lists the format."""
    if not code:
        return number in _BUILT_IN
    return bool(re.search("[ymdhs]", _NOT_LETTERS_OF_DATES.sub("", code.split(";")[0]), re.I)) and "general" not in (
        code.lower()
    )


def written_out(value: str, *, since_1904: bool) -> str:
    """A number of days as people write a day, a time or both: "46012.5" is "21/12/2025 12:00"; else as it stands."""
    try:
        days = float(value)
    except ValueError:
        return value
    if not 0 <= days <= _LAST_DAY:
        return value
    seconds = round(days * 86_400)
    moment = (_SINCE_1904 if since_1904 else _SINCE_1900) + datetime.timedelta(seconds=seconds)
    if seconds < 86_400:
        return f"{moment:%H:%M}"
    return f"{moment:%d/%m/%Y %H:%M}" if seconds % 86_400 else f"{moment:%d/%m/%Y}"
