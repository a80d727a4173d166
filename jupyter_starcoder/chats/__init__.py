"""Conversations with the assistant, kept in one file of the user's own."""
