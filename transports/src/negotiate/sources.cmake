# Negotiation without sockets.
target_sources(hubbub_server PRIVATE ${CMAKE_CURRENT_LIST_DIR}/negotiate.cpp
                                     ${CMAKE_CURRENT_LIST_DIR}/connection_token.cpp)
