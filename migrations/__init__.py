"""The database's revisions; the log's tables are never altered by copying them."""
