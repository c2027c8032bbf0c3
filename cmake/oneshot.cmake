# The three ways to build something here: a library a folder, an executable that is a library plus main.cpp, a test program.

# A clone elsewhere finds what this one compiled: paths are taken relative to the checkout.
find_program(CCACHE ccache)
if(CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER
      ${CMAKE_COMMAND} -E env CCACHE_BASEDIR=${PROJECT_SOURCE_DIR} CCACHE_NOHASHDIR=1 ${CCACHE})
endif()

add_library(oneshot_options INTERFACE)
target_compile_options(oneshot_options INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor
                                                 -Wswitch-enum -Wredundant-tags -Wunused-macros
                                                 -Wunused-const-variable=2 -Werror
                                                 # Members have defaults; designated initializers name the rest.
                                                 -Wno-missing-field-initializers
                                                 # False in GCC 12 for "text" + std::string (GCC bug 105329).
                                                 -Wno-restrict)
target_include_directories(oneshot_options INTERFACE ${PROJECT_SOURCE_DIR})
if(ONESHOT_SANITIZE)
  target_compile_options(oneshot_options INTERFACE -fsanitize=${ONESHOT_SANITIZE} -fno-omit-frame-pointer)
  target_link_options(oneshot_options INTERFACE -fsanitize=${ONESHOT_SANITIZE})
  # GCC 12 reports false positives in sanitized standard containers.
  target_compile_options(oneshot_options INTERFACE -Wno-maybe-uninitialized)
  if(ONESHOT_SANITIZE MATCHES "thread")
    target_compile_options(oneshot_options INTERFACE -Wno-tsan)
  endif()
endif()

# oneshot_library(name SOURCES a.cpp ... DEPS libs ... [PRIVATE_DEPS libs ...])
function(oneshot_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPS;PRIVATE_DEPS" ${ARGN})
  add_library(${name} STATIC ${ARG_SOURCES})
  target_link_libraries(${name} PUBLIC oneshot_options ${ARG_DEPS} PRIVATE ${ARG_PRIVATE_DEPS})
endfunction()

# oneshot_executable(name SOURCES main.cpp DEPS libs ...)
function(oneshot_executable name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPS" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE oneshot_options ${ARG_DEPS})
endfunction()

# oneshot_test(name LABEL unit|component|contract SOURCES a_test.cpp ... DEPS libs ...)
function(oneshot_test name)
  cmake_parse_arguments(ARG "" "LABEL" "SOURCES;DEPS" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE oneshot_options ${ARG_DEPS} GTest::gtest GTest::gmock GTest::gtest_main)
  # At test time, so that a build needs no run of a sanitized program. Its first start may wait for
  # a busy disk; CMake's own patience is 5 s.
  gtest_discover_tests(
    ${name} DISCOVERY_MODE PRE_TEST DISCOVERY_TIMEOUT 120 PROPERTIES LABELS ${ARG_LABEL} TIMEOUT 120)
endfunction()
