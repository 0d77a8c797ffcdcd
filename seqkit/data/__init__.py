"""Data: CSVs, tables, series and windows, before any model sees them."""
