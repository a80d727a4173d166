"""Models on their way into the store, one at a time, for all pages of a server."""
