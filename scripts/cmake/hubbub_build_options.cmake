# How code of this project is compiled: one interface target that every target of ours links privately. It never reaches
# those who use the libraries.

add_library(hubbub_build_options INTERFACE)
target_compile_features(hubbub_build_options INTERFACE cxx_std_20)

if(PROJECT_IS_TOP_LEVEL OR HUBBUB_WARNINGS_AS_ERRORS)
  target_compile_options(hubbub_build_options INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wconversion)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
    # g++ 12 warns of overlapping copies inside std::string's operator+ (its bug 105651).
    target_compile_options(hubbub_build_options INTERFACE -Wno-restrict)
  endif()
endif()
if(HUBBUB_WARNINGS_AS_ERRORS)
  target_compile_options(hubbub_build_options INTERFACE -Werror)
endif()

if(HUBBUB_SANITIZE)
  string(REPLACE ";" "," hubbub_sanitizers "${HUBBUB_SANITIZE}")
  target_compile_options(hubbub_build_options INTERFACE -fsanitize=${hubbub_sanitizers} -fno-omit-frame-pointer)
  target_link_options(hubbub_build_options INTERFACE -fsanitize=${hubbub_sanitizers})
  if("undefined" IN_LIST HUBBUB_SANITIZE)
    # A finding ends the program: a test that only prints one would still pass.
    target_compile_options(hubbub_build_options INTERFACE -fno-sanitize-recover=all)
    # This check asks the system through a pipe whether memory may be read, and takes "no descriptors left" for "no": a
    # test uses up the descriptors on purpose.
    target_compile_options(hubbub_build_options INTERFACE -fno-sanitize=vptr)
    if(CMAKE_CXX_COMPILER_ID MATCHES "Clang")
      # clang 14 cannot assemble coroutines with it ("Cannot represent a difference across sections").
      target_compile_options(hubbub_build_options INTERFACE -fno-sanitize=function)
    endif()
  endif()
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # Instrumented code confuses g++'s flow analysis; and it warns of each fence in Asio's headers under -fsanitize=thread.
    target_compile_options(hubbub_build_options INTERFACE -Wno-maybe-uninitialized)
    if("thread" IN_LIST HUBBUB_SANITIZE)
      target_compile_options(hubbub_build_options INTERFACE -Wno-tsan)
    endif()
  endif()
endif()

if(HUBBUB_COVERAGE)
  target_compile_options(hubbub_build_options INTERFACE --coverage)
  target_link_options(hubbub_build_options INTERFACE --coverage)
endif()

if(HUBBUB_BUILD_FUZZ)
  if(NOT CMAKE_CXX_COMPILER_ID MATCHES "Clang")
    message(FATAL_ERROR "HUBBUB_BUILD_FUZZ needs clang++ (libFuzzer is part of it); the compiler here is ${CMAKE_CXX_COMPILER}")
  endif()
  # Libraries count the paths taken; the fuzz programs add -fsanitize=fuzzer when they are linked.
  target_compile_options(hubbub_build_options INTERFACE -fsanitize=fuzzer-no-link)
endif()
