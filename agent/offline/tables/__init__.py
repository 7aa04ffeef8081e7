"""Questions about tables: what a request says of rows, columns and values."""
