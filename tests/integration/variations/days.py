"""Lawful days that look like attacks."""
import base64

from .cases import ALL, BOTH, lawful
from .commands import firmware_status, profile, restart
from .session import Session

# A certificate for signing firmware, of the years 2026 to 2028.
SIGNER = """-----BEGIN CERTIFICATE-----
MIIB4zCCAYqgAwIBAgICEA0wCgYIKoZIzj0EAwIwSDELMAkGA1UEBhMCREUxFTAT
BgNVBAoMDFZvbHRhcmEgR21iSDEiMCAGA1UEAwwZVm9sdGFyYSBNYW51ZmFjdHVy
ZXIgUm9vdDAeFw0yNjA4MTQxMTI1MjlaFw0yODEwMjIxMTI1MjlaMDoxFTATBgNV
BAoMDFZvbHRhcmEgR21iSDEhMB8GA1UEAwwYVm9sdGFyYSBGaXJtd2FyZSBTaWdu
aW5nMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAErk8//n8SO6VERJjGhcXoYpfB
js5Gra3n6hTby8pDBwB06ITvvZ7J1uK9b1Um/oNg2jdsYr55GpY4IUKtGe8n2aNy
MHAwCQYDVR0TBAIwADAOBgNVHQ8BAf8EBAMCB4AwEwYDVR0lBAwwCgYIKwYBBQUH
AwMwHQYDVR0OBBYEFD+UAedOU+g8L/BNRLXR90SxY0xeMB8GA1UdIwQYMBaAFEV0
p048HgmQ7aVx3rsg7kmPHnyjMAoGCCqGSM49BAMCA0cAMEQCIBc28zLTtssAJPfK
+b22rdnh5lsq3xcyHjk6JpwiGl7QAiB1wji3WiYa7s/iK4Yp5G17KGmZNdfN8HEl
VUu6SAM9RQ==
-----END CERTIFICATE-----
"""


@lawful(BOTH)
def one_static_limit_for_the_site(scene, version):
    stations = [scene.station(f"LIM-{n}", version).connect() for n in range(10)]
    scene.wait(60)
    for station in stations:
        scene.wait(0.4)
        station.command("SetChargingProfile", profile(version, 16))


@lawful(BOTH)
def a_signed_update_of_the_fleet(scene, version):
    for n in range(6):
        station = scene.station(f"UPG-{n}", version, firmware="4.0.1").connect()
        scene.wait(900)
        firmware = {"location": "https://firmware.wallwerk.example/ww22-4.1.0.bin",
                    "retrieveDateTime": scene.time(60), "signature": "c2lnbmF0dXJl",
                    "signingCertificate": SIGNER}
        station.command("UpdateFirmware" if station.v2 else "SignedUpdateFirmware",
                        {"requestId": 40 + n, "firmware": firmware})
        for status in ("Downloading", "Downloaded", "SignatureVerified", "Installing", "Installed"):
            scene.wait(30)
            station.call("FirmwareStatusNotification" if station.v2 else
                         "SignedFirmwareStatusNotification",
                         {"status": status, "requestId": 40 + n})
        restart(station, "4.1.0")


@lawful(("1.6",))
def cards_of_a_local_list(scene, version):
    station = scene.station("LST-1", version).connect()
    station.command("SendLocalList", {"listVersion": 3, "updateType": "Full",
                                      "localAuthorizationList": [
                                          {"idTag": f"EMP-{n:03}", "idTagInfo":
                                           {"status": "Accepted"}} for n in range(20)]})
    wh = 80_000
    for n in range(5):
        scene.wait(120)
        session = Session(station, f"EMP-{n:03}", register_wh=wh).start(authorize=False).charge(5)
        wh = session.stop(session.token).register_wh


@lawful(BOTH)
def a_station_with_a_cache(scene, version):
    station = scene.station("CCH-1", version).connect()
    wh = 2_000
    for n in range(10):
        scene.wait(90)
        session = Session(station, f"REG-{n % 3}", register_wh=wh).start(authorize=n < 3).charge(4)
        wh = session.stop(session.token).register_wh


@lawful(("2.0.1", "2.1"))
def charging_for_free(scene, version):
    station = scene.station("FREE-1", version).connect()
    wh = 41_000
    for _ in range(5):
        scene.wait(90)
        session = Session(station, "", register_wh=wh, kind="NoAuthorization")
        wh = session.start(authorize=False).charge(4).stop().register_wh


@lawful(BOTH)
def plug_and_charge(scene, version):
    station = scene.station("PNC-1", version).connect()
    Session(station, "DE8ACCA1B2C3D4", kind="eMAID").start().charge(9).stop()


@lawful(BOTH)
def a_driver_with_two_cars(scene, version):
    station = scene.station("TWO-1", version).connect()
    station.status("Available", 2)
    first = Session(station, "FLEET-1", connector=1).start().charge(3)
    second = Session(station, "FLEET-2", connector=2, register_wh=4_000).start()
    for _ in range(4):
        scene.wait(60)
        for session in (first, second):
            session.register_wh += 183
            session.meter()
    first.stop("FLEET-1")
    second.stop("FLEET-2")


@lawful(BOTH)
def stations_behind_one_address(scene, version):
    for n in range(6):
        station = scene.station(f"NAT-{n}", version, address="192.0.2.77").connect()
        scene.wait(20)
        station.heartbeat()


@lawful(BOTH)
def power_comes_back_to_a_site(scene, version):
    stations = [scene.station(f"PWR-{n}", version).connect() for n in range(8)]
    scene.wait(3600)
    for station in stations:
        station.heartbeat()
        station.drop("silence")
    scene.wait(700)
    for station in stations:
        scene.wait(1)
        station.connect()


@lawful(BOTH)
def paused_by_the_car_and_resumed(scene, version):
    station = scene.station("PAU-1", version).connect()
    session = Session(station, "CARD-3").start().charge(10)
    for power in (0, 11_000, 0):
        station.status("Charging" if power else "SuspendedEV")
        session.power_w = power
        session.charge(15)
    session.stop("CARD-3")


@lawful(BOTH)
def a_night_with_few_readings(scene, version):
    station = scene.station("NGT-1", version).connect()
    session = Session(station, "CARD-4", power_w=7_200).start().charge(240, every_s=900)
    session.power_w = 0
    session.charge(180, every_s=900).stop("CARD-4")


@lawful(BOTH)
def a_link_that_breaks_during_a_session(scene, version):
    station = scene.station("BRK-1", version).connect()
    session = Session(station, "CARD-5").start().charge(6)
    for _ in range(3):
        station.drop("reset")
        scene.wait(15)
        station.handshake()
        session.charge(5)
    session.stop("CARD-5")


@lawful(("1.6",))
def a_queue_of_sessions_from_a_long_outage(scene, version):
    station = scene.station("OFF-1", version).connect()
    Session(station, "CARD-0").start().charge(3).stop("CARD-0")
    station.drop("silence")
    begin = scene.now
    scene.wait(4 * 3600)
    station.handshake()
    wh = 300_000
    for n in range(12):
        ago = begin + 600 + n * 900 - scene.now
        station.call("StartTransaction", {"connectorId": 1, "idTag": f"CARD-{n}", "meterStart": wh,
                                          "timestamp": scene.time(ago)},
                     {"transactionId": 9000 + n, "idTagInfo": {"status": "Accepted"}})
        wh += 1500
        station.call("StopTransaction", {"transactionId": 9000 + n, "meterStop": wh,
                                         "timestamp": scene.time(ago + 600), "reason": "Local"}, {})


@lawful(("2.0.1", "2.1"))
def sessions_of_2x_from_an_outage(scene, version):
    station = scene.station("OFF-2", version).connect()
    Session(station, "CARD-0").start().charge(3).stop("CARD-0")
    station.drop("silence")
    scene.wait(2 * 3600)
    station.handshake()
    for n in range(4):
        ago = -6000 + n * 1200
        meter = [{"timestamp": scene.time(ago), "sampledValue": [{"value": 300_000 + n * 2_000}]}]
        for seq, kind in enumerate(("Started", "Ended")):
            station.call("TransactionEvent", {
                "eventType": kind, "timestamp": scene.time(ago + 500 * seq),
                "triggerReason": "Authorized" if seq == 0 else "StopAuthorized", "seqNo": seq,
                "offline": True, "transactionInfo": {"transactionId": f"OFF-{n}"},
                "evse": {"id": 1, "connectorId": 1}, "meterValue": meter if seq == 0 else
                [{"timestamp": scene.time(ago + 500), "sampledValue": [
                    {"value": 301_500 + n * 2_000}]}],
                "idToken": {"idToken": f"CARD-{n}", "type": "ISO14443"}},
                {"idTokenInfo": {"status": "Accepted"}})


@lawful(BOTH)
def a_clock_that_was_never_set(scene, version):
    station = scene.station("CLK-1", version).handshake().boot()
    payload = {"timestamp": "1970-01-01T00:00:09Z"}
    payload |= ({"evseId": 1, "connectorId": 1, "connectorStatus": "Available"} if station.v2 else
                {"connectorId": 1, "errorCode": "NoError", "status": "Available"})
    station.call("StatusNotification", payload)
    scene.wait(5)
    station.status("Available")


@lawful(("1.6",))
def logs_for_the_operator(scene, version):
    station = scene.station("DIA-1", version).connect()
    station.command("GetDiagnostics", {"location": "https://10.0.0.1/diagnostics/DIA-1"},
                    {"fileName": "DIA-1.zip"})
    for status in ("Uploading", "Uploaded"):
        scene.wait(20)
        station.call("DiagnosticsStatusNotification", {"status": status})


@lawful(BOTH)
def a_restart_by_the_support_desk(scene, version):
    station = scene.station("SUP-1", version).connect()
    station.status("Faulted", error="InternalError", info="contactor")
    for _ in range(2):
        scene.wait(60)
        station.command("Reset", {"type": "OnIdle" if station.v2 else "Soft"})
        station.drop("reset")
        scene.wait(40)
        station.connect("RemoteReset")


@lawful(("1.6",))
def a_main_meter_between_sessions(scene, version):
    station = scene.station("MET-1", version).connect()
    session = Session(station, "CARD-6").start()
    for n in range(6):
        session.charge(5)
        station.call("MeterValues", {"connectorId": 0, "meterValue": [
            {"timestamp": scene.time(), "sampledValue": [
                {"value": f"{900_000 + n * 5_000}", "context": "Sample.Clock"}]}]})
    session.stop("CARD-6")


@lawful(("2.1",))
def a_car_that_feeds_back(scene, version):
    station = scene.station("V2X-1", version).connect()
    station.command("SetChargingProfile", {"evseId": 1, "chargingProfile": {
        "id": 9, "stackLevel": 0, "chargingProfilePurpose": "TxDefaultProfile",
        "chargingProfileKind": "Absolute", "chargingSchedule": [{
            "id": 1, "chargingRateUnit": "W", "chargingSchedulePeriod": [
                {"startPeriod": 0, "operationMode": "CentralSetpoint", "setpoint": -7000}]}]}})
    Session(station, "CARD-7", power_w=0).start().charge(10, growth=0).stop("CARD-7")


@lawful(BOTH)
def signed_values_in_vendor_data(scene, version):
    station = scene.station("OCM-1", version).connect()
    for n in range(3):
        scene.wait(600)
        record = ('OCMF|{"FV":"1.0","GI":"W","GS":"1","PG":"T%d","RD":[]}|{"SD":"%s"}'
                  % (n, "3045" + "ab" * 70))
        station.call("DataTransfer", {"vendorId": "com.wallwerk", "messageId": "receipt",
                                      "data": base64.b64encode(record.encode()).decode()},
                     {"status": "Accepted"})


@lawful(ALL)
def moved_to_another_address_in_order(scene, version):
    station = scene.station("DHC-1", version, address="10.4.4.4").connect()
    scene.wait(500)
    station.drop("close")
    station.address = "10.4.4.90"
    scene.wait(3)
    station.handshake().heartbeat()


@lawful(("1.6",))
def an_unsigned_status_without_update(scene, version):
    station = scene.station("IDL-1", version).connect()
    firmware_status(station, "Idle")


@lawful(BOTH)
def one_session_ended_from_the_app(scene, version):
    station = scene.station("APP-1", version).connect()
    session = Session(station, "CARD-9").start().charge(7)
    if station.v2:
        station.command("RequestStopTransaction", {"transactionId": session.id})
    else:
        station.command("RemoteStopTransaction", {"transactionId": session.number})
    session.stop(reason="Remote")


@lawful(("2.0.1", "2.1"))
def many_variables_in_one_message(scene, version):
    station = scene.station("VAR-1", version).connect()
    settings = [("OCPPCommCtrlr", "HeartbeatInterval", "300"),
                ("OCPPCommCtrlr", "RetryBackOffRandomRange", "0"),
                ("AuthCtrlr", "Enabled", "true"), ("ReservationCtrlr", "Enabled", "false"),
                ("SampledDataCtrlr", "TxUpdatedInterval", "60"),
                ("SampledDataCtrlr", "SignReadings", "true"),
                ("SecurityCtrlr", "OrganizationName", "Example"),
                ("TxCtrlr", "StopTxOnInvalidId", "true"),
                ("OCPPCommCtrlr", "MessageAttempts", "5"),
                ("OCPPCommCtrlr", "WebSocketPingInterval", "54")]
    names = [{"component": {"name": component}, "variable": {"name": variable}}
             for component, variable, _ in settings]
    station.command("SetVariables", {"setVariableData": [
        {**name, "attributeValue": value} for name, (_, _, value) in zip(names, settings)]},
        {"setVariableResult": [{**name, "attributeStatus": "Accepted"} for name in names]})
