"""What a case of the corpus is."""

from dataclasses import dataclass

REFUSED, SAFE, EITHER = "refused", "safe", "either"


@dataclass(frozen=True)
class Case:
    """One upload. name: as the browser sends it. expected: REFUSED, SAFE or EITHER. says: part of the refusal."""

    name: str
    content: bytes
    expected: str
    says: str = ""


def refused(name: str, content: bytes, says: str = "") -> Case:
    return Case(name, content, REFUSED, says)


def safe(name: str, content: bytes) -> Case:
    return Case(name, content, SAFE)


def either(name: str, content: bytes) -> Case:
    return Case(name, content, EITHER)
