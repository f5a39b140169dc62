# What the scripts share that fetch more of Debian. Sourced after common.sh.

# Where this machine has Debian's packages from; nothing if it is no Debian.
debian_mirror() {
  apt-get indextargets --format '$(SITE)' \
    'Created-By: Packages' 'Origin: Debian' 'Label: Debian' 2>/dev/null |
    head -n 1
}
