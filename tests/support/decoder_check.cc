// The part of the harness that needs the test framework.

#include <catch2/catch.hpp>

#include "tests/support/decoder_harness.h"

namespace chargewarden::harness {

std::vector<std::string> check_decoder(const MakeDecoder& make, const std::vector<Step>& steps,
                                       bool end) {
  DecoderRig whole(make());
  whole.run(steps);
  if (end) whole.end();
  const auto finish = [&](DecoderRig& rig, std::size_t from) {
    rig.run({steps.begin() + static_cast<std::ptrdiff_t>(from), steps.end()});
    if (end) rig.end();
  };
  for (std::size_t i = 0; i < steps.size(); ++i) {
    const Step& step = steps[i];
    for (std::size_t cut = 1; cut < step.bytes.size(); ++cut) {
      DecoderRig rig(make());
      rig.run({steps.begin(), steps.begin() + static_cast<std::ptrdiff_t>(i)});
      rig.send(step.side, std::string_view(step.bytes).substr(0, cut));
      rig.send(step.side, std::string_view(step.bytes).substr(cut));
      finish(rig, i + 1);
      INFO("step " << i << " cut at " << cut);
      REQUIRE(rig.lines() == whole.lines());
    }
  }
  DecoderRig single(make());
  for (const Step& step : steps) {
    if (step.missing > 0) single.gap(step.side, step.missing);
    for (const char& byte : step.bytes) single.send(step.side, {&byte, 1});
  }
  finish(single, steps.size());
  INFO("byte by byte");
  REQUIRE(single.lines() == whole.lines());
  return whole.lines();
}

}  // namespace chargewarden::harness
