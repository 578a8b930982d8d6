"""Questions that concern several layers at once, one file a question."""
