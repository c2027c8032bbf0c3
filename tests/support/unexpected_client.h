#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <string>

#include "controller/kube/client.h"

namespace oneshot::test {

/// Every call fails the test; a test overrides those that it expects.
class UnexpectedClient : public kube::Client {
 public:
  base::Result<kube::Job> CreateJob(const std::string&) override { return Unexpected(); }
  base::Result<kube::Job> GetJob(const std::string&) override { return Unexpected(); }
  base::Result<kube::Pod> GetPod(const std::string&) override { return Unexpected(); }
  base::Result<kube::Job> PatchJob(const std::string&, const std::string&) override {
    return Unexpected();
  }
  base::Status PatchPod(const std::string&, const std::string&) override { return Unexpected(); }
  base::Status DeleteJob(const std::string&, const std::string&) override { return Unexpected(); }
  base::Result<std::string> ReadLog(const std::string&, std::size_t) override {
    return Unexpected();
  }
  base::Status CreateEvent(const kube::EventNote&) override { return Unexpected(); }
  base::Result<kube::Lease> GetLease(const std::string&, std::chrono::milliseconds) override {
    return Unexpected();
  }
  base::Result<kube::Lease> WriteLease(const std::string&, const kube::Lease&,
                                       std::chrono::milliseconds) override {
    return Unexpected();
  }

 private:
  static base::Error Unexpected() {
    ADD_FAILURE() << "a call that this test does not expect";
    return {base::ErrorCode::kInternal, "unexpected"};
  }
};

}  // namespace oneshot::test
