# Third-party libraries, all from Debian 12.
find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
find_package(fmt REQUIRED)
find_package(spdlog REQUIRED)
find_package(yaml-cpp REQUIRED)
find_package(tl-expected REQUIRED)
find_package(OpenSSL REQUIRED)
find_package(CURL REQUIRED)
find_package(ZLIB REQUIRED)
pkg_check_modules(ZSTD REQUIRED IMPORTED_TARGET libzstd)
pkg_check_modules(RE2 REQUIRED IMPORTED_TARGET re2)
pkg_check_modules(RDKAFKA REQUIRED IMPORTED_TARGET rdkafka)
pkg_check_modules(XXHASH REQUIRED IMPORTED_TARGET libxxhash)
find_library(AUPARSE_LIBRARY auparse REQUIRED)
find_library(AUDIT_LIBRARY audit REQUIRED)
pkg_check_modules(CAPNG REQUIRED IMPORTED_TARGET libcap-ng)
pkg_check_modules(SECCOMP REQUIRED IMPORTED_TARGET libseccomp)
find_library(ISAL_LIBRARY isal REQUIRED)

add_library(acta_dependencies INTERFACE)
target_link_libraries(acta_dependencies INTERFACE
  Threads::Threads fmt::fmt spdlog::spdlog yaml-cpp tl::expected OpenSSL::Crypto OpenSSL::SSL
  CURL::libcurl ZLIB::ZLIB PkgConfig::ZSTD
  PkgConfig::CAPNG PkgConfig::SECCOMP
  PkgConfig::RE2 PkgConfig::RDKAFKA PkgConfig::XXHASH ${AUPARSE_LIBRARY} ${AUDIT_LIBRARY} ${ISAL_LIBRARY})
