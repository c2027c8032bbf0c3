#include "controller/kube/credentials.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace oneshot::kube {
namespace {

class CredentialFiles : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = testing::TempDir() + "credentials-" +
              testing::UnitTest::GetInstance()->current_test_info()->name();
    std::filesystem::create_directories(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::string Write(const std::string& name, const std::string& content) const {
    const std::string path = folder_ + "/" + name;
    std::ofstream(path) << content;
    return path;
  }

  std::string Kubeconfig(const std::string& cluster, const std::string& user) const {
    return Write("kubeconfig",
                 "current-context: here\n"
                 "contexts: [{name: here, context: {cluster: c, user: u}}]\n"
                 "clusters: [{name: other}, {name: c, cluster: {" +
                     cluster +
                     "}}]\n"
                     "users: [{name: u, user: {" +
                     user + "}}]\n");
  }

  std::string folder_;
};

TEST_F(CredentialFiles, KubeconfigWithEmbeddedData) {
  const auto credentials = Credentials::FromKubeconfig(
      Kubeconfig("server: 'https://127.0.0.1:6443', certificate-authority-data: Y2E=",
                 "client-certificate-data: Y2VydA==, client-key-data: a2V5"));
  ASSERT_TRUE(credentials) << credentials.error().message;
  EXPECT_EQ((*credentials)->Server().Url(), "https://127.0.0.1:6443");
  EXPECT_EQ((*credentials)->Tls()->ca, "ca");
  EXPECT_EQ((*credentials)->Tls()->certificate, "cert");
  EXPECT_EQ((*credentials)->Tls()->key, "key");
  EXPECT_EQ((*credentials)->BearerToken(), "");
  EXPECT_FALSE((*credentials)->ForgetToken());
}

TEST_F(CredentialFiles, KubeconfigWithFilesBesideIt) {
  Write("ca.pem", "ca");
  Write("token", "secret\n");
  const auto credentials = Credentials::FromKubeconfig(
      Kubeconfig("server: 'https://[::1]', certificate-authority: ca.pem", "tokenFile: token"));
  ASSERT_TRUE(credentials) << credentials.error().message;
  EXPECT_EQ((*credentials)->Server().host, "::1");
  EXPECT_EQ((*credentials)->Server().Url(), "https://[::1]:443");
  EXPECT_EQ((*credentials)->Tls()->ca, "ca");
  EXPECT_EQ((*credentials)->BearerToken(), "secret");
}

TEST_F(CredentialFiles, SaysWhatIsWrongWithAKubeconfig) {
  const std::string good = "server: 'https://h', certificate-authority-data: Y2E=";
  const struct {
    std::string cluster, user, want;
  } cases[] = {
      {good + ", insecure-skip-tls-verify: true", "token: t", "insecure-skip-tls-verify"},
      {good, "exec: {command: aws}", "exec"},
      {"server: 'ftp://h'", "token: t", "server"},
      {"server: 'http://h', certificate-authority-data: Y2E=", "token: t", "server"},
      {"server: 'https://h:port'", "token: t", "server"},
      {"server: 'https://h'", "token: t", "certificate-authority"},
      {"server: 'https://h', certificate-authority-data: '!'", "token: t", "base64"},
      {good, "client-certificate: nowhere.pem", "client-certificate"},
  };
  for (const auto& one : cases) {
    const auto credentials = Credentials::FromKubeconfig(Kubeconfig(one.cluster, one.user));
    ASSERT_FALSE(credentials) << one.want;
    EXPECT_EQ(credentials.error().code, base::ErrorCode::kInvalidArgument);
    EXPECT_NE(credentials.error().message.find(one.want), std::string::npos)
        << credentials.error().message;
  }
  EXPECT_FALSE(Credentials::FromKubeconfig(folder_ + "/none"));
  EXPECT_FALSE(Credentials::FromKubeconfig(Write("broken", "a: [")));
}

TEST_F(CredentialFiles, InAClusterReadsTheTokenAnewOnlyWhenTold) {
  InClusterPlace place{"10.0.0.1", "443", Write("token", "old\n"), Write("ca.crt", "ca")};
  const auto credentials = Credentials::InCluster(place);
  ASSERT_TRUE(credentials) << credentials.error().message;
  EXPECT_EQ((*credentials)->BearerToken(), "old");
  Write("token", "new\n");
  EXPECT_EQ((*credentials)->BearerToken(), "old") << "younger than a minute";
  EXPECT_TRUE((*credentials)->ForgetToken());
  EXPECT_EQ((*credentials)->BearerToken(), "new");
  std::filesystem::remove(place.token_file);
  EXPECT_TRUE((*credentials)->ForgetToken());
  EXPECT_EQ((*credentials)->BearerToken(), "new") << "an unreadable file keeps the old token";
}

TEST_F(CredentialFiles, KnowsThatItIsNotInACluster) {
  EXPECT_FALSE(Credentials::InCluster({}));
  EXPECT_FALSE(Credentials::InCluster({"10.0.0.1", "443", folder_ + "/none", folder_ + "/none"}));
}

}  // namespace
}  // namespace oneshot::kube
