"""Locks: times in which nothing is deployed, changed or merged, with exemptions from them."""
