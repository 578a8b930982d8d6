"""Pages of the documentation that are made by a run, never by hand."""
