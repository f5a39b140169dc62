"""Tells how big an image is, and fails if it is bigger than it may be:

    image_size.py ARCHIVE BASE_LAYERS MAX_MB

ARCHIVE is what `docker save` writes; its first BASE_LAYERS layers are the base's,
and what the others hold may be at most MAX_MB megabytes (of 1,000,000 bytes).
"""

import json
import sys
import tarfile


def layer_sizes(archive):
    """The bytes in the files of each layer, in their order."""
    sizes = []
    with tarfile.open(archive) as outer:
        (manifest,) = json.load(outer.extractfile("manifest.json"))
        for name in manifest["Layers"]:
            with tarfile.open(fileobj=outer.extractfile(name)) as layer:
                sizes.append(sum(member.size for member in layer))
    return sizes


def main(archive, base_layers, max_mb):
    sizes = layer_sizes(archive)
    total = sum(sizes) / 1e6
    beyond = sum(sizes[int(base_layers):]) / 1e6
    print(f"{total:.1f} MB, of which {beyond:.1f} MB are beyond the base (at most {max_mb})")
    return 0 if beyond <= float(max_mb) else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
