// The interest table: which shards have members of a name, also while threads change it.
#include "hub/interest_table.hpp"

#include <gtest/gtest.h>

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
