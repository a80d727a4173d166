"""What runs in the sandbox, in an interpreter that need not have this package: standard library only."""
