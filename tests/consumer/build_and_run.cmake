# One run of the consumer: WAY is find_package (installs the built libraries into a folder of its own first) or
# add_subdirectory (builds them again, as a dependency).

function(run what)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE failed OUTPUT_VARIABLE output ERROR_VARIABLE output)
  if(failed)
    message(FATAL_ERROR "${what} failed (${failed}):\n${output}")
  endif()
  set(output "${output}" PARENT_SCOPE)
endfunction()

file(REMOVE_RECURSE "${FOLDER}")
set(known)
if(WAY STREQUAL "find_package")
  run("installing hubbub" "${CMAKE_COMMAND}" --install "${BUILT}" --prefix "${FOLDER}/prefix")
  list(APPEND known "-DCMAKE_PREFIX_PATH=${FOLDER}/prefix")
endif()
# The flags of the tests' own build, so that a compiler cache knows the libraries' files already.
run("configuring the consumer" "${CMAKE_COMMAND}" -S "${SOURCE}/tests/consumer" -B "${FOLDER}/build" -G "${GENERATOR}"
  "-DCMAKE_CXX_COMPILER=${COMPILER}" "-DCMAKE_CXX_COMPILER_LAUNCHER=${LAUNCHER}" -DCMAKE_BUILD_TYPE=Release
  "-DCMAKE_CXX_FLAGS_RELEASE=${FLAGS}" "-DBUILD_SHARED_LIBS=${SHARED}" "-DHUBBUB_CONSUMES=${WAY}"
  "-DHUBBUB_SOURCE=${SOURCE}" -DHUBBUB_WARNINGS_AS_ERRORS=ON ${known})
run("building the consumer" "${CMAKE_COMMAND}" --build "${FOLDER}/build" --target consumer hub_test)
run("running the consumer's own test" "${FOLDER}/build/hub_test")
if(NOT output MATCHES "3 of 3 passed")
  message(FATAL_ERROR "the consumer's test ran, but did not say what it found:\n${output}")
endif()
run("running the consumer" "${FOLDER}/build/consumer")
if(NOT output MATCHES "listening on port [1-9][0-9]*\n.*stopped")
  message(FATAL_ERROR "the consumer ran, but did not say its port and that it stopped:\n${output}")
endif()
message(STATUS "${WAY}: ${output}")
