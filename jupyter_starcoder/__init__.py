"""A notebook copilot that runs StarCoder models on the user's own machine."""

__version__ = "0.1.0"
