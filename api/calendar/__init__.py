"""What a period holds, who is on duty in it, and what stands in the way of a plan."""
