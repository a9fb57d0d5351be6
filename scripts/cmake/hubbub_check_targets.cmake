# Stops the configuration when a target of this project does not link hubbub_build_options: it would be built without the
# warnings and, worse, without the sanitizers its neighbours have.

function(hubbub_check_targets directory)
  get_property(targets DIRECTORY "${directory}" PROPERTY BUILDSYSTEM_TARGETS)
  foreach(target IN LISTS targets)
    get_target_property(kind ${target} TYPE)
    if(kind MATCHES "^(STATIC_LIBRARY|SHARED_LIBRARY|OBJECT_LIBRARY|EXECUTABLE)$")
      get_target_property(linked ${target} LINK_LIBRARIES)
      if(NOT "${linked}" MATCHES "hubbub_build_options")
        message(FATAL_ERROR "${target} does not link hubbub_build_options. Add: "
          "target_link_libraries(${target} PRIVATE hubbub_build_options)")
      endif()
    endif()
  endforeach()
  get_property(below DIRECTORY "${directory}" PROPERTY SUBDIRECTORIES)
  foreach(child IN LISTS below)
    hubbub_check_targets("${child}")
  endforeach()
endfunction()

hubbub_check_targets("${PROJECT_SOURCE_DIR}")
