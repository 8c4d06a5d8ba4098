"""The tables of the store as dated steps, up and down, on SQLite and PostgreSQL."""
