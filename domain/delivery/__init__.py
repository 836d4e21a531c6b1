"""How well changes reach production: numbers worked out from recorded events alone (X-06)."""
