"""The canonical model: cleaned and conformed, one file a table, filled by source contracts alone."""
