"""The image as `docker save` writes it: configuration, layers, files."""

import json
import pathlib
import shutil
import tarfile

WHITEOUT = ".wh."
OPAQUE = ".wh..wh..opq"


class Image:
    def __init__(self, archive):
        self.archive = archive
        with tarfile.open(archive) as outer:
            (manifest,) = json.load(outer.extractfile("manifest.json"))
            self.description = json.load(outer.extractfile(manifest["Config"]))
        self.config = self.description["config"]
        self._layers = manifest["Layers"]

    @property
    def environment(self):
        return dict(entry.split("=", 1) for entry in self.config["Env"])

    def layers(self):
        """Each layer as an open tar file. The first is the base: it is one in Debian's
        image as in that of debootstrap."""
        with tarfile.open(self.archive) as outer:
            for name in self._layers:
                with tarfile.open(fileobj=outer.extractfile(name)) as layer:
                    yield layer

    def own_files(self):
        """The paths of all files that the base does not have."""
        base, *own = [{"/" + m.name.removeprefix("./") for m in layer if not m.isdir()}
                      for layer in self.layers()]
        names = {n for n in set().union(*own) if not pathlib.Path(n).name.startswith(WHITEOUT)}
        return names - base

    def unpack(self, rootfs):
        """Layer by layer, with owners and modes; takes root."""
        for layer in self.layers():
            members = layer.getmembers()
            for member in members:
                self._hide(rootfs / member.name)
            kept = [m for m in members if not pathlib.Path(m.name).name.startswith(WHITEOUT)]
            # Newer Pythons leave out what is not for everybody's home.
            layer.extraction_filter = lambda member, _: member
            layer.extractall(rootfs, kept, numeric_owner=True)

    def _hide(self, path):
        """What a whiteout says is gone."""
        if path.name == OPAQUE:
            for hidden in path.parent.iterdir():
                self._remove(hidden)
        elif path.name.startswith(WHITEOUT):
            self._remove(path.with_name(path.name.removeprefix(WHITEOUT)))

    def _remove(self, path):
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()
