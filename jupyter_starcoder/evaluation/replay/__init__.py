"""Notebook replay: an author's notebook is run cell by cell, and a model completes what the author is about to write.

    notebook → places → live kernel → conditions → copilot → scores → summary → report

What runs is the author's code, never the model's. `replaying.py` joins these.
"""
