/// Build step: openapi_to_cpp OPENAPI.yaml SCHEMAS.yaml OUTPUT.cpp writes the contract, which is in
/// two files because it is long, as a string of JSON that the program carries.
#include <yaml-cpp/yaml.h>

#include <filesystem>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>

namespace {

using Json = nlohmann::ordered_json;

/// A plain scalar is a number, a boolean or null when JSON would read it as one; a quoted one is a
/// text.
Json Scalar(const YAML::Node& node) {
  if (node.Tag() != "!") {
    Json value = Json::parse(node.Scalar(), nullptr, /*allow_exceptions=*/false);
    if (value.is_number() || value.is_boolean() || value.is_null()) return value;
  }
  return node.Scalar();
}

Json Convert(const YAML::Node& node) {
  if (node.IsNull()) return nullptr;
  if (node.IsScalar()) return Scalar(node);
  Json json = node.IsMap() ? Json::object() : Json::array();
  for (const auto& element : node) {
    if (node.IsMap()) {
      json[element.first.Scalar()] = Convert(element.second);
    } else {
      json.push_back(Convert(element));
    }
  }
  return json;
}

/// References into the other file become references within the one document.
std::string WithoutFileName(std::string text, const std::string& file_name) {
  const std::string reference = "\"" + file_name + "#/";
  for (std::size_t at = 0; (at = text.find(reference, at)) != std::string::npos;)
    text.erase(at + 1, file_name.size());
  return text;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) return 2;
  try {
    Json contract = Convert(YAML::LoadFile(argv[1]));
    contract["components"]["schemas"] = Convert(YAML::LoadFile(argv[2]))["components"]["schemas"];
    const std::string file_name = std::filesystem::path(argv[2]).filename();
    const std::string text = WithoutFileName(contract.dump(), file_name);
    std::ofstream output(argv[3]);
    output << "#include \"api/openapi.h\"\nnamespace oneshot::api {\nconst std::string_view "
              "kOpenApiJson = ";
    // In pieces, because the standard promises only 65,536 characters for one literal.
    for (std::size_t at = 0; at < text.size(); at += 8192)
      output << "\nR\"~~(" << text.substr(at, 8192) << ")~~\"";
    output << ";\n}\n";
    return output.good() ? 0 : 1;
  } catch (const std::exception& error) {
    std::cerr << argv[1] << ": " << error.what() << "\n";
    return 1;
  }
}
