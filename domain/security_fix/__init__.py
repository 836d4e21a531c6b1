"""A security fix: from the vulnerability to merge requests for every version, hidden until then."""
