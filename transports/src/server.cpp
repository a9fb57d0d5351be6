// The public face of the server, and the builder of its endpoints.
#include "hubbub/server.hpp"

#include <stdexcept>
#include <utility>

#include "hubbub/hub/hub_endpoint.hpp"
#include "server_core.hpp"

namespace hubbub::inline v0 {

server::server(server_options options) : core_(std::make_unique<server_core>(std::move(options))) {}
server::~server() = default;

server& server::listen(listen_options where) {
  core_->expect_not_started("listen");
  core_->listen(std::move(where));
  return *this;
}

server& server::use_logger(std::shared_ptr<logger> log) {
  core_->expect_not_started("use_logger");
  core_->use_logger(std::move(log));
  return *this;
}

server& server::allowed_origins(std::vector<std::string> origins) {
  core_->expect_not_started("allowed_origins");
  core_->set_origins(origins);
  return *this;
}

server& server::add_filter(hub_filter filter) {
  core_->expect_not_started("add_filter");
  core_->host().add_filter(std::move(filter));
  return *this;
}

server& server::map_websocket(std::string_view path, websocket_handler handler, websocket_limits limits) {
  core_->expect_not_started("map_websocket");
  core_->map_raw(path, std::move(handler), limits);
  return *this;
}

endpoint_builder& server::map_endpoint(std::string_view path, std::shared_ptr<hub_endpoint> hub) {
  core_->expect_not_started("map");
  return core_->map_hub(path, std::move(hub));
}

server& server::use_authentication(std::function<auth_result(const request&)> check) {
  core_->expect_not_started("authenticate");
  core_->whole().authenticate = std::move(check);
  return *this;
}

server& server::use_authentication(std::function<task<auth_result>(const request&)> check) {
  core_->expect_not_started("authenticate");
  core_->whole().authenticate = std::move(check);
  return *this;
}

server& server::add_page(std::string_view path, std::function<response(const request&)> page) {
  core_->expect_not_started("get");
  core_->whole().routes.add(route_kind::exact, path, page_route{std::move(page)});
  return *this;
}

server& server::add_page(std::string_view path, std::function<task<response>(const request&)> page) {
  core_->expect_not_started("get");
  core_->whole().routes.add(route_kind::exact, path, page_route{std::move(page)});
  return *this;
}

server& server::serve_directory(std::string_view prefix, const std::string& directory) {
  core_->expect_not_started("serve_directory");
  auto files = std::make_shared<const static_directory>(directory, std::string(prefix));
  core_->whole().routes.add(route_kind::directory, prefix, directory_route{std::move(files)});
  return *this;
}

server& server::health(std::string_view path) {
  core_->expect_not_started("health");
  core_->whole().routes.add(route_kind::exact, path, health_route{});
  return *this;
}

server& server::metrics(std::string_view path) {
  core_->expect_not_started("metrics");
  const plain_page page = [core = core_.get()](const request&) {
    response answer = response::text(prometheus_text(core->metrics()));
    answer.content_type = prometheus_content_type;
    answer.headers.emplace_back("Cache-Control", "no-store");
    return answer;
  };
  core_->whole().routes.add(route_kind::exact, path, page_route{page});
  return *this;
}

server_metrics server::metrics() const { return core_->metrics(); }

void server::start() { core_->start(); }
void server::reload_tls() { core_->reload_tls(); }

std::uint16_t server::port() const { return core_->port(); }
void server::stop() { core_->stop(); }
void server::wait() { core_->wait(); }
void server::run() { core_->run(); }
std::size_t server::shards() const noexcept { return core_->shard_count(); }

bool server::post(std::size_t shard_index, job work) {
  return core_->runs() && core_->shard_at(shard_index).post(std::move(work));
}

hub_host& server::host() noexcept { return core_->host(); }
shard& server::shard_at(std::size_t index) { return core_->shard_at(index); }

}  // namespace hubbub::inline v0
