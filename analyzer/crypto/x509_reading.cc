#include "analyzer/crypto/x509_reading.h"

#include <chrono>
#include <ctime>
#include <limits>

#include <openssl/asn1.h>
#include <openssl/objects.h>

#include "collector/base/digest.h"
#include "collector/base/ip_address.h"
#include "collector/base/text.h"

namespace chargewarden::crypto {

namespace {

constexpr std::int64_t kNsPerS = 1'000'000'000;
constexpr std::size_t kSerialMaxDigits = 128;  // RFC 5280, 4.1.2.2 allows 40.

Bytes view(const ASN1_STRING* text) {
  const int size = ASN1_STRING_length(text);
  return {ASN1_STRING_get0_data(text), size > 0 ? static_cast<std::size_t>(size) : 0};
}

std::string cut(std::string_view text) {
  return std::string(text.substr(0, kNameTextMaxLen));
}

// The last entry of that type: names begin with the most general.
std::string last_entry(const X509_NAME* name, int nid) {
  int found = -1;
  for (int at = -1; (at = X509_NAME_get_index_by_NID(name, nid, at)) >= 0;) found = at;
  if (found < 0) return {};
  const ASN1_STRING* value = X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, found));
  unsigned char* utf8 = nullptr;
  const int size = ASN1_STRING_to_UTF8(&utf8, value);
  const OpensslBytes owner(utf8);
  // What is not in its own encoding is kept as it came.
  if (size < 0) return cut(as_text(view(value)));
  return cut(as_text(Bytes(utf8, static_cast<std::size_t>(size))));
}

std::string name_text(const X509_NAME* name) {
  const Handle<BIO> out(BIO_new(BIO_s_mem()));
  const unsigned long kFlags = XN_FLAG_RFC2253 & ~static_cast<unsigned long>(ASN1_STRFLGS_ESC_MSB);
  if (!out || X509_NAME_print_ex(out.get(), name, 0, kFlags) < 0) return {};
  char* text = nullptr;
  const long size = BIO_get_mem_data(out.get(), &text);
  return size > 0 ? cut({text, static_cast<std::size_t>(size)}) : std::string();
}

// The hash in the parameters of RSA-PSS (RFC 4055, 3.1); SHA-1 where they leave it out.
std::string pss_hash(const X509_ALGOR* algorithm) {
  int type = V_ASN1_UNDEF;
  const void* value = nullptr;
  X509_ALGOR_get0(nullptr, &type, &value, algorithm);
  if (type != V_ASN1_SEQUENCE) return "unknown";
  const Handle<RSA_PSS_PARAMS> params(static_cast<RSA_PSS_PARAMS*>(
      ASN1_TYPE_unpack_sequence(ASN1_ITEM_rptr(RSA_PSS_PARAMS), algorithm->parameter)));
  if (!params) return "unknown";
  if (params->hashAlgorithm == nullptr) return "sha1";
  const ASN1_OBJECT* hash = nullptr;
  X509_ALGOR_get0(&hash, nullptr, nullptr, params->hashAlgorithm);
  return lower_ascii(OBJ_nid2sn(OBJ_obj2nid(hash)));
}

std::string name_of(const GENERAL_NAME& name) {
  int type = 0;
  const void* value = GENERAL_NAME_get0_value(&name, &type);
  const auto text = [value] { return cut(as_text(view(static_cast<const ASN1_STRING*>(value)))); };
  switch (type) {
    case GEN_DNS:
      return "dns:" + text();
    case GEN_URI:
      return "uri:" + text();
    case GEN_EMAIL:
      return "email:" + text();
    case GEN_IPADD: {
      const Bytes bytes = view(static_cast<const ASN1_STRING*>(value));
      const bool is_address = bytes.size() == 4 || bytes.size() == 16;
      return "ip:" + (is_address ? IpAddress::from_bytes(bytes).to_string() : to_hex(bytes));
    }
    default:
      return {};
  }
}

}  // namespace

DistinguishedName read_name(const X509_NAME* name) {
  return {name_text(name), last_entry(name, NID_commonName),
          last_entry(name, NID_organizationName)};
}

std::optional<std::int64_t> read_time_ns(const ASN1_TIME* time) {
  std::tm parts{};
  if (time == nullptr || ASN1_TIME_to_tm(time, &parts) != 1) return std::nullopt;
  const std::chrono::sys_days day(std::chrono::year(parts.tm_year + 1900) / (parts.tm_mon + 1) /
                                  parts.tm_mday);
  const std::int64_t seconds = std::chrono::sys_seconds(day).time_since_epoch().count() +
                               parts.tm_hour * 3'600 + parts.tm_min * 60 + parts.tm_sec;
  constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max() / kNsPerS;
  if (seconds > kMax) return std::numeric_limits<std::int64_t>::max();
  if (seconds < -kMax) return std::numeric_limits<std::int64_t>::min();
  return seconds * kNsPerS;
}

std::string read_serial(const ASN1_INTEGER* serial) {
  const Handle<BIGNUM> number(ASN1_INTEGER_to_BN(serial, nullptr));
  if (!number) return {};
  char* digits = BN_bn2hex(number.get());
  if (digits == nullptr) return {};
  const std::unique_ptr<char, OpensslFree> owner(digits);
  std::string_view text(digits);
  const bool negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  while (text.size() > 1 && text.front() == '0') text.remove_prefix(1);
  return (negative ? "-" : "") + lower_ascii(text.substr(0, kSerialMaxDigits));
}

std::string read_signature_hash(const X509_ALGOR* algorithm) {
  const ASN1_OBJECT* object = nullptr;
  X509_ALGOR_get0(&object, nullptr, nullptr, algorithm);
  const int nid = OBJ_obj2nid(object);
  if (nid == NID_rsassaPss) return pss_hash(algorithm);
  int hash = NID_undef;
  if (OBJ_find_sigid_algs(nid, &hash, nullptr) != 1) return "unknown";
  return hash == NID_undef ? "none" : lower_ascii(OBJ_nid2sn(hash));
}

void read_alternative_names(const STACK_OF(X509_EXTENSION) * extensions, SubjectFacts& out) {
  const Handle<GENERAL_NAMES> names(static_cast<GENERAL_NAMES*>(
      X509V3_get_d2i(extensions, NID_subject_alt_name, nullptr, nullptr)));
  if (!names) return;
  for (int i = 0; i < sk_GENERAL_NAME_num(names.get()); ++i) {
    std::string name = name_of(*sk_GENERAL_NAME_value(names.get(), i));
    if (name.empty()) continue;
    if (out.alternative_names.size() == kAlternativeNamesMax) {
      ++out.surplus_names;
    } else {
      out.alternative_names.push_back(std::move(name));
    }
  }
}

std::optional<PublicKey> read_key(const X509_PUBKEY* info, SubjectFacts& out) {
  unsigned char* der = nullptr;
  const int size = i2d_X509_PUBKEY(info, &der);
  const OpensslBytes owner(der);
  if (size <= 0) return std::nullopt;
  const Bytes bytes(der, static_cast<std::size_t>(size));
  out.spki_sha256 = sha256_hex(as_text(bytes));
  auto key = PublicKey::from_spki(bytes);
  if (!key) {
    ASN1_OBJECT* type = nullptr;
    X509_PUBKEY_get0_param(&type, nullptr, nullptr, nullptr, info);
    out.key_type = lower_ascii(OBJ_nid2sn(OBJ_obj2nid(type)));
    return std::nullopt;
  }
  out.key_type = key->type();
  out.key_bits = key->bits();
  out.curve = key->curve();
  return std::move(key).value();
}

}  // namespace chargewarden::crypto
