// Reads the wire vectors from their files.
#include "vectors.hpp"

#include <fstream>
#include <stdexcept>

namespace hubbub::test {

nlohmann::json load_vectors(const std::string& file) {
  const std::string path = std::string(HUBBUB_VECTORS) + "/" + file;
  std::ifstream stream(path, std::ios::binary);
  if (!stream) throw std::runtime_error("cannot read " + path);
  nlohmann::json vectors = nlohmann::json::parse(stream).at("vectors");
  if (vectors.empty()) throw std::runtime_error(path + " holds no vectors");
  return vectors;
}

std::string bytes_of(const nlohmann::json& vector, const std::string& name) {
  if (vector.contains(name + "_hex")) return from_hex(vector.at(name + "_hex").get<std::string>());
  return vector.at(name).get<std::string>();
}

std::string from_hex(std::string_view digits) {
  std::string decoded;
  for (std::size_t at = 0; at + 1 < digits.size(); at += 2) {
    decoded.push_back(static_cast<char>(std::stoi(std::string(digits.substr(at, 2)), nullptr, 16)));
  }
  return decoded;
}

}  // namespace hubbub::test
