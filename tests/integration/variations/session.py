"""Charging sessions of a station, in the words of its OCPP version."""
import itertools

NUMBERS = itertools.count(4711)


class Session:
    """Started by start(); the register counts Wh; power_w is what the meter says."""

    def __init__(self, station, token, connector=1, register_wh=120_000, power_w=11_000,
                 kind="ISO14443"):
        self.station, self.token, self.connector, self.kind = station, token, connector, kind
        self.register_wh, self.power_w = float(register_wh), power_w
        self.number = next(NUMBERS)
        self.id = f"{station.name}-tx-{self.number}"
        self.sequence = 0
        self.start_payload = self.stop_payload = None

    @property
    def scene(self):
        return self.station.scene

    def samples(self, energy=True, power=True, context=None):
        v2, out = self.station.v2, []
        for measurand, value, unit in (("Energy.Active.Import.Register", self.register_wh, "Wh"),
                                       ("Power.Active.Import", self.power_w, "W")):
            if not (energy if measurand.startswith("Energy") else power):
                continue
            value = round(value, 1)
            sample = ({"value": value, "measurand": measurand, "unitOfMeasure": {"unit": unit}}
                      if v2 else {"value": f"{value}", "measurand": measurand, "unit": unit})
            if context:
                sample["context"] = context
            out.append(sample)
        return [{"timestamp": self.scene.time(), "sampledValue": out}]

    def event(self, kind, trigger, state=None, token=None, meter=None, answer=None, **more):
        payload = {"eventType": kind, "timestamp": self.scene.time(), "triggerReason": trigger,
                   "seqNo": self.sequence, "transactionInfo": {"transactionId": self.id, **more},
                   "evse": {"id": self.connector, "connectorId": 1}}
        if state:
            payload["transactionInfo"]["chargingState"] = state
        if token:
            payload["idToken"] = {"idToken": token, "type": self.kind}
        if meter:
            payload["meterValue"] = meter
        self.sequence += 1
        if answer is None and token:
            answer = {"idTokenInfo": {"status": "Accepted"}}
        self.station.call("TransactionEvent", payload, answer)
        return payload

    def start(self, authorize=True, status="Accepted", remote_id=None):
        station = self.station
        if authorize:
            station.authorize(self.token, kind=self.kind)
            self.scene.wait(2)
        if station.v2:
            station.status("Occupied", self.connector)
            more = {"remoteStartId": remote_id} if remote_id else {}
            self.start_payload = self.event(
                "Started", "RemoteStart" if remote_id else "Authorized", "Charging", self.token,
                self.samples(power=False, context="Transaction.Begin"),
                {"idTokenInfo": {"status": status}}, **more)
            return self
        station.status("Preparing", self.connector)
        self.start_payload = {"connectorId": self.connector, "idTag": self.token,
                              "meterStart": round(self.register_wh),
                              "timestamp": self.scene.time()}
        station.call("StartTransaction", self.start_payload,
                     {"transactionId": self.number, "idTagInfo": {"status": status}})
        station.status("Charging", self.connector)
        return self

    def meter(self):
        if self.station.v2:
            self.event("Updated", "MeterValuePeriodic", "Charging", meter=self.samples())
        else:
            self.station.call("MeterValues", {"connectorId": self.connector,
                                              "transactionId": self.number,
                                              "meterValue": self.samples()})
        return self

    def charge(self, minutes, growth=1.0, every_s=60):
        """Readings that grow with the power; growth 0 is a register that stands still."""
        for _ in range(int(minutes * 60 / every_s)):
            self.scene.wait(every_s)
            self.register_wh += self.power_w * every_s / 3600 * growth
            self.meter()
        return self

    def stop(self, token=None, reason=None, meter_wh=None):
        station = self.station
        stop_wh = self.register_wh if meter_wh is None else meter_wh
        if station.v2:
            self.register_wh = stop_wh
            self.event("Ended", "StopAuthorized" if token else "EVDeparted", None, token,
                       self.samples(power=False, context="Transaction.End"),
                       stoppedReason=reason or ("Local" if token else "EVDisconnected"))
        else:
            payload = {"transactionId": self.number, "meterStop": round(stop_wh),
                       "timestamp": self.scene.time(), "reason": reason or "Local"}
            if token:
                payload["idTag"] = token
            self.stop_payload = payload
            station.call("StopTransaction", payload, {"idTagInfo": {"status": "Accepted"}})
            station.status("Finishing", self.connector)
        station.status("Available", self.connector)
        return self
