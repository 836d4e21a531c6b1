"""Who is thanked for finding a vulnerability: personal, and shown to whoever sees the record."""

from __future__ import annotations

from typing import Final

from strawberry.types.base import StrawberryOptional
from strawberry.types.field import StrawberryField

from api.derived.fields import ErasableText, attribute
from domain.security_fix.state import SecurityFix
from domain.vulnerability_report import VulnerabilityReport


def _field() -> dict[str, StrawberryField]:
    about = "Who is to be thanked in the advisory. Null once erased."
    return {"credit": attribute("credit", StrawberryOptional(str), about, ErasableText)}


FIELDS: Final = {SecurityFix: _field(), VulnerabilityReport: _field()}
"""How the two types answer it."""
