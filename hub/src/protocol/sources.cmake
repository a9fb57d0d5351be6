# Sources of hub/src/protocol.
target_sources(hubbub_hub PRIVATE
  ${CMAKE_CURRENT_LIST_DIR}/chrono_codec.cpp
  ${CMAKE_CURRENT_LIST_DIR}/chrono_text.cpp
  ${CMAKE_CURRENT_LIST_DIR}/enums.cpp
  ${CMAKE_CURRENT_LIST_DIR}/fields.cpp
  ${CMAKE_CURRENT_LIST_DIR}/handshake.cpp
  ${CMAKE_CURRENT_LIST_DIR}/json_bytes.cpp
  ${CMAKE_CURRENT_LIST_DIR}/json_envelope.cpp
  ${CMAKE_CURRENT_LIST_DIR}/json_envelope_rare.cpp
  ${CMAKE_CURRENT_LIST_DIR}/json_hub_protocol.cpp
  ${CMAKE_CURRENT_LIST_DIR}/json_reader.cpp
  ${CMAKE_CURRENT_LIST_DIR}/json_text.cpp
  ${CMAKE_CURRENT_LIST_DIR}/json_writer.cpp
  ${CMAKE_CURRENT_LIST_DIR}/msgpack_envelope.cpp
  ${CMAKE_CURRENT_LIST_DIR}/msgpack_format.cpp
  ${CMAKE_CURRENT_LIST_DIR}/msgpack_hub_protocol.cpp
  ${CMAKE_CURRENT_LIST_DIR}/msgpack_reader.cpp
  ${CMAKE_CURRENT_LIST_DIR}/msgpack_writer.cpp
  ${CMAKE_CURRENT_LIST_DIR}/utf8_mending.cpp
  ${CMAKE_CURRENT_LIST_DIR}/value_codec.cpp
)
