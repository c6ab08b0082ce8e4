"""Says in one sentence why wayout cannot be installed with this interpreter, or says nothing.

It must fail politely on any Python, so above the check of the version it keeps to what all of
them understand.
"""

import sys

REMEDY = " Choose another interpreter with: make PYTHON=/path/to/python3.12 ..."


def obstacle():
    if not (3, 11) <= sys.version_info[:2] <= (3, 13):
        found = sys.version.split()[0]
        return "wayout needs Python 3.11, 3.12 or 3.13, and this is Python " + found + "." + REMEDY

    import os
    import shutil
    import sysconfig
    from importlib.util import find_spec
    from pathlib import Path

    if not (find_spec("venv") and find_spec("ensurepip")):
        return "This Python makes no virtual environments (Debian: install python3-venv)." + REMEDY
    if not Path(sysconfig.get_path("include"), "Python.h").exists():
        return "Compiling durable_rules takes Python.h (Debian: install python3-dev)." + REMEDY
    compiler = os.environ.get("CC") or sysconfig.get_config_var("CC") or "cc"
    if not shutil.which(compiler.split()[0]):
        return "Compiling durable_rules takes a C compiler (Debian: install gcc)."
    return None


if __name__ == "__main__":
    sys.exit(obstacle())
