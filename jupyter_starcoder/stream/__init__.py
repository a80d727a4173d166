"""Stages that an answer's text passes through, piece by piece."""
