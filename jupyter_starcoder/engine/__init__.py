"""Runs an exported model: sessions, the key/value cache, decoding, and the process it all happens in. Knows no text."""
