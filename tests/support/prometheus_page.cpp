// Reads a metrics page line by line and believes nothing.
#include "support/prometheus_page.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <set>
#include <stdexcept>
#include <utility>

namespace hubbub_test {
namespace {

bool is_name(std::string_view text, bool colons) {
  const auto fits = [&](char c, bool first) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (colons && c == ':') ||
           (!first && c >= '0' && c <= '9');
  };
  if (text.empty()) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (!fits(text[i], i == 0)) return false;
  }
  return true;
}

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const auto first = static_cast<unsigned char>(text.front());
    const std::size_t size = first < 0x80                    ? 1
                             : first >= 0xc2 && first < 0xe0 ? 2
                             : (first & 0xf0) == 0xe0        ? 3
                             : first >= 0xf0 && first < 0xf5 ? 4
                                                             : 0;
    if (size == 0 || text.size() < size) return false;
    for (std::size_t i = 1; i < size; ++i) {
      if ((static_cast<unsigned char>(text[i]) & 0xc0) != 0x80) return false;
    }
    text.remove_prefix(size);
  }
  return true;
}

// One line, taken apart from its front.
class line_reader {
 public:
  explicit line_reader(std::string_view line) : whole_(line), rest_(line) {}
  [[noreturn]] void fail(const std::string& why) const {
    throw std::runtime_error("metrics page: " + why + ": " + std::string(whole_));
  }
  [[nodiscard]] bool take(std::string_view expected) {
    if (!rest_.starts_with(expected)) return false;
    rest_.remove_prefix(expected.size());
    return true;
  }
  void demand(std::string_view expected) {
    if (!take(expected)) fail("'" + std::string(expected) + "' is missing");
  }
  // Up to one of these, which stays.
  [[nodiscard]] std::string_view until(std::string_view any_of) {
    const std::string_view part = rest_.substr(0, rest_.find_first_of(any_of));
    rest_.remove_prefix(part.size());
    return part;
  }
  [[nodiscard]] std::string_view rest() { return std::exchange(rest_, {}); }
  // An escaped text up to `end`: a quote, or the end of the line.
  [[nodiscard]] std::string escaped(bool quoted) {
    std::string text;
    while (!rest_.empty() && !(quoted && rest_.front() == '"')) {
      if (rest_.front() != '\\') {
        text += rest_.front();
        rest_.remove_prefix(1);
      } else if (take("\\\\")) {
        text += '\\';
      } else if (take("\\n")) {
        text += '\n';
      } else if (quoted && take("\\\"")) {
        text += '"';
      } else {
        fail("an unknown escape");
      }
    }
    return text;
  }
  [[nodiscard]] double number() {
    const std::string_view text = rest();
    if (text == "+Inf") return std::numeric_limits<double>::infinity();
    double value = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
    if (text.empty() || read.ec != std::errc() || read.ptr != text.data() + text.size()) fail("not a number");
    return value;
  }

 private:
  std::string_view whole_;
  std::string_view rest_;
};

prometheus_sample read_sample(line_reader& line) {
  prometheus_sample sample;
  sample.name = line.until("{ ");
  if (!is_name(sample.name, true)) line.fail("not the name of a metric");
  if (line.take("{")) {
    do {
      const std::string name(line.until("="));
      if (!is_name(name, false) || name.starts_with("__")) line.fail("not the name of a label");
      line.demand("=\"");
      std::string value = line.escaped(true);
      line.demand("\"");
      if (!sample.labels.emplace(name, std::move(value)).second) line.fail("a label comes twice");
    } while (line.take(","));
    line.demand("}");
  }
  line.demand(" ");
  sample.value = line.number();
  return sample;
}

void check_histogram(const prometheus_family& family) {
  struct series {
    double last_bound = -std::numeric_limits<double>::infinity();
    double last_count = 0;
    std::optional<double> sum;
    std::optional<double> count;
  };
  const auto fail = [&](const std::string& why) {
    throw std::runtime_error("metrics page: " + family.name + ": " + why);
  };
  std::map<sample_labels, series> all;
  for (const prometheus_sample& one : family.samples) {
    sample_labels labels = one.labels;
    const auto bound = labels.find("le");
    if (one.name == family.name + "_bucket") {
      if (bound == labels.end()) fail("a bucket without le");
      line_reader text(bound->second);
      const double upper = text.number();
      labels.erase(bound);
      series& of = all[labels];
      if (upper <= of.last_bound) fail("bounds do not rise");
      if (one.value < of.last_count) fail("buckets are not added up");
      of.last_bound = upper;
      of.last_count = one.value;
    } else if (bound != labels.end()) {
      fail("le at no bucket");
    } else if (one.name == family.name + "_sum") {
      all[labels].sum = one.value;
    } else if (one.name == family.name + "_count") {
      all[labels].count = one.value;
    } else {
      fail("a sample that is none of a histogram's");
    }
  }
  for (const auto& [labels, of] : all) {
    if (!std::isinf(of.last_bound)) fail("no bucket with +Inf");
    if (!of.sum || !of.count) fail("no sum or no count");
    if (*of.count != of.last_count) fail("the count is not that of the last bucket");
  }
}

void check(const prometheus_family& family) {
  const auto fail = [&](const std::string& why) {
    throw std::runtime_error("metrics page: " + family.name + ": " + why);
  };
  const bool total = family.name.ends_with("_total");
  if ((family.type == "counter") != total) fail("_total is for counters");
  if (family.help.empty()) fail("it has no help");
  if (family.type == "histogram") return check_histogram(family);
  if (family.type != "counter" && family.type != "gauge") fail("unknown type");
  for (const prometheus_sample& one : family.samples) {
    if (one.name != family.name) fail("a sample of another name");
    if (!std::isfinite(one.value) || one.value < 0) fail("a value that cannot be");
  }
}

}  // namespace

prometheus_page::prometheus_page(std::string_view text) {
  if (!is_utf8(text)) throw std::runtime_error("metrics page: no UTF-8");
  if (!text.ends_with('\n')) throw std::runtime_error("metrics page: the last line has no end");
  std::set<std::string> names;
  std::set<std::pair<std::string, sample_labels>> seen;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    line_reader line(text.substr(0, end));
    text.remove_prefix(end + 1);
    if (line.take("# HELP ")) {
      if (!families_.empty() && families_.back().type.empty()) line.fail("two HELP lines in a row");
      prometheus_family fresh;
      fresh.name = line.until(" ");
      if (!is_name(fresh.name, true)) line.fail("not the name of a metric");
      line.demand(" ");
      fresh.help = line.escaped(false);
      if (!names.insert(fresh.name).second) line.fail("a family comes twice");
      families_.push_back(std::move(fresh));
    } else if (line.take("# TYPE ")) {
      if (families_.empty() || !families_.back().type.empty()) line.fail("TYPE without HELP");
      if (line.until(" ") != families_.back().name) line.fail("TYPE and HELP name two metrics");
      line.demand(" ");
      families_.back().type = line.rest();
    } else {
      prometheus_sample sample = read_sample(line);
      if (families_.empty() || families_.back().type.empty()) line.fail("a sample without TYPE");
      if (!sample.name.starts_with(families_.back().name)) line.fail("a sample outside of its family");
      if (!seen.emplace(sample.name, sample.labels).second) line.fail("a sample comes twice");
      families_.back().samples.push_back(std::move(sample));
    }
  }
  for (const prometheus_family& one : families_) check(one);
}

std::optional<double> prometheus_page::value(const std::string& name, const sample_labels& labels) const {
  for (const prometheus_family& family : families_) {
    for (const prometheus_sample& one : family.samples) {
      if (one.name == name && one.labels == labels) return one.value;
    }
  }
  return std::nullopt;
}

double prometheus_page::sum(const std::string& name, const sample_labels& labels) const {
  double all = 0;
  for (const prometheus_family& family : families_) {
    for (const prometheus_sample& one : family.samples) {
      const bool fits = std::includes(one.labels.begin(), one.labels.end(), labels.begin(), labels.end());
      if (one.name == name && fits) all += one.value;
    }
  }
  return all;
}

}  // namespace hubbub_test
