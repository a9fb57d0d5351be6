// The Asio side of a shard. Private to the library's own .cpp files and the adapter header hubbub/asio.hpp.
#pragma once

#include <utility>  // before Asio: Boost 1.74 forgets it

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include <atomic>
#include <mutex>
#include <vector>

#include "hubbub/core/counter.hpp"
#include "hubbub/core/shard.hpp"

namespace hubbub::inline v0 {

struct shard::native {
  boost::asio::io_context context{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work{context.get_executor()};
  boost::asio::steady_timer timer{context};
  time_point armed_for = time_point::max();
  std::mutex mutex;  // guards mail and weight: the one lock between shards, held for a push or a swap
  std::vector<job> mail;
  std::vector<job> reading;  // owned by the shard: keeps its room
  std::size_t weight = 0;
  // Written with the mutex held, read without.
  counter waiting_jobs;
  counter waiting_bytes;
  counter lost_jobs;
  std::atomic<bool> has_mail{false};
  std::atomic<bool> stopped{false};
};

}  // namespace hubbub::inline v0
