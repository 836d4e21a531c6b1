"""Approval rules, the votes on them, who may decide, and what they still lack."""
