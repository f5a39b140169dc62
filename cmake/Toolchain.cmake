# Compiler cache, linker, sanitizers and the warnings for our own targets.
find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM)
  # So that a clone elsewhere finds what was compiled here, and so does the build
  # of the image, where no language is set.
  set(CMAKE_CXX_COMPILER_LAUNCHER
      env CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} CCACHE_NOHASHDIR=1
      CCACHE_SLOPPINESS=locale ${CCACHE_PROGRAM})
endif()

# mold links the gRPC binaries several times faster; any linker will do.
find_program(MOLD_PROGRAM mold)
if(MOLD_PROGRAM)
  add_link_options(-fuse-ld=mold)
endif()

set(CMAKE_CXX_FLAGS_RELEASE "-O2 -DNDEBUG")
set(CMAKE_CXX_FLAGS_RELWITHDEBINFO "-O1 -g1 -fno-omit-frame-pointer")

if(HOLYSHEEP_SANITIZE)
  add_compile_options(-fsanitize=${HOLYSHEEP_SANITIZE}
                      -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${HOLYSHEEP_SANITIZE})
  # Else the hash tables of newer Abseil have another layout than in the Debian
  # package, which is built without sanitizers.
  add_compile_definitions(NDEBUG_SANITIZER)
endif()
if(HOLYSHEEP_FUZZ)
  # RapidJSON's stacks add to a null pointer before they have memory.
  add_compile_options(-fsanitize=fuzzer-no-link -fno-sanitize=pointer-overflow)
endif()

set(HOLYSHEEP_WARNINGS -Wall -Wextra -Wconversion -Wno-sign-conversion -Wshadow
                       -Wnon-virtual-dtor)
if(HOLYSHEEP_WERROR)
  list(APPEND HOLYSHEEP_WARNINGS -Werror)
endif()
if(CMAKE_CXX_COMPILER_ID MATCHES Clang)
  # A reactor hears OnDone from gRPC, and one from what it runs.
  list(APPEND HOLYSHEEP_WARNINGS -Wno-overloaded-virtual)
endif()
