// Connection tokens: made here, believed here, and nowhere else.
#include "negotiate/connection_token.hpp"

#include <gtest/gtest.h>

#include <set>
#include <stdexcept>
#include <string>

#include "hubbub/core/base64.hpp"
#include "hubbub/core/random.hpp"

namespace {

using hubbub::token_place;
using hubbub::token_signer;

const hubbub::token_key first{1, "0123456789abcdef"};
const hubbub::token_key second{2, "fedcba9876543210"};
constexpr token_place place{0x0123456789abcdefu, 0xfedc, 0x89abcdefu};

TEST(connection_token, tells_where_its_connection_lives) {
  const token_signer signer({first});

  for (const token_place& one : {place, token_place{}, token_place{~std::uint64_t{0}, 0xffff, 0xffffffffu}}) {
    const std::string token = signer.make(one);
    EXPECT_EQ(token.size(), 64u);
    EXPECT_EQ(signer.verify(token), one);
  }
}

// Made with Python's hmac, from random bytes 0 to 15: nodes of other versions write and read the same.
TEST(connection_token, is_the_same_in_every_version) {
  EXPECT_EQ(token_signer({first}).verify("AAECAwQFBgcICQoLDA0ODwEBASNFZ4mrze_-3Imrze_S8TYzuZs6qGm5GtXN78Ox"), place);
}

TEST(connection_token, is_different_each_time_and_shares_no_beginning) {
  const token_signer signer({first});
  std::set<std::string> beginnings;

  for (int i = 0; i < 1000; ++i) beginnings.insert(signer.make(place).substr(0, 11));

  EXPECT_EQ(beginnings.size(), 1000u);
}

TEST(connection_token, is_refused_when_one_bit_is_changed) {
  const token_signer signer({first});
  const std::string bytes = *hubbub::base64url_decoded(signer.make(place));
  ASSERT_EQ(bytes.size(), 48u);

  for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    std::string forged = bytes;
    forged[bit / 8] = static_cast<char>(forged[bit / 8] ^ (1 << (bit % 8)));
    EXPECT_EQ(signer.verify(hubbub::base64url_encoded(forged)), std::nullopt) << bit;
  }
}

TEST(connection_token, is_refused_when_it_is_none) {
  const token_signer signer({first});
  const std::string token = signer.make(place);

  for (const std::string& text :
       {std::string(), token.substr(1), token + "A", token.substr(0, 63), "=" + token.substr(1), std::string(64, 'A'),
        std::string(64, '!'), std::string(1000, 'A')}) {
    EXPECT_EQ(signer.verify(text), std::nullopt) << text;
  }
}

TEST(connection_token, survives_a_change_of_keys) {
  const token_signer before({first});
  const token_signer during({second, first});
  const token_signer after({second});

  EXPECT_EQ(during.verify(before.make(place)), place);
  EXPECT_EQ(during.verify(after.make(place)), place);
  EXPECT_EQ(after.verify(during.make(place)), place) << "the first key signs";
  EXPECT_EQ(after.verify(before.make(place)), std::nullopt);
  EXPECT_EQ(token_signer({{1, "another secret..."}}).verify(before.make(place)), std::nullopt);
}

TEST(connection_token, of_a_random_key_is_for_one_process) {
  const token_signer one = token_signer::with_random_key();
  const token_signer other = token_signer::with_random_key();

  EXPECT_EQ(one.verify(one.make(place)), place);
  EXPECT_EQ(other.verify(one.make(place)), std::nullopt);
}

TEST(connection_token, keys_are_checked) {
  EXPECT_THROW(token_signer({}), std::invalid_argument);
  EXPECT_THROW(token_signer({{1, "short"}}), std::invalid_argument);
  EXPECT_THROW(token_signer({first, {1, "fedcba9876543210"}}), std::invalid_argument);
}

TEST(connection_token, hubs_have_different_tags) {
  EXPECT_NE(hubbub::hub_tag("Chat"), hubbub::hub_tag("Chats"));
  EXPECT_EQ(hubbub::hub_tag("Chat"), hubbub::hub_tag("Chat"));
}

TEST(base64, follows_the_vectors_of_its_specification) {
  const std::pair<const char*, const char*> vectors[] = {{"", ""},
                                                         {"f", "Zg=="},
                                                         {"fo", "Zm8="},
                                                         {"foo", "Zm9v"},
                                                         {"foob", "Zm9vYg=="},
                                                         {"fooba", "Zm9vYmE="},
                                                         {"foobar", "Zm9vYmFy"}};
  for (const auto& [plain, coded] : vectors) {
    EXPECT_EQ(hubbub::base64_encoded(plain), coded);
    EXPECT_EQ(hubbub::base64_decoded(coded), plain);
    const std::string bare = std::string(coded).substr(0, std::string(coded).find('='));
    EXPECT_EQ(hubbub::base64url_encoded(plain), bare);
    EXPECT_EQ(hubbub::base64url_decoded(bare), plain);
  }
  EXPECT_EQ(hubbub::base64_encoded("\xfb\xff\xfe"), "+//+");
  EXPECT_EQ(hubbub::base64url_encoded("\xfb\xff\xfe"), "-__-");
}

TEST(base64, reads_one_text_for_one_value) {
  for (const char* text :
       {"Zg", "Zg=", "Zh==", "Zg==Zg==", "Zm9=", "=Zg=", "====", "Zm9v\n", " Zm9v", "Zm-v", "Z", "=", "Zm9vZ"}) {
    EXPECT_EQ(hubbub::base64_decoded(text), std::nullopt) << text;
  }
  for (const char* text : {"Zg==", "Zh", "Z", "Zm9+", "Zm 9"}) {
    EXPECT_EQ(hubbub::base64url_decoded(text), std::nullopt) << text;
  }
}

TEST(random_bytes, fill_any_size) {
  for (const std::size_t size : {0u, 1u, 16u, 127u, 128u, 129u, 256u, 1000u}) {
    std::string one(size + 1, '\0');
    std::string other(size + 1, '\0');
    hubbub::random_bytes(one.data(), size);
    hubbub::random_bytes(other.data(), size);
    EXPECT_EQ(one[size], '\0') << "wrote too far";
    EXPECT_TRUE(size < 16 || one != other) << size;
  }
  EXPECT_NE(hubbub::random_u64(), hubbub::random_u64());
}

}  // namespace
