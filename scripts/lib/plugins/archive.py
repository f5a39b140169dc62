"""Makes .difypkg files, which are zip files, the same bytes every time.

    python -m archive STAGED DIST     DIST/<plugin>-<version>.difypkg of each
"""

import sys
import zipfile
from pathlib import Path

import yaml

# The earliest a zip file can say.
_EPOCH = (1980, 1, 1, 0, 0, 0)


def version_of(plugin):
    return yaml.safe_load((plugin / "manifest.yaml").read_text())["version"]


def write_archive(folder, target):
    target.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(target, "w") as archive:
        for path in sorted(p for p in folder.rglob("*") if p.is_file()):
            entry = zipfile.ZipInfo(path.relative_to(folder).as_posix(), _EPOCH)
            entry.external_attr = 0o644 << 16
            entry.create_system = 3
            # Wheels are compressed already.
            packed = path.suffix == ".whl"
            entry.compress_type = zipfile.ZIP_STORED if packed else zipfile.ZIP_DEFLATED
            archive.writestr(entry, path.read_bytes(), compresslevel=9)


def main(staged, dist):
    for plugin in sorted(p for p in Path(staged).iterdir() if p.is_dir()):
        target = Path(dist) / f"{plugin.name}-{version_of(plugin)}.difypkg"
        write_archive(plugin, target)
        print(f"{target.name}: {target.stat().st_size:,} bytes")


if __name__ == "__main__":
    main(*sys.argv[1:])
