// A strict reader of Prometheus' text format (0.0.4): what it accepts, every scraper does.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hubbub_test {

/// Label names and values.
using sample_labels = std::map<std::string, std::string>;

/// A line with a value.
struct prometheus_sample {
  std::string name;  ///< with `_bucket`, `_sum` or `_count`
  sample_labels labels;
  double value = 0;
};

/// A metric with its samples.
struct prometheus_family {
  std::string name;
  std::string help;
  std::string type;
  std::vector<prometheus_sample> samples;
};

/// A whole page. Beyond the format it demands what a well kept page has: HELP and TYPE in front of each family and
/// once, samples of a family together and none twice, `_total` behind counters and only there, no timestamps, whole and
/// consistent histograms, UTF-8.
class prometheus_page {
 public:
  /// Throws std::runtime_error with the line that is wrong.
  explicit prometheus_page(std::string_view text);

  [[nodiscard]] const std::vector<prometheus_family>& families() const noexcept { return families_; }
  /// The value of exactly that sample; nothing when there is none.
  [[nodiscard]] std::optional<double> value(const std::string& name, const sample_labels& labels = {}) const;
  /// The values of all samples of that name whose labels include these, added up.
  [[nodiscard]] double sum(const std::string& name, const sample_labels& labels = {}) const;

 private:
  std::vector<prometheus_family> families_;
};

}  // namespace hubbub_test
