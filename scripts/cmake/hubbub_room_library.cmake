# What the libraries of all rooms have in common: visibility, version, and that they are installed. Called by the top-level
# file once the room has declared its target.

function(hubbub_room_library target folder)
  if(NOT TARGET ${target})
    return()
  endif()
  set_target_properties(${target} PROPERTIES
    VERSION ${PROJECT_VERSION}
    SOVERSION ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR}
    POSITION_INDEPENDENT_CODE ON
    INSTALL_RPATH "$ORIGIN")  # as shared libraries they find one another wherever they are put
  if(NOT BUILD_SHARED_LIBS)
    # Inside an application's own shared library nothing of ours shows. As shared libraries ours export everything.
    set_target_properties(${target} PROPERTIES CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON)
  endif()
  set_property(TARGET ${target} PROPERTY hubbub_room_headers "${PROJECT_SOURCE_DIR}/${folder}/include/")
  set_property(GLOBAL APPEND PROPERTY hubbub_rooms ${target})
endfunction()
