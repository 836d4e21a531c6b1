"""A merge request: pushed, signed off head by head, and merged by who may."""
