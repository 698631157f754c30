"""Takes the two TensorFlow libraries, the C headers and the licences out of a tensorflow-cpu wheel.

usage: unpack-wheel.py WHEEL FOLDER
"""

import shutil
import sys
import zipfile
from pathlib import Path

LIBRARIES = ("tensorflow/libtensorflow_cc.so.2", "tensorflow/libtensorflow_framework.so.2")
# The platform headers moved twice between 2.12 and 2.20.
HEADERS = ("tensorflow/c/", "tensorflow/core/platform/", "tensorflow/tsl/", "tsl/", "xla/tsl/")
INCLUDE = "tensorflow/include/"


def target_of(name: str) -> Path | None:
    """Where a file of the wheel goes, None when it is not needed."""
    if name in LIBRARIES:
        return Path("lib") / Path(name).name
    if name.startswith(INCLUDE) and name.endswith(".h"):
        inner = name[len(INCLUDE) :]
        return Path("include") / inner if inner.startswith(HEADERS) else None
    return Path(Path(name).name) if "LICENSE" in name or "THIRD_PARTY" in name else None


def main(wheel: str, folder: str) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
        missing = [library for library in LIBRARIES if library not in names]
        if missing:
            sys.exit(f"{Path(wheel).name} holds no {', '.join(missing)}")
        for name in sorted(names):
            inside = target_of(name)
            if inside is None:
                continue
            target = Path(folder) / inside
            target.parent.mkdir(parents=True, exist_ok=True)
            with archive.open(name) as source, open(target, "wb") as out:
                shutil.copyfileobj(source, out, 1 << 20)


main(sys.argv[1], sys.argv[2])
