# What Debian 12 packages; newer versions work too.
find_package(Threads REQUIRED)
find_package(PkgConfig REQUIRED)
find_package(absl REQUIRED)
find_package(Protobuf REQUIRED)
find_package(GTest REQUIRED)
find_package(OpenSSL REQUIRED)
find_package(CURL REQUIRED)
find_package(ZLIB REQUIRED)
find_package(yaml-cpp REQUIRED)
find_package(SQLite3 REQUIRED)
find_package(Boost 1.74 REQUIRED CONFIG)
find_package(prometheus-cpp REQUIRED)
# BSD's line editor; GNU readline's licence does not fit this project's.
pkg_check_modules(LIBEDIT REQUIRED IMPORTED_TARGET libedit)
pkg_check_modules(GRPC REQUIRED IMPORTED_TARGET grpc++)
pkg_check_modules(NGHTTP2 REQUIRED IMPORTED_TARGET libnghttp2)
find_program(GRPC_CPP_PLUGIN grpc_cpp_plugin REQUIRED)

add_library(holysheep_grpc INTERFACE)
target_link_libraries(holysheep_grpc INTERFACE PkgConfig::GRPC
                                               protobuf::libprotobuf)

# Asio without its deprecated parts; headers only.
add_library(holysheep_asio INTERFACE)
target_compile_definitions(holysheep_asio INTERFACE BOOST_ASIO_NO_DEPRECATED)
target_link_libraries(holysheep_asio INTERFACE Boost::headers Threads::Threads)
if(HOLYSHEEP_SANITIZE STREQUAL "thread")
  # GCC's thread sanitizer does not know fences and warns of Asio's, which come
  # on top of the mutexes that it does know.
  target_compile_definitions(holysheep_asio INTERFACE
                             BOOST_ASIO_DISABLE_FENCED_BLOCK)
  target_compile_options(holysheep_asio INTERFACE -Wno-tsan)
endif()

# A call is built on one thread and taken down on another, which glibc's malloc
# is slow at (docs/adr/0007). The sanitizers bring allocators of their own.
add_library(holysheep_malloc INTERFACE)
find_library(MIMALLOC mimalloc)
if(MIMALLOC AND NOT HOLYSHEEP_SANITIZE AND NOT HOLYSHEEP_FUZZ)
  target_link_options(holysheep_malloc INTERFACE
      LINKER:--push-state,--no-as-needed ${MIMALLOC} LINKER:--pop-state)
endif()
