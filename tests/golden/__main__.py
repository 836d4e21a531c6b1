"""Adds what is new to the golden files and rewrites nothing: `python -m tests.golden`."""

from tests.golden.files import add_missing

if __name__ == "__main__":
    print("\n".join(add_missing()))  # noqa: T201  (the additions are the answer)
