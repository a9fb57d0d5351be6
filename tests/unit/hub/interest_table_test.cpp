// The interest table: which shards have members of a name, also while threads change it.
#include "hub/interest_table.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <thread>
#include <vector>

namespace {

using namespace hubbub;

TEST(interest_table, knows_the_shards_of_a_name) {
  interest_table table;
  table.add("red", 0);
  table.add("red", 255);
  table.add("red", 255);
  table.add("blue", 1);

  EXPECT_EQ(table.shards_of("red").count(), 2u);
  EXPECT_TRUE(table.shards_of("red").test(255));
  EXPECT_EQ(table.shards_of("blue"), shard_set().set(1));
  EXPECT_TRUE(table.shards_of("Red").none());
}

TEST(interest_table, forgets_what_is_removed) {
  interest_table table;
  table.add("red", 1);
  table.add("red", 2);

  table.remove("red", 1);
  table.remove("red", 1);
  table.remove("never there", 1);
  EXPECT_EQ(table.shards_of("red"), shard_set().set(2));
  table.remove("red", 2);
  EXPECT_TRUE(table.shards_of("red").none());
}

// Names of one value under std::hash of libstdc++, whatever it begins with: two blocks that differ in the highest bit
// of what they are mixed to, one behind the other, change nothing. A client that joins tens of thousands of such groups
// would have every look-up walk through all of them.
TEST(names_of_groups, cannot_be_chosen_to_collide) {
  const std::string block[] = {"\xc4\xb7\x74\x62\xd7\x88\xca\xb3", "\xc4\xb7\x31\x7c\x72\x6e\x72\x42"};
  std::set<std::size_t> values;
  for (unsigned i = 0; i < 1024; ++i) {
    std::string name;
    for (unsigned bit = 0; bit < 10; ++bit) name += block[i >> bit & 1] + block[i >> bit & 1];
    values.insert(name_hash{}(name));
  }
  EXPECT_EQ(values.size(), 1024u);
}

TEST(names_of_groups, have_the_same_value_each_time) {
  for (std::size_t size = 0; size < 40; ++size) {
    const std::string name(size, 'x');
    EXPECT_EQ(name_hash{}(name), name_hash{}(std::string(size, 'x')));
    EXPECT_NE(name_hash{}(name), name_hash{}(name + '\0')) << size;
  }
}

TEST(interest_table, shards_change_it_at_once) {
  interest_table table;
  std::vector<std::thread> threads;
  for (unsigned shard = 0; shard < 4; ++shard) {
    threads.emplace_back([&table, shard] {
      for (int i = 0; i < 500; ++i) {
        const std::string name = "group" + std::to_string(i % 50);
        table.add(name, shard);
        EXPECT_TRUE(table.shards_of(name).test(shard));
        if (i % 2 == 0) table.remove(name, shard);
      }
    });
  }
  for (std::thread& one : threads) one.join();

  for (int i = 0; i < 50; ++i) {
    const shard_set shards = table.shards_of("group" + std::to_string(i));
    EXPECT_EQ(shards.count(), i % 2 == 0 ? 0u : 4u) << i;
  }
}

}  // namespace
