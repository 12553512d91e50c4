"""The outline of a page as a screen reader offers it: landmarks, headings, tables and form controls, by name."""

import re

from playwright.sync_api import Page

LANDMARKS = {"banner", "navigation", "main", "complementary", "contentinfo", "region", "form", "search"}
CONTROLS = {"textbox", "searchbox", "combobox", "checkbox", "radio", "spinbutton", "slider", "button"}
HEADERS = {"columnheader", "rowheader"}
# A group without a name is a menu or a piece of help that opens: no part of the outline.
KEPT = LANDMARKS | CONTROLS | HEADERS | {"heading", "table", "group", "alert", "status"}
NODE = re.compile(r'(?P<role>\w+)(?: "(?P<name>(?:[^"\\]|\\.)*)")?(?P<rest>(?: \[[^\]]+\])*)')


def outline_of(page: Page) -> str:
    """One line for each kept node of the accessibility tree, indented below the node it belongs to.

    Headers of a table that follow one another stand on one line, divided by " | ".
    """
    lines: list[str] = []
    above: list[int] = []
    headers_at = ""
    for line in page.locator("body").aria_snapshot().splitlines():
        depth = len(line) - len(line.lstrip())
        body = line.strip().removeprefix("- ")
        if body.startswith("'"):
            body = body[1 : body.rindex("'")].replace("''", "'")
        found = NODE.match(body)
        if not found or found["role"] not in KEPT or (found["role"] == "group" and not found["name"]):
            continue
        role, name = found["role"], found["name"] or ""
        while above and above[-1] >= depth:
            above.pop()
        indent = "  " * len(above)
        if role in HEADERS:
            if headers_at == indent + role:
                lines[-1] += f" | {name}"
            else:
                lines.append(f"{indent}{role}s: {name}")
            headers_at = indent + role
            continue
        headers_at = ""
        if role == "heading":
            level = re.search(r"level=(\d)", found["rest"])
            lines.append(f"{indent}heading {level[1] if level else '?'}: {name}")
        else:
            lines.append(f"{indent}{role}: {name}" if name else f"{indent}{role}")
            if role not in CONTROLS:
                above.append(depth)
    return "\n".join(lines)
