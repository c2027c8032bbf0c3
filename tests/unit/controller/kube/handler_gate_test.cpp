#include "controller/kube/handler_gate.h"

#include <gtest/gtest.h>

#include <atomic>
#include <latch>
#include <memory>
#include <vector>

namespace oneshot::kube {
namespace {

const base::Error kCut{base::ErrorCode::kUnavailable, "cut"};

TEST(HandlerGate, TellsTheEndOnceAndLast) {
  std::vector<std::string> told;
  HandlerGate gate({[&] { told.push_back("open"); },
                    [&](std::string_view bytes) { told.emplace_back(bytes); },
                    [&](const base::Error& error) { told.push_back(error.message); }});
  gate.Open();
  gate.Stdout("a");
  gate.Closed(kCut);
  gate.Closed(kCut);
  gate.Stdout("b");
  EXPECT_EQ(told, (std::vector<std::string>{"open", "a", "cut"}));
}

TEST(HandlerGate, IsSilentOnceShut) {
  int calls = 0;
  HandlerGate gate({[&] { ++calls; }, {}, [&](const base::Error&) { ++calls; }});
  gate.Shut();
  gate.Open();
  gate.Closed(kCut);
  EXPECT_EQ(calls, 0);
}

TEST(HandlerGate, ShutWaitsForAHandlerOnAnotherThread) {
  std::latch entered(1);
  std::latch may_leave(1);
  std::atomic<bool> handler_left{false};
  HandlerGate gate({[&] {
                      entered.count_down();
                      may_leave.wait();
                      handler_left = true;
                    },
                    {},
                    {}});
  std::jthread caller([&] { gate.Open(); });
  entered.wait();
  std::jthread releaser([&] { may_leave.count_down(); });
  gate.Shut();
  EXPECT_TRUE(handler_left);
}

TEST(HandlerGate, MayBeShutFromInsideAHandler) {
  int calls = 0;
  std::unique_ptr<HandlerGate> gate;
  gate = std::make_unique<HandlerGate>(AttachHandlers{[&] {
                                                        ++calls;
                                                        gate->Shut();
                                                      },
                                                      {},
                                                      [&](const base::Error&) { ++calls; }});
  gate->Open();
  gate->Closed(kCut);
  EXPECT_EQ(calls, 1);
}

TEST(HandlerGate, LetsGoOfWhatTheHandlersOwn) {
  for (const bool closed : {true, false}) {
    const auto owned = std::make_shared<int>();
    HandlerGate gate({[owned] {}, {}, [owned](const base::Error&) {}});
    closed ? gate.Closed(kCut) : gate.Shut();
    EXPECT_EQ(owned.use_count(), 1) << closed;
  }
}

}  // namespace
}  // namespace oneshot::kube
