"""An offline check of a log bundle, made from docs/log-format.md and nothing of the log's own code.

Needs Python and the `cryptography` package. `python -m verifier --help` tells the rest.
"""
