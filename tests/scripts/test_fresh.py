"""scripts/fresh: what it makes of its arguments, and whose exit status it has."""

import os
import pathlib
import shutil
import subprocess
import time

import pytest

ROOT = pathlib.Path(__file__).parents[2]

# Stand-ins on PATH. Root is who asks, nothing is mounted, and the Debian is a folder.
PROGRAMS = {
    "id": "echo 0",
    "apt-get": "echo http://mirror.example/debian",
    "apt-config": "echo 'Acquire::http::Proxy \"http://proxy.example\";'",
    "go": "echo of-$2",
    "chroot": "exit 0",
    "debootstrap": 'echo "debootstrap $*" >>"$CALLS"; mkdir -p "$3"/{etc/{apt/apt.conf.d,dpkg/dpkg.cfg.d,sudoers.d},root,home/newcomer}',
    "unshare": 'printf "%s\\n" "$@" >>"$CALLS"; [[ -z ${HANG:-} ]] || {'
               ' trap "" TERM; echo hangs >>"$CALLS"; exec tail -f "$CALLS" >/dev/null; };'
               ' cat "$TMPDIR"/*/debian/{root,home/newcomer}/holysheep/kept 2>/dev/null >>"$CALLS"'
               "; exit 7",
}


@pytest.fixture
def fresh(tmp_path):
    """Runs it in a project of its own: fresh(ARGUMENT..., VARIABLE=value)."""
    project = tmp_path / "project"
    for name in ("scripts/fresh", "scripts/lib/common.sh", "scripts/lib/debian.sh"):
        (project / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, project / name)
    (project / "kept").write_text("committed\n")
    for command in (["init", "-q"], ["add", "kept"], ["commit", "-q", "-m", "a"]):
        subprocess.run(["git", "-c", "user.name=a", "-c", "user.email=a@example.com", *command],
                       cwd=project, check=True)
    (project / "kept").write_text("not yet committed\n")
    for name, body in PROGRAMS.items():
        program = tmp_path / "bin" / name
        program.parent.mkdir(exist_ok=True)
        program.write_text(f"#!/usr/bin/env bash\n{body}\n")
        program.chmod(0o755)
    (tmp_path / "tmp").mkdir()

    def run(*arguments, by=subprocess.run, **variables):
        env = {"PATH": f"{tmp_path}/bin:{os.environ['PATH']}", "HOME": str(tmp_path),
               "TMPDIR": str(tmp_path / "tmp"), "CALLS": str(tmp_path / "calls"), **variables}
        limits = {"capture_output": True, "timeout": 60, "check": False}
        return by([project / "scripts/fresh", *arguments], env=env, text=True,
                  **(limits if by is subprocess.run else {}))

    return run


@pytest.mark.parametrize("arguments", [
    [], ["11"], ["trixie"], ["--user"], ["12", "--fast"], ["13", "--base"], ["13", "--ccache", ""]])
def test_says_how_it_is_called_if_it_is_called_otherwise(fresh, tmp_path, arguments):
    run = fresh(*arguments)
    assert run.returncode == 2 and not run.stdout
    assert "scripts/fresh 12|13 [OPTION...] [COMMAND...]" in run.stderr
    assert not (tmp_path / "calls").exists()


def test_tells_how_it_is_called(fresh):
    for arguments in (["--help"], ["12", "--help"]):
        run = fresh(*arguments)
        assert run.returncode == 0 and "scripts/fresh 12|13" in run.stdout


@pytest.mark.parametrize(("release", "suite", "user"), [
    ("12", "bookworm", "root"), ("13", "trixie", "root"), ("13", "trixie", "newcomer")])
def test_runs_both_commands_on_what_is_committed_and_tidies_up(fresh, tmp_path, release, suite, user):
    run = fresh(release, *(["--user"] if user != "root" else []))
    assert run.returncode == 7, run.stderr
    calls = (tmp_path / "calls").read_text().splitlines()
    assert calls[0].startswith(f"debootstrap --variant=minbase {suite} ")
    assert calls[0].endswith(" http://mirror.example/debian")
    assert "for command in scripts/demo scripts/test; do" in calls
    assert calls[calls.index("--reuid") + 1] == user
    assert calls[-1] == "committed"
    assert not list((tmp_path / "tmp").iterdir())


def test_runs_another_command_and_keeps_the_debian(fresh, tmp_path):
    run = fresh("13", "--keep", "scripts/test", "--fast")
    (work,) = (tmp_path / "tmp").iterdir()
    assert f"Kept in {work}" in run.stdout
    calls = (tmp_path / "calls").read_text().splitlines()
    assert calls[-3:-1] == ["scripts/test", "--fast"]
    assert "scripts/demo" not in calls


def test_passes_on_how_registries_are_reached_and_no_other_setting(fresh, tmp_path):
    fresh("13", "--keep", "true", https_proxy="http://proxy.example", PIP_INDEX_URL="http://a b",
          NODE_EXTRA_CA_CERTS="/ca", HOLYSHEEP_API_KEY="decoy", GOPATH="/go", PYTHONPATH="/here")
    calls = (tmp_path / "calls").read_text().splitlines()
    for setting in ("https_proxy=http://proxy.example", "PIP_INDEX_URL=http://a b",
                    "NODE_EXTRA_CA_CERTS=/ca", "GOPROXY=of-GOPROXY"):
        assert setting in calls
    assert not [call for call in calls if call.startswith(("HOLYSHEEP", "GOPATH", "PYTHONPATH"))]
    (settings,) = (tmp_path / "tmp").glob("*/debian/etc/apt/apt.conf.d/99machine")
    assert settings.read_text() == 'Acquire::http::Proxy "http://proxy.example";\n'


def test_makes_the_bare_debian_once_if_it_may_keep_it(fresh, tmp_path):
    base = tmp_path / "base.tar"
    for _ in range(2):
        assert fresh("13", "--base", base, "true").returncode == 7
    calls = (tmp_path / "calls").read_text()
    assert calls.count("debootstrap") == 1 and calls.count("committed") == 2


def test_ends_at_once_when_told_to_though_what_it_began_does_not(fresh, tmp_path):
    calls = tmp_path / "calls"
    run = fresh("13", by=subprocess.Popen, HANG="1")
    deadline = time.monotonic() + 30
    while not (calls.exists() and calls.read_text().endswith("hangs\n")):
        assert time.monotonic() < deadline and run.poll() is None
        time.sleep(0.01)
    run.terminate()
    assert run.wait(10) == 143
    assert not list((tmp_path / "tmp").iterdir())
    assert not subprocess.run(["pgrep", "-f", f"tail -f {tmp_path}"], check=False,
                              capture_output=True).stdout
