"""Pure rules: what may happen to a change, a merge request, a grant; no clock and no I/O."""
