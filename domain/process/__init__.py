"""A process as data: what a playbook says once it is decoded."""
