"""What several parties agree on, as it is worded, each of them somebody else."""
