// Text of unknown origin made UTF-8.
#pragma once

#include <string>
#include <string_view>

namespace hubbub::inline v0 {

/// Replaces `mended` with `text`, in which U+FFFD stands for what is not UTF-8: once for each piece that could have
/// been the beginning of a sequence, as .NET and browsers do it.
void mend_utf8(std::string_view text, std::string& mended);

}  // namespace hubbub::inline v0
