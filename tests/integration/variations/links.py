"""Who connects, from where, how often; and what breaks the protocols."""
import json

from .cases import ALL, BOTH, attack, lawful
from .session import Session

AGENTS = ("ChargeOS/4.1 libwebsockets/4.3", "python-websocket/1.6")


@lawful(BOTH)
def back_after_a_reset_from_the_same_place(scene, version):
    station = scene.station("LNZ-4", version).connect()
    for _ in range(3):
        scene.wait(400)
        station.heartbeat().drop("reset")
        scene.wait(4)
        station.handshake().heartbeat()


@lawful(BOTH)
def a_mobile_link_that_dies_and_moves(scene, version):
    station = scene.station("LNZ-5", version, address="10.8.3.7").connect()
    scene.wait(300)
    station.heartbeat().drop("silence")
    scene.wait(120)
    station.address = "10.8.9.41"
    station.handshake().heartbeat()
    scene.wait(300)
    station.heartbeat()


@lawful(BOTH)
def a_wrong_password_that_is_retried_calmly(scene, version):
    station = scene.station("LNZ-6", version)
    for _ in range(4):
        station.handshake(status=401, password="OldPassword-of-last-year")
        scene.wait(60)
    station.connect()


@attack("identity-hijack")
def a_second_peer_with_the_same_name(scene, version):
    station = scene.station("LNZ-7", version, agent=AGENTS[0]).connect()
    scene.wait(90)
    station.heartbeat()
    thief = scene.station("LNZ-7", version, address="10.66.0.9", agent=AGENTS[1],
                          serial=station.serial).connect()
    for _ in range(4):
        scene.wait(20)
        station.heartbeat()
        thief.heartbeat()
    return "LNZ-7"


@attack("identity-hijack")
def the_newcomer_pushes_the_station_off(scene, version):
    station = scene.station("LNZ-8", version, agent=AGENTS[0])
    station.connect()
    thief = scene.station("LNZ-8", version, address="203.0.113.9", agent=AGENTS[1])
    for _ in range(3):
        scene.wait(30)
        station.heartbeat()
        thief.handshake()
        station.drop("reset")
        thief.heartbeat()
        scene.wait(10)
        station.handshake()
        thief.drop("reset")
        station.heartbeat()
    return "LNZ-8"


@attack("identity-enumeration", ("1.6",))
def names_are_tried(scene, version):
    for number in range(60):
        scene.station(f"CP{number:04}", version, address="198.51.100.23",
                      password=None).handshake(status=404)
        scene.wait(0.8)


@attack("identity-enumeration", ("2.0.1",))
def names_are_tried_and_one_is_let_in(scene, version):
    words = [f"{town}-{number}" for town in ("BER", "MUC", "HAM", "KOL") for number in range(10)]
    for word in words:
        scene.station(word, version, address="198.51.100.24").handshake(
            status=101 if word == "MUC-7" else 401)
        scene.wait(2)


@attack("auth-bruteforce", BOTH)
def passwords_are_tried(scene, version):
    for number in range(40):
        scene.station("GRZ-1", version, address="198.51.100.30").handshake(
            status=401, password=f"password{number}")
        scene.wait(1.2)
    return "GRZ-1"


@attack("auth-bruteforce-success", BOTH)
def a_password_is_found(scene, version):
    for number in range(25):
        scene.station("GRZ-2", version, address="198.51.100.31").handshake(
            status=401, password=f"charger{number}")
        scene.wait(0.9)
    scene.station("GRZ-2", version, address="198.51.100.31").connect()
    return "GRZ-2"


@attack("auth-bruteforce", ("1.6",))
def one_password_on_many_stations(scene, version):
    for number in range(30):
        scene.station(f"SPRAY-{number}", version, address="198.51.100.32").handshake(
            status=401, user=f"SPRAY-{number}", password="Winter2026!")
        scene.wait(1)


@attack("weak-password", BOTH)
def a_password_that_is_the_name(scene, version):
    scene.station("GRZ-9", version).connect(password="GRZ-9")
    return "GRZ-9"


@attack("weak-password", ("1.6",))
def a_password_everybody_knows(scene, version):
    scene.station("GRZ-10", version).connect(password="changeme")
    return "GRZ-10"


@attack("dos-connection-flood", ("1.6",))
def connections_without_end(scene, version):
    scene.station("GRZ-11", version).connect()
    for _ in range(400):
        scene.station("x", version, address="198.51.100.40", password=None).handshake(status=404)
        scene.wait(0.02)


@attack("dos-connection-flood", ("2.0.1",))
def a_station_that_reconnects_without_end(scene, version):
    station = scene.station("GRZ-12", version)
    for _ in range(120):
        station.handshake().boot().drop("reset")
        scene.wait(0.3)


@attack("dos-message-flood", ALL)
def heartbeats_without_end(scene, version):
    station = scene.station("GRZ-13", version).connect()
    for _ in range(900):
        station.heartbeat()
        scene.wait(0.005)
    return station.name


@attack("dos-message-flood", BOTH)
def statuses_without_end(scene, version):
    station = scene.station("GRZ-14", version).connect()
    for number in range(800):
        station.status(("Available", "Unavailable")[number % 2])
        scene.wait(0.01)
    return station.name


@attack("dos-oversize-message", BOTH)
def a_huge_message(scene, version):
    station = scene.station("GRZ-15", version).connect()
    station.call("DataTransfer", {"vendorId": "com.example", "data": "A b " * 400_000},
                 {"status": "Rejected"})
    return station.name


@attack("protocol-malformed-json", BOTH)
def text_that_is_no_json(scene, version):
    station = scene.station("GRZ-16", version).connect()
    for text in ('[2,"1","Heartbeat",{]', "hello", '{"a":1}', '[2,"7","Heartbeat",{"a":}]'):
        station.text(True, text)
        scene.wait(3)
    return station.name


@attack("protocol-bad-message-type", BOTH)
def a_message_type_nobody_knows(scene, version):
    station = scene.station("GRZ-17", version).connect()
    station.text(True, '[9,"12","Heartbeat",{}]')
    return station.name


@attack("protocol-unknown-action", BOTH)
def an_action_nobody_knows(scene, version):
    station = scene.station("GRZ-18", version).connect()
    station.call("GetRootShell", {"now": True}, error="NotImplemented")
    return station.name


@attack("protocol-unsolicited-reply", BOTH)
def an_answer_to_nothing(scene, version):
    station = scene.station("GRZ-19", version).connect()
    scene.wait(60)
    station.text(False, json.dumps([3, "no-such-call", {"status": "Accepted"}]))
    return station.name


@attack("protocol-duplicate-message-id", BOTH)
def one_id_for_two_calls(scene, version):
    station = scene.station("GRZ-20", version).connect()
    station.text(True, json.dumps([2, "77", "Heartbeat", {}]))
    station.text(True, json.dumps([2, "77", "DataTransfer", {"vendorId": "x"}]))
    scene.wait(1)
    station.text(False, json.dumps([3, "77", {"currentTime": scene.time()}]))
    return station.name


@attack("protocol-deep-nesting", BOTH)
def a_payload_as_deep_as_a_well(scene, version):
    station = scene.station("GRZ-21", version).connect()
    station.text(True, '[2,"5","DataTransfer",{"vendorId":"x","data":' + "[" * 300 + "]" * 300
                 + "}]")
    return station.name


@attack("protocol-schema-violation", BOTH)
def fields_that_are_missing_or_wrong(scene, version):
    station = scene.station("GRZ-22", version).connect()
    error = "FormationViolation" if version == "1.6" else "FormatViolation"
    station.call("StatusNotification", {"connectorId": "one", "status": 7}, error=error)
    return station.name


@attack("protocol-binary-frame", BOTH)
def a_binary_frame(scene, version):
    station = scene.station("GRZ-23", version).connect()
    station.frame(True, bytes(range(64)), opcode=2)
    return station.name


@attack("protocol-websocket-violation", BOTH)
def a_reserved_opcode(scene, version):
    station = scene.station("GRZ-24", version).connect()
    station.frame(True, b"abc", opcode=5)
    return station.name


@attack("protocol-websocket-violation", BOTH)
def a_client_frame_without_mask(scene, version):
    station = scene.station("GRZ-25", version).connect()
    text = json.dumps([2, "9", "Heartbeat", {}]).encode()
    station.connection.send(True, bytes((0x81, len(text))) + text)
    return station.name


@lawful(BOTH)
def a_busy_depot(scene, version):
    stations = [scene.station(f"DEPOT-{n:02}", version).connect() for n in range(12)]
    sessions = [Session(station, f"BUS-{n:03}", power_w=40_000 + 1_000 * n).start()
                for n, station in enumerate(stations)]
    for _ in range(8):
        scene.wait(60)
        for session in sessions:
            session.register_wh += session.power_w / 60
            session.meter()
    for session in sessions:
        scene.wait(25)
        session.stop(session.token)


@lawful(BOTH)
def a_backend_restarts(scene, version):
    stations = [scene.station(f"PARK-{n:02}", version).connect() for n in range(8)]
    scene.wait(600)
    for station in stations:
        station.heartbeat()
    for station in stations:
        station.drop("reset")
    for n, station in enumerate(stations):
        scene.wait(6 + n)
        station.handshake().heartbeat()
