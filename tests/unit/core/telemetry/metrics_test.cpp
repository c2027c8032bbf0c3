#include "core/telemetry/metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace oneshot::telemetry {
namespace {

using testing::HasSubstr;

TEST(Metrics, ShowsASeriesBeforeItsFirstEvent) {
  Metrics metrics;
  metrics.MakeCounter("oneshot_runs_total", "How many runs?", {{"status", "failed"}});
  EXPECT_THAT(metrics.Render(), HasSubstr("oneshot_runs_total{status=\"failed\"} 0"));
}

TEST(Metrics, SameNameAndLabelsAreTheSameSeries) {
  Metrics metrics;
  metrics.MakeCounter("oneshot_runs_total", "How many runs?").Add();
  metrics.MakeCounter("oneshot_runs_total", "How many runs?").Add(2);
  EXPECT_THAT(metrics.Render(), HasSubstr("oneshot_runs_total 3"));
}

TEST(Metrics, GaugesMoveBothWaysAndHistogramsCount) {
  Metrics metrics;
  Gauge gauge = metrics.MakeGauge("oneshot_streams", "How many?");
  gauge.Set(5);
  gauge.Set(3);
  metrics.MakeHistogram("oneshot_wait_seconds", "How long?").ObserveSeconds(0.045);
  const std::string text = metrics.Render();
  EXPECT_THAT(text, HasSubstr("oneshot_streams 3"));
  EXPECT_THAT(text, HasSubstr("oneshot_wait_seconds_bucket{le=\"0.04\"} 0"));
  EXPECT_THAT(text, HasSubstr("oneshot_wait_seconds_bucket{le=\"0.05\"} 1"));
}

}  // namespace
}  // namespace oneshot::telemetry
