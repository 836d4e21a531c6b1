"""The gates of a release: what is asked, where, and how it is answered and explained."""
