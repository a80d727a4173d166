"""`python -m jupyter_starcoder.cli`."""

import sys

from jupyter_starcoder.cli import main

if __name__ == "__main__":
    sys.exit(main())
