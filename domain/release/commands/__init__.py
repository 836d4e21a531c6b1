"""What may be done with a release and what is refused whatever its playbook says."""
