"""`python -m wayout`."""

import sys

from wayout.cli import main

if __name__ == "__main__":
    sys.exit(main())
