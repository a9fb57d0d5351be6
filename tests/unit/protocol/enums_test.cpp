// Enumerations with names: numbers in JSON, names in MessagePack, both read in both.
#include <gtest/gtest.h>

#include <cstdint>
#include <string>

#include "hubbub/protocol/enums.hpp"
#include "msgpack_values.hpp"

namespace enumerated {

enum class colour : std::uint8_t { red, green = 5, dark_blue };
HUBBUB_ENUM(colour, red, (green, "Grun"), dark_blue)

enum class mood : std::int64_t { sad = -1, glad = 1 };
HUBBUB_TEXT_ENUM(mood, sad, glad)

enum class huge : std::uint64_t { most = 0xffff'ffff'ffff'ffff };
HUBBUB_ENUM(huge, most)

enum class nameless { a, b };

struct paint {
  colour shade = colour::red;
};
HUBBUB_FIELDS(paint, shade)

}  // namespace enumerated

namespace hubbub::test {
namespace {

using enumerated::colour;
using enumerated::mood;

TEST(enums, are_numbers_in_json) {
  EXPECT_EQ(written(colour::green), "5");
  EXPECT_EQ(bound<colour>("5"), colour::green);
  EXPECT_EQ(bound<colour>("7"), static_cast<colour>(7));
  EXPECT_EQ(written(enumerated::paint{colour::dark_blue}), R"({"shade":6})");
}

TEST(enums, have_names_in_json_when_asked_for) {
  EXPECT_EQ(written(mood::glad), R"("glad")");
  EXPECT_EQ(written(static_cast<mood>(-7)), R"("-7")");
  EXPECT_EQ(bound<mood>(R"("sad")"), mood::sad);
  EXPECT_EQ(bound<mood>("-1"), mood::sad);
}

TEST(enums, have_names_in_messagepack) {
  EXPECT_EQ(msgpack::written(colour::red), "a3726564");
  EXPECT_EQ(msgpack::written(colour::green), "a44772756e");
  EXPECT_EQ(msgpack::written(static_cast<colour>(7)), "a137");
  EXPECT_EQ(msgpack::written(enumerated::huge::most), "a46d6f7374");
  EXPECT_EQ(msgpack::written(enumerated::huge{18446744073709551614U}), "b43138343436373434303733373039353531363134");
  EXPECT_EQ(msgpack::written(enumerated::nameless::b), "01");
}

TEST(enums, names_are_read_without_regard_to_case_and_underscores) {
  for (const char* name : {R"("dark_blue")", R"("DarkBlue")", R"("DARKBLUE")", R"("6")", "6"})
    EXPECT_EQ(bound<colour>(name), colour::dark_blue) << name;
  EXPECT_EQ(msgpack::bound<colour>("a84461726b426c7565"), colour::dark_blue);
  EXPECT_EQ(msgpack::bound<colour>("06"), colour::dark_blue);
  EXPECT_EQ(msgpack::bound<colour>("a136"), colour::dark_blue);
  EXPECT_EQ(bound<enumerated::huge>(R"("18446744073709551615")"), enumerated::huge::most);
}

TEST(enums, what_is_neither_name_nor_number_does_not_convert) {
  for (const char* wrong : {R"("blue")", R"("green")", R"("")", R"("256")", R"("-1")", R"("5 ")", R"("5x")", "256",
                            "-1", "null", "1.5", "[]"})
    EXPECT_FALSE(converts<colour>(wrong)) << wrong;
  for (const char* wrong : {"a3626c75", "c0", "cd0100", "ff", "c3", "a0"})
    EXPECT_FALSE(msgpack::converts<colour>(wrong)) << wrong;
  EXPECT_FALSE(converts<enumerated::nameless>(R"("a")"));
}

}  // namespace
}  // namespace hubbub::test
