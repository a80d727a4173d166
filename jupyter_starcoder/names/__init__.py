"""Names that exist: where only a key of a live object can stand, and whether a suggestion reads what nobody defined."""
