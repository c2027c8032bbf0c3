// What a program's import statements name, read off its lines.
#include "controller/manifest/preload.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace oneshot::manifest {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

const std::vector<std::string> kModules = {"numpy", "pandas", "scipy.optimize", "scipy.stats"};

std::vector<std::string> Imported(std::string_view source) {
  return ImportedAmong(kModules, source);
}

TEST(Preload, NothingForAProgramThatImportsNothing) {
  EXPECT_THAT(Imported(""), IsEmpty());
  EXPECT_THAT(Imported("print(6)"), IsEmpty());
  EXPECT_THAT(Imported("import\nfrom\nfrom pandas\nimport ,\nfrom . import numpy"), IsEmpty());
}

TEST(Preload, EveryFormOfAnImport) {
  EXPECT_THAT(Imported("import pandas"), ElementsAre("pandas"));
  EXPECT_THAT(Imported("import pandas as pd, numpy as np; print(1)"),
              ElementsAre("numpy", "pandas"));
  EXPECT_THAT(Imported("\tfrom pandas import DataFrame\r\n"), ElementsAre("pandas"));
  EXPECT_THAT(Imported("from scipy import (optimize as o,stats)  # both"),
              ElementsAre("scipy.optimize", "scipy.stats"));
  EXPECT_THAT(Imported("import scipy.stats as s"), ElementsAre("scipy.stats"));
  EXPECT_THAT(Imported("from scipy.stats import norm"), ElementsAre("scipy.stats"));
}

TEST(Preload, OrderIsTheListsNotTheProgram) {
  EXPECT_THAT(Imported("import pandas\nif True:\n    import numpy\nimport pandas"),
              ElementsAre("numpy", "pandas"));
}

TEST(Preload, OtherNamesAndCommentsDoNotCount) {
  EXPECT_THAT(Imported("import pandas_more\nimport scipy\nimport my.numpy\n# import numpy\n"
                       "importpandas\nx = 'import numpy'\nimport os # , numpy\nimport os; numpy"),
              IsEmpty());
}

TEST(Preload, SourceIsBytesOfAnyKind) {
  EXPECT_THAT(Imported(std::string_view("import \0\xff\nimport numpy", 22)), ElementsAre("numpy"));
}

}  // namespace
}  // namespace oneshot::manifest
