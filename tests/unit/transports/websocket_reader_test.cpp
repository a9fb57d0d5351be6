// The RFC 6455 reader: messages, control frames between their pieces, and everything a client must not send.
#include "websocket/websocket_reader.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "websocket_story.hpp"

namespace {

using story::close_payload;
using story::frame;
using strings = std::vector<std::string>;

const std::string two_bytes = "\xc3\xa9";           // e with an accent
const std::string three_bytes = "\xe2\x82\xac";     // euro sign
const std::string four_bytes = "\xf0\x9f\x98\x80";  // a face

// Read whole, cut at every place (in steps, when long), and byte by byte: always the same, which is returned.
strings read_alike(const std::string& stream, std::uint32_t max_message = 0) {
  const strings whole = story::read(stream, {}, max_message);
  const std::size_t step = stream.size() > 2000 ? stream.size() / 997 : 1;
  for (std::size_t cut = 1; cut < stream.size(); cut += step) {
    EXPECT_EQ(story::read(stream, {cut}, max_message), whole) << "cut at " << cut;
    if (::testing::Test::HasFailure()) return whole;
  }
  std::vector<std::size_t> everywhere;
  for (std::size_t cut = 1; cut < stream.size(); ++cut) everywhere.push_back(cut);
  EXPECT_EQ(story::read(stream, everywhere, max_message), whole) << "byte by byte";
  return whole;
}

std::string header_only(unsigned first_byte, std::uint64_t size) {
  std::string header{static_cast<char>(first_byte), static_cast<char>(0x80 | 127)};
  for (int shift = 56; shift >= 0; shift -= 8) header += static_cast<char>(size >> shift & 0xff);
  return header + "\x01\x02\x03\x04";
}

TEST(websocket_reader, reads_messages_of_all_sizes) {
  for (const std::size_t size : {0u, 1u, 2u, 3u, 7u, 8u, 31u, 33u, 125u, 126u, 127u, 1000u, 65535u, 65536u, 70001u}) {
    std::string payload(size, 'x');
    for (std::size_t i = 0; i < size; i += 7) payload[i] = static_cast<char>('a' + i % 26);

    EXPECT_EQ(read_alike(frame(0x82, payload)), strings{"binary \"" + payload + '"'}) << size;
    EXPECT_EQ(read_alike(frame(0x81, payload)), strings{"text \"" + payload + '"'}) << size;
  }
}

TEST(websocket_reader, reads_many_frames_at_once) {
  const std::string stream = frame(0x81, "a") + frame(0x82, "") + frame(0x89, "b") + frame(0x8a, "") + frame(0x81, "c");

  EXPECT_EQ(read_alike(stream), (strings{"text \"a\"", "binary \"\"", "ping \"b\"", "pong \"\"", "text \"c\""}));
}

TEST(websocket_reader, unmasks_with_any_key) {
  for (const std::uint32_t mask : {0u, 0xffffffffu, 0x01020304u, 0x80808080u}) {
    EXPECT_EQ(read_alike(frame(0x81, "some text that is longer than 32 bytes, and a bit", mask)),
              strings{"text \"some text that is longer than 32 bytes, and a bit\""});
  }
}

TEST(websocket_reader, reads_fragments_with_control_frames_between_them) {
  const std::string stream = frame(0x01, "one ") + frame(0x89, "ping") + frame(0x00, "two ") + frame(0x8a, "pong") +
                             frame(0x00, "") + frame(0x80, "three") + frame(0x02, "") + frame(0x80, "");

  EXPECT_EQ(read_alike(stream), (strings{"ping \"ping\"", "pong \"pong\"", "text \"one two three\"", "binary \"\""}));
}

TEST(websocket_reader, hands_out_pieces_as_they_come) {
  hubbub::websocket_reader reader;
  std::string bytes = frame(0x81, "hello");
  hubbub::websocket_event event;

  char* at = bytes.data();
  ASSERT_TRUE(reader.next(at, bytes.data() + 8, event));
  EXPECT_EQ(event.payload, "he");
  EXPECT_TRUE(event.first);
  EXPECT_FALSE(event.last);
  EXPECT_FALSE(reader.next(at, bytes.data() + 8, event));
  EXPECT_FALSE(reader.idle());

  ASSERT_TRUE(reader.next(at, bytes.data() + bytes.size(), event));
  EXPECT_EQ(event.payload, "llo");
  EXPECT_FALSE(event.first);
  EXPECT_TRUE(event.last);
  EXPECT_TRUE(reader.idle());
}

TEST(websocket_reader, refuses_frames_that_break_the_rules) {
  const std::string unmasked{
      "\x81\x01"
      "a",
      3};
  struct refused {
    const char* name;
    std::string stream;
  };
  const refused cases[] = {
      {"no mask", unmasked + "more"},
      {"no mask on a ping", std::string("\x89\x00more", 6)},
      {"first reserved bit", frame(0xc1, "a")},
      {"second reserved bit", frame(0xa1, "a")},
      {"third reserved bit", frame(0x91, "a")},
      {"reserved bit on a ping", frame(0xc9, "a")},
      {"reserved opcode 3", frame(0x83, "a")},
      {"reserved opcode 7", frame(0x87, "a")},
      {"reserved opcode 11", frame(0x8b, "a")},
      {"reserved opcode 15", frame(0x8f, "a")},
      {"ping in fragments", frame(0x09, "a")},
      {"close in fragments", frame(0x08, "")},
      {"long ping", frame(0x89, std::string(126, 'a'))},
      {"long pong", frame(0x8a, std::string(70000, 'a'))},
      {"long close", frame(0x88, close_payload(1000, std::string(124, 'a')))},
      {"continuation of nothing", frame(0x80, "a")},
      {"continuation of nothing, not final", frame(0x00, "a")},
      {"continuation after a whole message", frame(0x81, "a") + frame(0x80, "b")},
      {"new message inside of one", frame(0x01, "a") + frame(0x81, "b")},
      {"new fragments inside of a message", frame(0x02, "a") + frame(0x02, "b")},
      {"16 bits for a small size", std::string("\x81\xfe\x00\x7d\x01\x02\x03\x04", 8) + std::string(125, 'a')},
      {"64 bits for a small size", header_only(0x81, 125)},
      {"64 bits for a size of 16", header_only(0x81, 0xffff)},
      {"top bit of 64", header_only(0x82, std::uint64_t{1} << 63)},
      {"close of one byte", frame(0x88, "a")},
  };
  for (const refused& one : cases) {
    SCOPED_TRACE(one.name);
    const strings told = read_alike(one.stream + frame(0x81, "never read"));

    ASSERT_FALSE(told.empty());
    EXPECT_EQ(told.back(), "failed 1002");
    EXPECT_EQ(told.size() > 1 && told.front() != "text \"a\"", false) << told.front();
  }
}

TEST(websocket_reader, refuses_by_the_first_two_bytes_alone) {
  for (const char* start : {"\x01\x05", "\xc1\x85", "\x83\x85", "\x09\x85", "\x89\xfe", "\x80\x85"}) {
    EXPECT_EQ(story::read({start, 2}), strings{"failed 1002"});
  }
}

TEST(websocket_reader, knows_close_codes) {
  for (const unsigned code : {1000u, 1001u, 1002u, 1003u, 1007u, 1008u, 1009u, 1010u, 1011u, 1012u, 1013u, 1014u, 3000u,
                              3999u, 4000u, 4999u}) {
    EXPECT_EQ(read_alike(frame(0x88, close_payload(code, "bye"))),
              strings{"close " + std::to_string(code) + " \"bye\""});
  }
  for (const unsigned code : {0u, 1u, 999u, 1004u, 1005u, 1006u, 1015u, 1016u, 1100u, 2000u, 2999u, 5000u, 65535u}) {
    EXPECT_EQ(read_alike(frame(0x88, close_payload(code))), strings{"failed 1002"}) << code;
  }
}

TEST(websocket_reader, reads_the_end) {
  EXPECT_EQ(read_alike(frame(0x88, "")), strings{"close 1005 \"\""});
  EXPECT_EQ(read_alike(frame(0x88, close_payload(1000))), strings{"close 1000 \"\""});
  const std::string longest(123, 'r');
  EXPECT_EQ(read_alike(frame(0x88, close_payload(4000, longest))), strings{"close 4000 \"" + longest + '"'});
  EXPECT_EQ(read_alike(frame(0x88, close_payload(1000, four_bytes))), strings{"close 1000 \"" + four_bytes + '"'});
  EXPECT_EQ(read_alike(frame(0x88, close_payload(1000, "\xff"))), strings{"failed 1007"});
  EXPECT_EQ(read_alike(frame(0x88, close_payload(1000, three_bytes.substr(0, 2)))), strings{"failed 1007"});
}

TEST(websocket_reader, reads_nothing_behind_the_end) {
  EXPECT_EQ(read_alike(frame(0x88, "") + frame(0x81, "a") + "anything"), strings{"close 1005 \"\""});
  EXPECT_EQ(read_alike(frame(0x01, "half") + frame(0x88, "") + frame(0x80, "a")), strings{"close 1005 \"\""});
}

TEST(websocket_reader, limits_messages) {
  EXPECT_EQ(read_alike(frame(0x82, "1234"), 4), strings{"binary \"1234\""});
  EXPECT_EQ(read_alike(frame(0x82, "12345"), 4), strings{"failed 1009"});
  EXPECT_EQ(read_alike(frame(0x02, "123") + frame(0x89, "a ping has no part in it") + frame(0x80, "4"), 4),
            (strings{"ping \"a ping has no part in it\"", "binary \"1234\""}));
  EXPECT_EQ(read_alike(frame(0x02, "123") + frame(0x80, "45"), 4), strings{"failed 1009"});
  EXPECT_EQ(read_alike(frame(0x82, "1234") + frame(0x82, "5678"), 4), (strings{"binary \"1234\"", "binary \"5678\""}));
  EXPECT_EQ(story::read(header_only(0x82, 5u << 20), {}, 4), strings{"failed 1009"}) << "as soon as it is declared";
  EXPECT_EQ(story::read(header_only(0x82, ~std::uint64_t{0} >> 1), {}, 4), strings{"failed 1009"});
  EXPECT_EQ(story::read(header_only(0x82, ~std::uint64_t{0} >> 1)), strings{}) << "without a limit it may come";
}

TEST(websocket_reader, takes_text_that_is_utf8) {
  for (const std::string& text :
       {two_bytes, three_bytes, four_bytes, "ascii " + two_bytes + three_bytes + four_bytes + " and on and on and on",
        std::string("\0\x7f", 2), std::string("\xc2\x80\xdf\xbf"), std::string("\xe0\xa0\x80\xef\xbf\xbf"),
        std::string("\xed\x9f\xbf\xee\x80\x80"), std::string("\xf0\x90\x80\x80\xf4\x8f\xbf\xbf"),
        std::string("1234567") + two_bytes + "8", std::string(40, 'a') + four_bytes}) {
    EXPECT_EQ(read_alike(frame(0x81, text)), strings{"text \"" + text + '"'});
    for (std::size_t cut = 0; cut <= text.size(); ++cut) {
      EXPECT_EQ(read_alike(frame(0x01, text.substr(0, cut)) + frame(0x89, "\xff") + frame(0x80, text.substr(cut))),
                (strings{"ping \"\xff\"", "text \"" + text + '"'}));
    }
  }
}

TEST(websocket_reader, refuses_text_that_is_not) {
  for (const std::string& text : {std::string("\x80"),
                                  std::string("\xbf"),
                                  std::string("\xc0\x80"),
                                  std::string("\xc1\xbf"),
                                  std::string("\xe0\x9f\xbf"),
                                  std::string("\xed\xa0\x80"),
                                  std::string("\xed\xbf\xbf"),
                                  std::string("\xf0\x8f\xbf\xbf"),
                                  std::string("\xf4\x90\x80\x80"),
                                  std::string("\xf5\x80\x80\x80"),
                                  std::string("\xfe"),
                                  std::string("\xff"),
                                  std::string("\xc3\x28"),
                                  std::string("\xe2\x28\xa1"),
                                  std::string("\xe2\x82\x28"),
                                  std::string("\xf0\x28\x8c\xbc"),
                                  std::string("\xf0\x9f\x98\x28"),
                                  std::string("\xc3"),
                                  std::string("\xe2\x82"),
                                  std::string("\xf0\x9f\x98"),
                                  "long enough ascii text " + two_bytes + "\xff"}) {
    EXPECT_EQ(read_alike(frame(0x81, text)), strings{"failed 1007"}) << ::testing::PrintToString(text);
    EXPECT_EQ(read_alike(frame(0x82, text)), strings{"binary \"" + text + '"'});
  }
}

TEST(websocket_reader, refuses_text_as_soon_as_it_is_wrong) {
  EXPECT_EQ(read_alike(frame(0x01, "ab\xff")), strings{"failed 1007"}) << "before the end of the message";
  const std::string whole = frame(0x81, "ab\xff" + std::string(50, 'c'));
  EXPECT_EQ(story::read(whole.substr(0, 9)), strings{"failed 1007"}) << "before the end of the frame";
  EXPECT_EQ(read_alike(frame(0x01, two_bytes.substr(0, 1)) + frame(0x80, "")), strings{"failed 1007"});
}

TEST(websocket_reader, takes_no_ascii_inside_of_a_character) {
  EXPECT_EQ(read_alike(frame(0x01, "\xc3") + frame(0x00, "a") + frame(0x80, "\xa9")), strings{"failed 1007"});
}

TEST(websocket_reader, starts_each_text_anew) {
  EXPECT_EQ(read_alike(frame(0x81, two_bytes) + frame(0x82, "\xc3") + frame(0x81, "\xa9")),
            (strings{"text \"" + two_bytes + '"', "binary \"\xc3\"", "failed 1007"}));
}

TEST(websocket_reader, is_small) { EXPECT_LE(sizeof(hubbub::websocket_reader), 40u); }

TEST(frame_header, has_the_shortest_form) {
  struct form {
    std::uint64_t size;
    std::string bytes;
  };
  const form forms[] = {{0, std::string("\x82\x00", 2)},
                        {125, "\x82\x7d"},
                        {126, std::string("\x82\x7e\x00\x7e", 4)},
                        {65535, "\x82\x7e\xff\xff"},
                        {65536, std::string("\x82\x7f\x00\x00\x00\x00\x00\x01\x00\x00", 10)},
                        {0x0123456789abcdef, "\x82\x7f\x01\x23\x45\x67\x89\xab\xcd\xef"}};
  for (const form& one : forms) {
    char room[hubbub::max_frame_header];
    const std::size_t size = hubbub::write_frame_header(room, hubbub::frame_opcode::binary, one.size);
    EXPECT_EQ(std::string(room, size), one.bytes);
    EXPECT_EQ(hubbub::frame_header_size(one.size), size);
  }
}

}  // namespace
