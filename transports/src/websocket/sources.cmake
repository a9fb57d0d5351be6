# WebSockets without sockets.
target_sources(hubbub_server PRIVATE ${CMAKE_CURRENT_LIST_DIR}/utf8_check.cpp
                                     ${CMAKE_CURRENT_LIST_DIR}/websocket_reader.cpp
                                     ${CMAKE_CURRENT_LIST_DIR}/websocket_handshake.cpp)
