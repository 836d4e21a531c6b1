"""A principal: a person or a program that acts."""
