#pragma once

#include <map>
#include <memory>
#include <string>

namespace prometheus {
class Counter;
class Gauge;
class Histogram;
class Registry;
}  // namespace prometheus

namespace oneshot::telemetry {

/// Fixed when the metric is made; values come from enums and route templates, never from ids or
/// users.
using Labels = std::map<std::string, std::string>;

/// Handles are small values, valid as long as their Metrics. Threads: any.
class Counter {
 public:
  void Add(double amount = 1);

 private:
  friend class Metrics;
  explicit Counter(prometheus::Counter& counter) : counter_(&counter) {}
  prometheus::Counter* counter_;
};

class Gauge {
 public:
  void Set(double value);

 private:
  friend class Metrics;
  explicit Gauge(prometheus::Gauge& gauge) : gauge_(&gauge) {}
  prometheus::Gauge* gauge_;
};

/// Seconds, in buckets from 1 ms to 60 s.
class Histogram {
 public:
  void ObserveSeconds(double seconds);

 private:
  friend class Metrics;
  explicit Histogram(prometheus::Histogram& histogram) : histogram_(&histogram) {}
  prometheus::Histogram* histogram_;
};

/// All metrics of one program. Make every handle at start, so that a series exists (as zero) before
/// its first event. Names end in their unit (_seconds, _bytes, _total); `help` is the question that
/// the metric answers. Making the same name and labels again gives the same series. Threads: any.
class Metrics {
 public:
  Metrics();
  ~Metrics();
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;

  Counter MakeCounter(const std::string& name, const std::string& help, const Labels& labels = {});
  Gauge MakeGauge(const std::string& name, const std::string& help, const Labels& labels = {});
  Histogram MakeHistogram(const std::string& name, const std::string& help,
                          const Labels& labels = {});

  /// The Prometheus text format, version 0.0.4.
  std::string Render() const;

 private:
  const std::unique_ptr<prometheus::Registry> registry_;
};

}  // namespace oneshot::telemetry
