# Ready-made authentication.
target_sources(hubbub_server PRIVATE ${CMAKE_CURRENT_LIST_DIR}/jwt_bearer.cpp ${CMAKE_CURRENT_LIST_DIR}/jwt_keys.cpp
                                     ${CMAKE_CURRENT_LIST_DIR}/jwt_token.cpp)
