"""Environments: what is deployed to, how well they are, and what keeps deployments from them."""
