"""Rotations: who is on duty when, by layers of regular turns and turns given by date."""
