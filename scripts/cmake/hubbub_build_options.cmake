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

# What a library of a room has in common with the others: its name inside and outside, its visibility, its version.
# Called by the room after add_library: hubbub_room_library(hubbub_hub NAME hub).
function(hubbub_room_library target)
  cmake_parse_arguments(PARSE_ARGV 1 room "" "NAME" "")
  target_compile_features(${target} PUBLIC cxx_std_20)
  target_link_libraries(${target} PRIVATE $<BUILD_INTERFACE:hubbub_build_options>)
  if(NOT TARGET hubbub::${room_NAME})
    add_library(hubbub::${room_NAME} ALIAS ${target})
  endif()
  set_target_properties(${target} PROPERTIES
    EXPORT_NAME ${room_NAME}
    VERSION ${PROJECT_VERSION}
    SOVERSION ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR}
    POSITION_INDEPENDENT_CODE ON
    INSTALL_RPATH "$ORIGIN")  # as shared libraries they find one another wherever they are put
  if(NOT BUILD_SHARED_LIBS)
    # Inside an application's own shared library nothing of ours shows. As shared libraries ours export everything.
    set_target_properties(${target} PROPERTIES CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON)
  endif()
  target_include_directories(${target} PUBLIC
    $<BUILD_INTERFACE:${CMAKE_CURRENT_SOURCE_DIR}/include> $<INSTALL_INTERFACE:include>)
  set_property(GLOBAL APPEND PROPERTY hubbub_rooms ${target})
  set_property(TARGET ${target} PROPERTY hubbub_room_headers "${CMAKE_CURRENT_SOURCE_DIR}/include/")
endfunction()
