// Finds what is not UTF-8 and puts replacement characters in its place.
#include "utf8_mending.hpp"

#include "json_text.hpp"

namespace hubbub::inline v0 {
namespace {

// Bytes of a malformed piece that begins at the front of `text`: as long as it could have become a sequence.
std::size_t malformed_piece(std::string_view text) noexcept {
  const auto byte = [text](std::size_t index) { return static_cast<unsigned char>(text[index]); };
  const auto within = [&](std::size_t index, unsigned least, unsigned most) {
    return index < text.size() && byte(index) >= least && byte(index) <= most;
  };
  const unsigned lead = byte(0);
  if (lead < 0xE0 || lead > 0xF4) return 1;
  unsigned least = 0x80;
  unsigned most = 0xBF;
  if (lead == 0xE0) least = 0xA0;
  if (lead == 0xED) most = 0x9F;
  if (lead == 0xF0) least = 0x90;
  if (lead == 0xF4) most = 0x8F;
  if (!within(1, least, most)) return 1;
  return lead >= 0xF0 && within(2, 0x80, 0xBF) ? 3 : 2;
}

}  // namespace

void mend_utf8(std::string_view text, std::string& mended) {
  std::string out;  // `text` may point into `mended`
  for (;;) {
    const std::size_t valid = json_text::valid_utf8_prefix(text);
    out.append(text, 0, valid);
    text.remove_prefix(valid);
    if (text.empty()) break;
    out.append("\xEF\xBF\xBD");
    text.remove_prefix(malformed_piece(text));
  }
  mended = std::move(out);
}

}  // namespace hubbub::inline v0
