"""Reads of this room, already limited to who is asking."""

from .scope import (
    assessed_by,
    evidence_files_for,
    evidence_for,
    portfolios_for,
    records_for,
    records_listed_for,
    verified_by,
    witnesses_for,
)

__all__ = [
    "assessed_by",
    "evidence_files_for",
    "evidence_for",
    "portfolios_for",
    "records_for",
    "records_listed_for",
    "verified_by",
    "witnesses_for",
]
