#pragma once
// What the subcommands of `rules` do, on streams, without the command line.
//
// Each returns the exit status: 0 done, 1 problems were found (check), 2 wrong usage or unreadable
// input, 74 a failed write.

#include <iosfwd>
#include <string>

#include "analyzer/app/commands/rules_loading.h"
#include "analyzer/app/table.h"

namespace chargewarden {

int rules_check(const RulesOptions& options, OutputFormat format, std::ostream& out,
                std::ostream& err);
int rules_list(const RulesOptions& options, const RulesFilter& filter, OutputFormat format,
               TableForm form, std::ostream& out, std::ostream& err);
int rules_show(const RulesOptions& options, const std::string& name, TableForm form,
               std::ostream& out, std::ostream& err);
enum class FieldsFormat : unsigned char { kMarkdown, kJson, kSchema };

int rules_fields(FieldsFormat format, std::ostream& out);

}  // namespace chargewarden
