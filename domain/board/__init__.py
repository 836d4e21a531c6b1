"""A board such as the CAB: its seats, dated, and what it decides on."""
