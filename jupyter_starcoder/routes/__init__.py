"""Thin HTTP handlers: authenticate, read the body, ask the copilot, send back what comes."""
