"""What runs inside a Python kernel, in parts that are joined into one text and sent.

Standard library only. It imports nothing that an IPython kernel has not imported already, calls no `__repr__`,
`__getattr__` or property of a user's classes, copies no data, reads bounded slices, and stops at a limit of time and
size. `joined.py` says in which order the parts are joined.
"""
