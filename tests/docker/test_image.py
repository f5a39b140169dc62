"""The image at rest: what it has in it, and what it tells the engine."""

import os
import re
import subprocess
import sys

from harness.process import ROOT, run

SIZE = ROOT / "scripts/lib/image_size.py"
# Beside what Debian's packages bring and what their installation writes.
OURS = {"/etc/holysheep/node.yaml", "/usr/bin/holysheep-node", "/usr/bin/holysheepctl"}
WRITTEN_BY_INSTALLATION = re.compile(
    r"/var/lib/(dpkg|apt)/|/var/cache/(debconf|ldconfig|apt)/|/etc/ssl/certs/"
    r"|/etc/(passwd|group|shadow|gshadow|subuid|subgid)-?$|/etc/ca-certificates\.conf$"
    r"|/etc/(ld\.so\.cache|hosts|hostname|resolv\.conf)$|/usr/share/info/dir")


def image_size(image, max_mb):
    return subprocess.run([sys.executable, SIZE, image.archive, "1", str(max_mb)], text=True,
                          capture_output=True, check=False)


def packaged_files(rootfs):
    """Files of Debian's packages, by their names before and after /bin and /lib
    moved into /usr."""
    names = set()
    for listing in (rootfs / "var/lib/dpkg/info").glob("*.list"):
        names |= set(listing.read_text().split("\n"))
    return names | {"/usr" + name for name in names}


def test_has_at_most_120_mb_beyond_its_base(image, capsys):
    told = image_size(image, 120)
    with capsys.disabled():
        print(f"\nimage: {told.stdout.strip()}")
    assert told.returncode == 0
    # Libraries alone are more than this.
    assert image_size(image, 10).returncode == 1


def test_holds_our_three_files_and_packages_of_debian(image, unpacked):
    packaged = packaged_files(unpacked.rootfs)
    left = {name for name in image.own_files() - packaged
            if os.path.lexists(unpacked.rootfs / name.lstrip("/"))}
    others = {name for name in left if not WRITTEN_BY_INSTALLATION.match(name)}
    assert others == OURS


def test_our_files_are_roots_and_for_everyone_to_read(unpacked):
    for name in OURS:
        status = (unpacked.rootfs / name.lstrip("/")).stat()
        assert (status.st_uid, status.st_mode & 0o022) == (0, 0)
        assert status.st_mode & 0o004


def test_says_nothing_of_the_machine_that_built_it(unpacked):
    # Where engines show their own; empty in the image, if there.
    for name in ("hosts", "hostname", "resolv.conf"):
        file = unpacked.rootfs / "etc" / name
        assert not file.exists() or not file.read_text()


def test_no_symbols_are_left_in_the_programs(unpacked):
    for name in ("holysheep-node", "holysheepctl"):
        said = subprocess.run(["readelf", "-S", unpacked.rootfs / "usr/bin" / name], text=True,
                              capture_output=True, check=True).stdout
        assert ".dynsym" in said and ".symtab" not in said


def test_tells_the_engine_what_it_needs(image):
    config = image.config
    assert config["Entrypoint"] == ["/usr/bin/holysheep-node"]
    assert config["Healthcheck"]["Test"] == ["CMD", "/usr/bin/holysheepctl", "health"]
    assert config["StopSignal"] in ("SIGTERM", "15")
    assert set(config["ExposedPorts"]) == {"50051/tcp", "9464/tcp"}
    uid, gid = map(int, config["User"].split(":"))
    assert uid > 0 and gid > 0


def test_its_version_is_that_of_the_program(image):
    version = image.config["Labels"]["org.opencontainers.image.version"]
    assert run("holysheep-node", "--version").stdout.strip() == f"holysheep-node {version}"
    assert image.archive.name == f"holysheep-node-{version}.tar"


def test_no_key_is_in_it_or_in_its_history(image):
    # scripts/test builds with this in the environment.
    assert b"hs-decoy-" not in image.archive.read_bytes()
    assert not re.search("KEY|TOKEN|SECRET|INSECURE=",
                         " ".join(image.environment) + str(image.description["history"]),
                         re.IGNORECASE)
