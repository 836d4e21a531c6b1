"""Who may ask for what: casbin rules and process playbooks, reviewed like code."""
