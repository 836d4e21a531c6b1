"""Templates of standard changes: proposed, approved by a second person, in versions, retired."""
