# Compiler, linker and cache settings. acta_flags carries what every target of ours is built with.
find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE_PROGRAM})
endif()

add_library(acta_flags INTERFACE)
target_include_directories(acta_flags INTERFACE ${PROJECT_SOURCE_DIR} ${PROJECT_SOURCE_DIR}/src)
target_compile_options(acta_flags INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wconversion)
# For backtraces of sanitizers and profilers; what is installed goes without.
target_compile_options(acta_flags INTERFACE $<$<NOT:$<CONFIG:Release>>:-fno-omit-frame-pointer>)
# All of it goes into position-independent programs. -fPIC would be for libraries: there no function is inlined that
# another library could replace.
target_compile_options(acta_flags INTERFACE -fPIE)
target_link_options(acta_flags INTERFACE -pie)
target_compile_definitions(acta_flags INTERFACE ACTA_VERSION="${PROJECT_VERSION}")
if(ACTA_WERROR)
  target_compile_options(acta_flags INTERFACE -Werror)
endif()
if(ACTA_SANITIZE)
  target_compile_options(acta_flags INTERFACE -fsanitize=${ACTA_SANITIZE} -fno-sanitize-recover=all)
  target_link_options(acta_flags INTERFACE -fsanitize=${ACTA_SANITIZE})
  if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
    target_compile_options(acta_flags INTERFACE
      -fsanitize-ignorelist=${PROJECT_SOURCE_DIR}/cmake/sanitizer-ignore.txt)
  endif()
endif()

find_program(MOLD_PROGRAM mold)
if(MOLD_PROGRAM)
  target_link_options(acta_flags INTERFACE -fuse-ld=mold)
endif()
