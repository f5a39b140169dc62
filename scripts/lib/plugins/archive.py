"""Makes .difypkg files, which are zip files, the same bytes every time.

    python -m archive STAGED DIST     DIST/<plugin>-<version>.difypkg of each

What a plugin's .difyignore names stays out, also where the plugin has run since
it was staged and Python has left its bytecode there.
"""

import sys
import zipfile
from pathlib import Path

import stage
import yaml

# The earliest a zip file can say.
_EPOCH = (1980, 1, 1, 0, 0, 0)


def plugins_in(staged):
    """The folders of the plugins; there may be others beside them."""
    return sorted(path.parent for path in Path(staged).glob("*/manifest.yaml"))


def version_of(plugin):
    return yaml.safe_load((plugin / "manifest.yaml").read_text())["version"]


def write_archive(folder, target):
    target.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(target, "w") as archive:
        for path in stage.files_of(folder, stage.ignored_by(folder.name)):
            entry = zipfile.ZipInfo(path.as_posix(), _EPOCH)
            entry.external_attr = 0o644 << 16
            entry.create_system = 3
            # Wheels are compressed already.
            packed = path.suffix == ".whl"
            entry.compress_type = zipfile.ZIP_STORED if packed else zipfile.ZIP_DEFLATED
            archive.writestr(entry, (folder / path).read_bytes(), compresslevel=9)


def main(staged, dist):
    for plugin in plugins_in(staged):
        target = Path(dist) / f"{plugin.name}-{version_of(plugin)}.difypkg"
        write_archive(plugin, target)
        print(f"{target.name}: {target.stat().st_size:,} bytes")


if __name__ == "__main__":
    main(*sys.argv[1:])
