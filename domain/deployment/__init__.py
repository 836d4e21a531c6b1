"""Deployments: requested, started through a gate, watched, rolled back, and closed."""
