#include "alerts/model/attack.h"

#include <algorithm>
#include <array>

namespace chargewarden {

namespace {

struct Named {
  std::string_view key;
  std::string_view uid;
  std::string_view name;
};

// Tactics of the Enterprise and ICS matrices. Nine names stand in both, with two ids: those go
// without an id.
constexpr auto kTactics = std::to_array<Named>({
    {"collection", "", "Collection"},
    {"command-and-control", "", "Command and Control"},
    {"credential-access", "TA0006", "Credential Access"},
    {"defense-evasion", "TA0005", "Defense Evasion"},
    {"discovery", "", "Discovery"},
    {"evasion", "TA0103", "Evasion"},
    {"execution", "", "Execution"},
    {"exfiltration", "TA0010", "Exfiltration"},
    {"impact", "", "Impact"},
    {"impair-process-control", "TA0106", "Impair Process Control"},
    {"inhibit-response-function", "TA0107", "Inhibit Response Function"},
    {"initial-access", "", "Initial Access"},
    {"lateral-movement", "", "Lateral Movement"},
    {"persistence", "", "Persistence"},
    {"privilege-escalation", "", "Privilege Escalation"},
    {"reconnaissance", "TA0043", "Reconnaissance"},
    {"resource-development", "TA0042", "Resource Development"},
});

struct Technique {
  std::string_view uid;
  std::string_view name;
};

// Names of techniques that matter to charging infrastructure, sorted by id (MITRE ATT&CK,
// Enterprise and ICS matrices). One that is missing goes out by its id alone.
constexpr auto kTechniques = std::to_array<Technique>({
    {"T0800", "Activate Firmware Update Mode"},
    {"T0802", "Automated Collection"},
    {"T0803", "Block Command Message"},
    {"T0804", "Block Reporting Message"},
    {"T0806", "Brute Force I/O"},
    {"T0807", "Command-Line Interface"},
    {"T0809", "Data Destruction"},
    {"T0811", "Data from Information Repositories"},
    {"T0812", "Default Credentials"},
    {"T0813", "Denial of Control"},
    {"T0814", "Denial of Service"},
    {"T0815", "Denial of View"},
    {"T0816", "Device Restart/Shutdown"},
    {"T0819", "Exploit Public-Facing Application"},
    {"T0821", "Modify Controller Tasking"},
    {"T0822", "External Remote Services"},
    {"T0826", "Loss of Availability"},
    {"T0827", "Loss of Control"},
    {"T0828", "Loss of Productivity and Revenue"},
    {"T0829", "Loss of View"},
    {"T0830", "Adversary-in-the-Middle"},
    {"T0831", "Manipulation of Control"},
    {"T0832", "Manipulation of View"},
    {"T0836", "Modify Parameter"},
    {"T0837", "Loss of Protection"},
    {"T0838", "Modify Alarm Settings"},
    {"T0839", "Module Firmware"},
    {"T0840", "Network Connection Enumeration"},
    {"T0842", "Network Sniffing"},
    {"T0846", "Remote System Discovery"},
    {"T0848", "Rogue Master"},
    {"T0849", "Masquerading"},
    {"T0855", "Unauthorized Command Message"},
    {"T0856", "Spoof Reporting Message"},
    {"T0857", "System Firmware"},
    {"T0858", "Change Operating Mode"},
    {"T0859", "Valid Accounts"},
    {"T0860", "Wireless Compromise"},
    {"T0862", "Supply Chain Compromise"},
    {"T0864", "Transient Cyber Asset"},
    {"T0866", "Exploitation of Remote Services"},
    {"T0867", "Lateral Tool Transfer"},
    {"T0868", "Detect Operating Mode"},
    {"T0869", "Standard Application Layer Protocol"},
    {"T0872", "Indicator Removal on Host"},
    {"T0878", "Alarm Suppression"},
    {"T0879", "Damage to Property"},
    {"T0880", "Loss of Safety"},
    {"T0881", "Service Stop"},
    {"T0882", "Theft of Operational Information"},
    {"T0883", "Internet Accessible Device"},
    {"T0884", "Connection Proxy"},
    {"T0885", "Commonly Used Port"},
    {"T0886", "Remote Services"},
    {"T0887", "Wireless Sniffing"},
    {"T0888", "Remote System Information Discovery"},
    {"T0889", "Modify Program"},
    {"T0890", "Exploitation for Privilege Escalation"},
    {"T0891", "Hardcoded Credentials"},
    {"T0892", "Change Credential"},
    {"T1021", "Remote Services"},
    {"T1021.004", "SSH"},
    {"T1036", "Masquerading"},
    {"T1040", "Network Sniffing"},
    {"T1041", "Exfiltration Over C2 Channel"},
    {"T1046", "Network Service Discovery"},
    {"T1048", "Exfiltration Over Alternative Protocol"},
    {"T1059", "Command and Scripting Interpreter"},
    {"T1059.004", "Unix Shell"},
    {"T1070", "Indicator Removal"},
    {"T1070.006", "Timestomp"},
    {"T1071", "Application Layer Protocol"},
    {"T1071.001", "Web Protocols"},
    {"T1072", "Software Deployment Tools"},
    {"T1078", "Valid Accounts"},
    {"T1078.001", "Default Accounts"},
    {"T1090", "Proxy"},
    {"T1098", "Account Manipulation"},
    {"T1105", "Ingress Tool Transfer"},
    {"T1110", "Brute Force"},
    {"T1110.001", "Password Guessing"},
    {"T1110.003", "Password Spraying"},
    {"T1110.004", "Credential Stuffing"},
    {"T1133", "External Remote Services"},
    {"T1190", "Exploit Public-Facing Application"},
    {"T1195", "Supply Chain Compromise"},
    {"T1195.002", "Compromise Software Supply Chain"},
    {"T1199", "Trusted Relationship"},
    {"T1200", "Hardware Additions"},
    {"T1210", "Exploitation of Remote Services"},
    {"T1213", "Data from Information Repositories"},
    {"T1489", "Service Stop"},
    {"T1496", "Resource Hijacking"},
    {"T1498", "Network Denial of Service"},
    {"T1499", "Endpoint Denial of Service"},
    {"T1499.001", "OS Exhaustion Flood"},
    {"T1499.002", "Service Exhaustion Flood"},
    {"T1499.003", "Application Exhaustion Flood"},
    {"T1499.004", "Application or System Exploitation"},
    {"T1528", "Steal Application Access Token"},
    {"T1529", "System Shutdown/Reboot"},
    {"T1542", "Pre-OS Boot"},
    {"T1542.001", "System Firmware"},
    {"T1552", "Unsecured Credentials"},
    {"T1552.001", "Credentials In Files"},
    {"T1552.004", "Private Keys"},
    {"T1553", "Subvert Trust Controls"},
    {"T1553.002", "Code Signing"},
    {"T1553.004", "Install Root Certificate"},
    {"T1556", "Modify Authentication Process"},
    {"T1557", "Adversary-in-the-Middle"},
    {"T1557.002", "ARP Cache Poisoning"},
    {"T1557.003", "DHCP Spoofing"},
    {"T1562", "Impair Defenses"},
    {"T1562.001", "Disable or Modify Tools"},
    {"T1562.006", "Indicator Blocking"},
    {"T1562.010", "Downgrade Attack"},
    {"T1563", "Remote Service Session Hijacking"},
    {"T1565", "Data Manipulation"},
    {"T1565.001", "Stored Data Manipulation"},
    {"T1565.002", "Transmitted Data Manipulation"},
    {"T1565.003", "Runtime Data Manipulation"},
    {"T1571", "Non-Standard Port"},
    {"T1572", "Protocol Tunneling"},
    {"T1573", "Encrypted Channel"},
    {"T1595", "Active Scanning"},
    {"T1595.001", "Scanning IP Blocks"},
    {"T1595.002", "Vulnerability Scanning"},
    {"T1595.003", "Wordlist Scanning"},
    {"T1600", "Weaken Encryption"},
    {"T1601", "Modify System Image"},
    {"T1601.001", "Patch System Image"},
    {"T1601.002", "Downgrade System Image"},
    {"T1649", "Steal or Forge Authentication Certificates"},
    {"T1657", "Financial Theft"},
});
static_assert(std::is_sorted(kTechniques.begin(), kTechniques.end(),
                             [](const Technique& a, const Technique& b) { return a.uid < b.uid; }));

std::string_view technique_name(std::string_view uid) {
  const auto* const at = std::lower_bound(
      kTechniques.begin(), kTechniques.end(), uid,
      [](const Technique& entry, std::string_view key) { return entry.uid < key; });
  return at != kTechniques.end() && at->uid == uid ? at->name : std::string_view();
}

bool all_digits(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// "t0857" or "t1195.002", any case.
bool is_technique(std::string_view text) {
  const bool sub = text.size() == 9 && text[5] == '.' && all_digits(text.substr(6));
  return (text.size() == 5 || sub) && (text[0] == 't' || text[0] == 'T') &&
         all_digits(text.substr(1, 4));
}

std::string lower_with_hyphens(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    if (c == '_') c = '-';  // The spelling of Sigma before version 2.
  }
  return out;
}

}  // namespace

std::optional<AttackEntry> attack_entry(std::string_view tag) {
  constexpr std::string_view kPrefix = "attack.";
  if (!tag.starts_with(kPrefix)) return std::nullopt;
  const std::string_view rest = tag.substr(kPrefix.size());
  if (is_technique(rest)) {
    std::string uid(rest);
    uid[0] = 'T';
    const auto name = technique_name(uid);
    const auto kind = uid.size() == 5 ? AttackKind::kTechnique : AttackKind::kSubTechnique;
    return AttackEntry{kind, std::move(uid), name};
  }
  const std::string key = lower_with_hyphens(rest);
  for (const Named& tactic : kTactics) {
    if (tactic.key == key) {
      return AttackEntry{AttackKind::kTactic, std::string(tactic.uid), tactic.name};
    }
  }
  return std::nullopt;
}

}  // namespace chargewarden
