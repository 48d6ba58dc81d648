#pragma once
// Uploads: files that stations send although nothing that was seen asks for them (threat LG-17).
//
// Lawful and alike: telemetry to the manufacturer, certificate requests and status checks over HTTP
// (small, which is why small ones are left out), OCPP over SOAP, uploads to the backend itself.

#include "analyzer/detectors/detector.h"
#include "analyzer/detectors/network/asked.h"
#include "analyzer/detectors/network/contact.h"
#include "analyzer/detectors/network/peers.h"

namespace chargewarden::network {

class Uploads {
 public:
  Uploads(Asked& asked, Peers& peers) : asked_(asked), peers_(peers) {}

  // http.transaction, ftp.transfer.
  void on_transfer(const Fact& fact, const Contact& contact, const World& world,
                   Reporter& reporter);

 private:
  Asked& asked_;
  Peers& peers_;
};

}  // namespace chargewarden::network
