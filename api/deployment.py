"""This deployment's aggregates and what follows from them: the registry and the tables."""

from __future__ import annotations

from typing import Final

from domain.aggregates import AGGREGATES
from ledger.registry import Registry
from ledger.tables import make_tables

REGISTRY: Final = Registry(AGGREGATES)
TABLES: Final = make_tables(REGISTRY)
