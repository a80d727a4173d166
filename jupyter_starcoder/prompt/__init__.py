"""Turns a place in a notebook into what a model of some family was trained to continue."""
