# What the scripts for the Dify plugins share. Sourced after common.sh.

plugin_venv=$root/build/plugin-venv

# Pythons that may be new enough, best first.
plugin_pythons() {
  local minor
  for minor in {12..19}; do
    command -v "python3.$minor" || true
  done
  if command -v pyenv >/dev/null; then
    ls "$(pyenv root)"/versions/3.1[2-9]*/bin/python3 2>/dev/null || true
  fi
  if command -v uv >/dev/null; then
    uv python find --offline '>=3.12' 2>/dev/null || true
  fi
  command -v python3 || true
  echo "$root/.cache/python/bin/python3"
}

# The first Python that is new enough and can make virtual environments.
find_plugin_python() {
  local python
  while read -r python; do
    if "$python" -c 'import ensurepip, sys, venv
sys.exit(sys.version_info < (3, 12))' 2>/dev/null; then
      echo "$python"
      return 0
    fi
  done < <(plugin_pythons)
  return 1
}

# The same. Where there is none it is built first, as on Debian 12, which has 3.11.
bring_plugin_python() {
  find_plugin_python && return 0
  say 'No Python 3.12 or newer on PATH, in pyenv or in uv, which the Dify plugins' \
    'need: building the one of Debian 13 into .cache/python (minutes, once)' >&2
  "$root/scripts/lib/build-python" >&2 && find_plugin_python ||
    die 'no Python for the Dify plugins. `pyenv install 3.12` or' \
      '`uv python install 3.12` brings one too, where they reach the internet.'
}

# The environment the plugins run in here: what their packages pin, and the tools
# of their tests.
install_plugin_python() {
  local pinned=$root/plugin_manifest/holysheep_model/requirements.txt
  local tools=$root/tests/plugins/requirements.txt
  local engine=$root/tests/plugins/requirements-graphon.txt
  local python
  [[ -x $plugin_venv/bin/python ]] && cat "$pinned" "$tools" "$engine" |
    cmp -s - "$plugin_venv/requirements.txt" && return 0
  python=$(bring_plugin_python)
  say "Installing Python packages into build/plugin-venv"
  "$python" --version
  rm -rf "$plugin_venv"
  "$python" -m venv "$plugin_venv"
  local pip=("$plugin_venv/bin/pip" -q --disable-pip-version-check)
  "${pip[@]}" install --require-hashes -r "$pinned"
  "${pip[@]}" install -r "$tools"
  # Its bound on the Python is that of a dependency which is left out.
  "${pip[@]}" install --no-deps --ignore-requires-python -r "$engine"
  cat "$pinned" "$tools" "$engine" >"$plugin_venv/requirements.txt"
}
