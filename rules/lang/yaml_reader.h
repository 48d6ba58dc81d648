#pragma once
// Reads a YAML file of one or more documents into trees with positions.
//
// The only place that knows yaml-cpp. Files may be hostile: size, depth and number of values are
// bounded, aliases are refused (they make small files huge), duplicate keys are errors. A document
// that is wrong does not hide the others of the same file.

#include <string_view>
#include <vector>

#include "rules/lang/diagnostics.h"
#include "rules/lang/source_file.h"
#include "rules/lang/yaml_node.h"

namespace chargewarden {

// Longest file, bytes. The largest public rule file has 40 KB; 16 MiB holds a whole collection in
// one file. Test: yaml_reader_test.cc "a file beyond the limit is refused".
inline constexpr std::size_t kYamlFileMax = std::size_t{16} << 20U;

// Longest document, bytes: a rule with a list of 10,000 long values has 1 MB.
// Test: yaml_reader_test.cc "a document beyond the limit is refused".
inline constexpr std::size_t kYamlDocumentMax = std::size_t{1} << 20U;

// Deepest nesting. Rules need 5 levels, examples with nested payloads 12.
// Test: yaml_reader_test.cc "a document nested beyond the limit is refused".
inline constexpr std::size_t kYamlDepthMax = 32;

// Most values of a document, keys not counted: 5 times the longest public list of indicators.
// Test: yaml_reader_test.cc "more values than the limit are refused".
inline constexpr std::size_t kYamlNodesMax = 50'000;

struct YamlDocument {
  YamlNode root;
  std::string_view text;  // Its bytes in the file, without the marker line that begins it.
};

// Problems go to `diagnostics`; documents with problems are left out. Views refer to `file`.
// `unread`: a key of the outermost map whose value is left out without a look; for what is large
// and not needed, since yaml-cpp is slow. Its name must stand at the begin of a line.
std::vector<YamlDocument> read_yaml(const SourceFile& file, Diagnostics& diagnostics,
                                    std::string_view unread = {});

}  // namespace chargewarden
