"""Text to token ids and back; cursors inside a word are healed here."""
