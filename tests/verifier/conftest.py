"""A verifier run as a program would be, with a memory of its own."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest

from tests.verifier.booklet import KEY, bind
from verifier.__main__ import main

Verify = Callable[..., tuple[int, dict[str, int]]]


@pytest.fixture
def verify(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Verify:
    """Run the verifier over bundle lines; answers exit code and how often each finding came."""

    def run(lines: Iterable[bytes], *options: str) -> tuple[int, dict[str, int]]:
        state = ["--state", str(tmp_path / "memory" / "seen.json")]
        trust = [] if "--first-contact" in options else ["--key", str(KEY.verifier)]
        code = main([str(bind(tmp_path, lines)), *state, *trust, "--json", *options])
        told = capsys.readouterr().out
        report: dict[str, Any] = json.loads(told) if told else {"counts": {}}
        return code, report["counts"]

    return run
