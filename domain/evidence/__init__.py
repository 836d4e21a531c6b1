"""Evidence: what programs and people report of a commit or package."""
