"""A wheel: a zip file with the package, its metadata and the digests of both."""

from __future__ import annotations

import base64
import hashlib
import zipfile
from pathlib import Path
from typing import Any

try:
    import tomllib
except ImportError:  # before Python 3.11 pip has one
    from pip._vendor import tomli as tomllib  # type: ignore[no-redef]

EPOCH = (1980, 1, 1, 0, 0, 0)  # the same files make the same wheel


class Archive:
    """Open until all is added."""

    def __init__(self, folder: Path, project: Path, version: str, tag: str, readme: Path):
        self.project: dict[str, Any] = tomllib.loads(project.read_text())["project"]
        self.version, self.tag, self.readme = version, tag, readme
        stem = f"{self.project['name']}-{version}"
        self.name, self.info = f"{stem}-{tag}.whl", f"{stem}.dist-info"
        self.zip = zipfile.ZipFile(folder / self.name, "w", zipfile.ZIP_DEFLATED)
        self.record: list[str] = []

    def add(self, path: str, data: bytes, is_program: bool = False) -> None:
        entry = zipfile.ZipInfo(path, EPOCH)
        entry.external_attr = (0o100755 if is_program else 0o100644) << 16
        entry.compress_type = zipfile.ZIP_DEFLATED
        self.zip.writestr(entry, data)
        digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
        self.record.append(f"{path},sha256={digest},{len(data)}")

    def __enter__(self) -> Archive:
        return self

    def __exit__(self, kind: Any, *_: Any) -> None:
        if kind is None:
            self.add(f"{self.info}/METADATA", self.metadata().encode())
            self.add(f"{self.info}/WHEEL", f"Wheel-Version: 1.0\nGenerator: gdr\nRoot-Is-Purelib: false\nTag: {self.tag}\n".encode())
            self.add(f"{self.info}/entry_points.txt", self.entry_points().encode())
            self.record.append(f"{self.info}/RECORD,,\n")
            self.zip.writestr(zipfile.ZipInfo(f"{self.info}/RECORD", EPOCH), "\n".join(self.record))
        self.zip.close()

    def metadata(self) -> str:
        project = self.project
        lines = ["Metadata-Version: 2.1", f"Name: {project['name']}", f"Version: {self.version}", f"Summary: {project['description']}"]
        lines += [f"Classifier: {c}" for c in project["classifiers"]]
        lines += [f"Requires-Python: {project['requires-python']}"] + [f"Requires-Dist: {d}" for d in project["dependencies"]]
        for extra, needed in project["optional-dependencies"].items():
            lines += [f"Provides-Extra: {extra}"] + [f'Requires-Dist: {d}; extra == "{extra}"' for d in needed]
        return "\n".join([*lines, "Description-Content-Type: text/markdown", "", self.readme.read_text()])

    def entry_points(self) -> str:
        groups = {"console_scripts": self.project["scripts"], **self.project["entry-points"]}
        return "\n".join(f"[{group}]\n" + "".join(f"{n} = {v}\n" for n, v in points.items()) for group, points in groups.items())
