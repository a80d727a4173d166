"""Benchmarks of code: what a model writes for a problem is run in a sandbox and scored.

    data → task set → prompt → model → answer → program → sandbox → verdict → results → report

`evaluating.py` joins these. What stands in `inside/` runs in another interpreter and knows the standard library only.
"""
