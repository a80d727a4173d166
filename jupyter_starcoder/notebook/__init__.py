"""Reads notebooks, and finds what stands around a place in one."""
