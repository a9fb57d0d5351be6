# HTTP without sockets.
target_sources(
  hubbub_server
  PRIVATE ${CMAKE_CURRENT_LIST_DIR}/request_reader.cpp
          ${CMAKE_CURRENT_LIST_DIR}/response_writer.cpp
          ${CMAKE_CURRENT_LIST_DIR}/cors.cpp
          ${CMAKE_CURRENT_LIST_DIR}/forwarding.cpp
          ${CMAKE_CURRENT_LIST_DIR}/static_directory.cpp
          ${CMAKE_CURRENT_LIST_DIR}/router.cpp)
