"""Pure rules of printing: names of files, and HTML as a tree of plain data."""
