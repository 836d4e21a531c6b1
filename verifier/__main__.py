"""`python -m verifier BUNDLE`: exit 0 if the bundle is good, 1 if it is bad, 2 if unreadable."""

from __future__ import annotations

import argparse
import json
import os
import sys
import traceback
from pathlib import Path

from verifier.bundle import Unreadable
from verifier.check import Report, check
from verifier.files import told
from verifier.memory import held
from verifier.note import Key, parse_key
from verifier.tree import Refused

GOOD, BAD, UNREADABLE = 0, 1, 2


def main(arguments: list[str] | None = None) -> int:
    """Check one bundle, print what was found, answer the exit code."""
    asked = _parser().parse_args(arguments)
    try:
        keys = _trusted(asked.key, asked.key_file)
        with held(asked.state) as memory:
            report = check(
                asked.bundle,
                keys,
                memory,
                first_contact=asked.first_contact,
                complete=asked.complete,
            )
    except Unreadable as fault:
        sys.stderr.write(f"unreadable: {_shown(str(fault))}\n")
        return UNREADABLE
    except Exception:  # noqa: BLE001  (a crash is no verdict, and Python's own code for it is 1)
        traceback.print_exc()
        return UNREADABLE
    sys.stdout.write(_as_json(report) if asked.json else _as_text(report))
    return GOOD if report.findings.good else BAD


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m verifier", description=__doc__)
    parser.add_argument("bundle", type=Path, help="the bundle to check")
    parser.add_argument("--key", action="append", default=[], help="a verifier key to trust")
    parser.add_argument("--key-file", type=Path, help="a file with one verifier key a line")
    parser.add_argument(
        "--first-contact",
        action="store_true",
        help="trust the keys in the bundle if none is known for its log yet",
    )
    parser.add_argument(
        "--complete", action="store_true", help="a payload that is withheld makes the bundle bad"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument(
        "--state", type=Path, default=_default_state(), help="where seen checkpoints are kept"
    )
    return parser


def _default_state() -> Path:
    base = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
    return Path(base) / "changegate" / "verifier.json"


def _trusted(lines: list[str], file: Path | None) -> list[Key]:
    try:
        stored = file.read_text(encoding="utf-8").splitlines() if file else []
        return [parse_key(line) for line in [*lines, *stored] if line.strip()]
    except OSError as fault:
        raise Unreadable(told(file or Path(), fault)) from None
    except UnicodeError:
        raise Unreadable(f"{file} is no file of keys: it is no text in UTF-8") from None
    except Refused as fault:
        raise Unreadable(f"a key: {fault}") from None


def _as_text(report: Report) -> str:
    looked = f"{report.entries} entries and {report.receipts} receipts in the bundle"
    lines = [f"{report.origin}: {report.signed} entries signed, {looked}"]
    lines += [f"{kind.value}: {text}" for kind, text in report.findings.texts]
    hidden = sum(report.findings.counts.values()) - len(report.findings.texts)
    if hidden:
        lines.append(f"and {hidden} more of the same kinds")
    lines.append("good" if report.findings.good else "bad")
    return "".join(f"{_shown(line)}\n" for line in lines)


def _shown(text: str) -> str:
    """The text as a terminal may have it: what a bundle says must not move the cursor."""
    return text.encode("unicode_escape").decode()


def _as_json(report: Report) -> str:
    found = report.findings
    told = json.dumps(
        {
            "origin": report.origin,
            "good": found.good,
            "signed": report.signed,
            "entries": report.entries,
            "receipts": report.receipts,
            "counts": {kind.value: count for kind, count in found.counts.items()},
            "findings": [
                {"kind": kind.value, "fault": found.is_fault(kind), "text": text}
                for kind, text in found.texts
            ],
        }
    )
    return f"{told}\n"


if __name__ == "__main__":
    sys.exit(main())
