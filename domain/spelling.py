"""How the names of classes are spelled where they are stored for ever."""

from __future__ import annotations

import re
from functools import cache


@cache
def snake(name: str) -> str:
    """Spell a class name in snake_case: `WindowOpened` becomes `window_opened`."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()
