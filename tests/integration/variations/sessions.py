"""Sessions, tokens, meters, transaction messages."""
from .cases import ALL, BOTH, attack, lawful
from .session import Session


def pair(scene, version):
    return [scene.station(name, version).connect() for name in ("HAM-0117", "HAM-0240")]


def one(scene, version, name="depot-west-03"):
    return scene.station(name, version).connect()


@lawful(ALL)
def an_ordinary_session(scene, version):
    station = one(scene, version)
    scene.wait(40)
    Session(station, "04A1B2C3D4").start().charge(25).stop("04A1B2C3D4")
    scene.wait(60)
    station.heartbeat()


@lawful(BOTH)
def the_car_is_full_and_the_register_stands(scene, version):
    station = one(scene, version)
    session = Session(station, "04A1B2C3D4").start().charge(10)
    session.power_w = 0
    session.charge(40).stop("04A1B2C3D4")


@lawful(BOTH)
def a_fast_charger_at_full_power(scene, version):
    station = scene.station("HPC-9", version, vendor="Volt AG", model="HPC-350").connect()
    session = Session(station, "04A1B2C3D4", power_w=310_000).start().charge(6)
    session.power_w = 90_000
    session.charge(6).stop("04A1B2C3D4")


@lawful(BOTH)
def remote_start_from_an_app(scene, version):
    station = one(scene, version)
    if station.v2:
        station.command("RequestStartTransaction", {"remoteStartId": 77, "evseId": 1, "idToken": {
            "idToken": "APP-88123", "type": "Central"}})
    else:
        station.command("RemoteStartTransaction", {"connectorId": 1, "idTag": "APP-88123"})
    scene.wait(9)
    Session(station, "APP-88123", kind="Central").start(
        authorize=False, remote_id=77).charge(5).stop("APP-88123")


@lawful(BOTH)
def a_family_shares_a_group(scene, version):
    station = one(scene, version)
    station.authorize("FAM-0001", parent="FAMILY-9")
    session = Session(station, "FAM-0001").start(authorize=False).charge(5)
    station.authorize("FAM-0002", parent="FAMILY-9")
    session.stop("FAM-0002")


@lawful(BOTH)
def one_card_at_two_stations_in_turn(scene, version):
    first, second = pair(scene, version)
    Session(first, "CARD-7").start().charge(5).stop("CARD-7")
    scene.wait(1800)
    Session(second, "CARD-7").start().charge(5).stop("CARD-7")


@lawful(("1.6",))
def a_card_refused_and_another_one_accepted(scene, version):
    station = one(scene, version)
    station.authorize("OLD-1", status="Expired")
    scene.wait(15)
    station.authorize("OLD-1", status="Expired")
    scene.wait(20)
    Session(station, "NEW-1").start().charge(5).stop("NEW-1")


@lawful(BOTH)
def a_queue_from_a_time_without_link(scene, version):
    station = one(scene, version)
    session = Session(station, "CARD-9").start().charge(5)
    station.drop("silence")
    scene.wait(600)
    station.handshake()
    if station.v2:
        station.boot("ApplicationReset")
    session.register_wh += 1800
    session.stop("CARD-9")


@attack("session-without-authorize")
def starts_by_itself(scene, version):
    station = one(scene, version)
    scene.wait(30)
    Session(station, "GHOST-1").start(authorize=False).charge(8).stop("GHOST-1")
    return station.name


@attack("session-without-authorize", ("2.0.1", "2.1"))
def starts_without_any_token(scene, version):
    station = one(scene, version)
    scene.wait(30)
    session = Session(station, "unused")
    session.event("Started", "CablePluggedIn", "Charging", None, session.samples())
    session.charge(8).stop()
    return station.name


@attack("session-idtag-concurrent", ALL)
def the_card_charges_twice(scene, version):
    first, second = pair(scene, version)
    one_session = Session(first, "CLONED-77").start().charge(6)
    other = Session(second, "CLONED-77").start()
    for _ in range(6):
        scene.wait(60)
        for session in (one_session, other):
            session.register_wh += 180
            session.meter()
    one_session.stop("CLONED-77")
    other.stop("CLONED-77")
    return second.name


@attack("session-meter-backwards")
def the_register_falls(scene, version):
    station = one(scene, version)
    session = Session(station, "CARD-1").start().charge(5)
    session.register_wh -= 2100
    session.meter()
    session.charge(5).stop("CARD-1")
    return station.name


@attack("session-meter-backwards", ("1.6",))
def the_register_falls_in_kwh(scene, version):
    station = one(scene, version)
    session = Session(station, "CARD-1").start(authorize=True)
    for kwh in (120.5, 121.0, 121.4, 118.2, 119.0):
        scene.wait(120)
        station.call("MeterValues", {"connectorId": 1, "transactionId": session.number,
                                     "meterValue": [{"timestamp": scene.time(), "sampledValue": [
                                         {"value": f"{kwh}", "unit": "kWh"}]}]})
    session.stop("CARD-1", meter_wh=121_900)
    return station.name


@attack("session-negative-energy")
def ends_below_its_begin(scene, version):
    station = one(scene, version)
    session = Session(station, "CARD-1").start()
    scene.wait(900)
    session.stop("CARD-1", meter_wh=session.register_wh - 4200)
    return station.name


@attack("session-energy-impossible")
def energy_beyond_the_power(scene, version):
    station = one(scene, version)
    Session(station, "CARD-1", power_w=11_000).start().charge(8, growth=20).stop("CARD-1")
    return station.name


@attack("session-energy-impossible")
def a_leap_at_the_end(scene, version):
    station = one(scene, version)
    session = Session(station, "CARD-1", power_w=7_000).start().charge(8)
    session.stop("CARD-1", meter_wh=session.register_wh + 900_000)
    return station.name


@attack("session-zero-energy")
def power_without_energy(scene, version):
    station = one(scene, version)
    Session(station, "CARD-1", power_w=10_400).start().charge(25, growth=0).stop("CARD-1")
    return station.name


@attack("session-stop-idtag-mismatch")
def a_stranger_stops(scene, version):
    station = one(scene, version)
    Session(station, "CARD-1").start().charge(5).stop("STRANGER-5")
    return station.name


@attack("session-on-faulted-connector")
def charging_at_a_faulted_connector(scene, version):
    station = one(scene, version)
    station.status("Faulted", error="GroundFailure")
    scene.wait(200)
    session = Session(station, "CARD-1")
    station.authorize("CARD-1")
    if station.v2:
        session.event("Started", "Authorized", "Charging", "CARD-1", session.samples())
    else:
        station.call("StartTransaction", {"connectorId": 1, "idTag": "CARD-1", "meterStart": 5000,
                                          "timestamp": scene.time()},
                     {"transactionId": session.number, "idTagInfo": {"status": "Accepted"}})
    session.charge(5)
    session.stop("CARD-1")
    return station.name


@attack("transaction-replay")
def the_start_comes_again(scene, version):
    station = one(scene, version)
    session = Session(station, "CARD-1").start().charge(4)
    payload = session.start_payload
    session.stop("CARD-1")
    scene.wait(300)
    action = "TransactionEvent" if station.v2 else "StartTransaction"
    answer = ({"idTokenInfo": {"status": "Accepted"}} if station.v2 else
              {"transactionId": session.number, "idTagInfo": {"status": "Accepted"}})
    for _ in range(2):
        station.call(action, payload, answer)
        scene.wait(20)
    return station.name


@attack("transaction-replay", ("1.6",))
def another_connection_repeats_a_stop(scene, version):
    station = one(scene, version)
    session = Session(station, "CARD-1").start().charge(4)
    session.stop("CARD-1")
    station.drop()
    scene.wait(400)
    station.handshake()
    station.call("StopTransaction", session.stop_payload, {"idTagInfo": {"status": "Accepted"}})
    return station.name


@attack("authorize-bruteforce", ALL)
def cards_are_guessed(scene, version):
    station = one(scene, version)
    for number in range(40):
        station.authorize(f"04{scene.random.getrandbits(48):012X}", status="Invalid")
        scene.wait(3)
    return station.name


@attack("authorize-bruteforce")
def cards_are_counted_up_slowly(scene, version):
    station = one(scene, version)
    for number in range(30):
        station.authorize(f"{10_000_000 + number}", "Invalid" if number != 27 else "Accepted")
        scene.wait(8)
    return station.name


@attack("unlock-while-charging")
def unlocked_under_load(scene, version):
    station = one(scene, version)
    session = Session(station, "CARD-1").start().charge(5)
    payload = {"evseId": 1, "connectorId": 1} if station.v2 else {"connectorId": 1}
    station.command("UnlockConnector", payload, {"status": "Unlocked"})
    session.charge(2).stop("CARD-1")
    return station.name


@attack("remote-start-flood")
def remote_starts_without_end(scene, version):
    station = one(scene, version)
    for number in range(30):
        token = f"R{number:07}"
        if station.v2:
            station.command("RequestStartTransaction", {
                "remoteStartId": number, "evseId": 1, "idToken": {"idToken": token,
                                                                  "type": "Central"}})
        else:
            station.command("RemoteStartTransaction", {"connectorId": 1, "idTag": token})
        scene.wait(1.5)
    return station.name


@lawful()
def unlocked_after_the_session(scene, version):
    station = one(scene, version)
    Session(station, "CARD-1").start().charge(5).stop("CARD-1")
    scene.wait(20)
    payload = {"evseId": 1, "connectorId": 1} if station.v2 else {"connectorId": 1}
    station.command("UnlockConnector", payload, {"status": "Unlocked"})
