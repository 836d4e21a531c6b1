"""A made-up organisation to try the service with: its people, and changes in every state."""
