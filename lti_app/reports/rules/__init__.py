"""What the trainer's pages say of people: rows, selection, totals, spreadsheet cells. Pure."""
