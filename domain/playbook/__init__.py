"""A playbook: a process as text, proposed and adopted, and how it is read strictly."""
