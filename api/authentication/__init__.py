"""Who comes in: API tokens, bearers of an OpenID Connect provider, and groups."""
