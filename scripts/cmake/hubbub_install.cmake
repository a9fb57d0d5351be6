# Installation: libraries, headers and the package files that find_package(hubbub) reads.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

get_property(hubbub_rooms GLOBAL PROPERTY hubbub_rooms)
foreach(room IN LISTS hubbub_rooms)
  get_target_property(headers ${room} hubbub_room_headers)
  install(TARGETS ${room} EXPORT hubbub_targets
    ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}"
    LIBRARY DESTINATION "${CMAKE_INSTALL_LIBDIR}"
    RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}"
    INCLUDES DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}")
  install(DIRECTORY "${headers}" DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}" FILES_MATCHING PATTERN "*.hpp")
endforeach()

if(hubbub_rooms)
  set(hubbub_package_directory "${CMAKE_INSTALL_LIBDIR}/cmake/hubbub")
  install(EXPORT hubbub_targets NAMESPACE hubbub:: DESTINATION "${hubbub_package_directory}")
  configure_package_config_file("${CMAKE_CURRENT_LIST_DIR}/hubbubConfig.cmake.in"
    "${PROJECT_BINARY_DIR}/package/hubbubConfig.cmake" INSTALL_DESTINATION "${hubbub_package_directory}")
  # Before 1.0 a minor version may change the interface.
  write_basic_package_version_file("${PROJECT_BINARY_DIR}/package/hubbubConfigVersion.cmake"
    COMPATIBILITY SameMinorVersion)
  install(FILES "${PROJECT_BINARY_DIR}/package/hubbubConfig.cmake"
    "${PROJECT_BINARY_DIR}/package/hubbubConfigVersion.cmake" DESTINATION "${hubbub_package_directory}")
endif()
