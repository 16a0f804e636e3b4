"""Records all anew, beside the scripts or into the folder of the command line: python3 record.py [FOLDER]."""
import os
import pathlib
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

HERE = pathlib.Path(__file__).resolve().parent
HELPERS = {"record", "seeded", "networks", "tiny_net"}


def run(script):
    subprocess.run([sys.executable, script, *sys.argv[1:]], check=True)


# Each a process of its own, of one thread.
with ThreadPoolExecutor(os.cpu_count()) as workers:
    list(workers.map(run, (script for script in sorted(HERE.glob("*.py")) if script.stem not in HELPERS)))
