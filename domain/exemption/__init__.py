"""An exemption: one thing may go on in spite of a lock."""
