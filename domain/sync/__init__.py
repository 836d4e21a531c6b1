"""Reports that a release is the same where it was made and where everybody sees it."""
