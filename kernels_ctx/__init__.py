"""What a live kernel holds, as frozen values: variables, frames with their columns, functions, modules.

A package of its own: it knows kernels, and neither notebooks nor models nor servers.
"""
