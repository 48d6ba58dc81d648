#!/usr/bin/env python3
"""What stations do on the network beside OCPP raises the alerts that are written down, and no more.

Usage: network_test.py PROGRAM SOURCE [more].

The captures are made here: stations that talk OCPP, and other connections of their addresses.
"""
import base64
import json
import socket
import struct

import support
import talk

ACK, PSH, SYN, RST, FIN = 0x10, 0x18, 0x02, 0x04, 0x11
BACKEND = "10.0.0.1"
BOOT = (True, "BootNotification", {"chargePointVendor": "V", "chargePointModel": "M"},
        {"status": "Accepted", "currentTime": "2026-11-22T12:00:00Z", "interval": 300})
HOUR = 3600


class Site(talk.Capture):
    """Stations 1, 2, ... have the addresses 10.1.0.2, 10.1.0.3, ..."""

    def __init__(self, stations, calls=(BOOT,)):
        super().__init__()
        self.port = 50_000
        for number in range(1, stations + 1):
            self.station(f"CP{number}", "ocpp1.6", list(calls))

    def send(self, source, target, flags, seq, ack, data=b""):
        tcp = struct.pack(">HHIIBBHHH", source[1], target[1], seq, ack, 0x50, flags, 65535, 0, 0)
        tcp += data
        ip = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(tcp), 0, 0, 64, 6, 0,
                         socket.inet_aton(source[0]), socket.inet_aton(target[0]))
        self.records.append(support.pcap_record(ip + tcp, self.seconds))

    def refused(self, client, server, port):
        self.port += 1
        here, there = (client, self.port), (server, port)
        self.send(here, there, SYN, 100, 0)
        self.send(there, here, RST | ACK, 0, 101)

    def tcp(self, client, server, port, script=(), pause=0, close=True):
        """`script`: (from_client, bytes)."""
        self.port += 1
        ends = {True: (client, self.port), False: (server, port)}
        seq = {True: 101, False: 501}
        self.send(ends[True], ends[False], SYN, 100, 0)
        self.send(ends[False], ends[True], SYN | ACK, 500, 101)
        for from_client, data in script:
            for at in range(0, len(data), 1400):
                part = data[at:at + 1400]
                self.send(ends[from_client], ends[not from_client], PSH, seq[from_client],
                          seq[not from_client], part)
                seq[from_client] += len(part)
            self.seconds += pause
        if close:
            for from_client in (True, False):
                self.send(ends[from_client], ends[not from_client], FIN, seq[from_client],
                          seq[not from_client])

    def alerts(self, *more):
        done = support.run("replay", "-", "--alerts", "-", *more, input=self.bytes())
        out = set()
        for line in done.out.splitlines():
            alert = json.loads(line)
            station = (alert.get("resources") or [{}])[0].get("uid", "-")
            out.add((alert["finding_info"]["analytic"]["name"], station))
        ours = {path.stem for theme in ("site-network", "roaming") for path in
                (support.SOURCE / "rules" / "catalog" / theme).glob("*.yml")}
        ours |= {"upload_without_command", "station_left_private_network",
                 "stations_behind_one_address"}
        return {(name, station) for name, station in out if name in ours}


def request(method, path, body=b"", headers=""):
    return (f"{method} {path} HTTP/1.1\r\nHost: drop.example.net\r\n{headers}"
            f"Content-Length: {len(body)}\r\n\r\n").encode() + body


OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


def ftp(user, *commands):
    out = [(False, b"220 ready\r\n"), (True, f"USER {user}\r\n".encode()), (False, b"331 go\r\n"),
           (True, b"PASS secret77\r\n"), (False, b"230 in\r\n")]
    for command, reply in commands:
        out += [(True, command), (False, reply)]
    return out


class Network(support.Case):
    def test_a_station_that_answers_the_internet(self):
        site = Site(1)
        site.tcp("198.51.100.7", "10.1.0.2", 22, [(False, b"SSH-2.0-dropbear\r\n")], close=False)
        self.assertEqual(site.alerts(), {("station_reachable_from_internet", "CP1")})
        # A port that is open answers a scan as well.
        site = Site(1)
        site.tcp("198.51.100.7", "10.1.0.2", 8883)
        self.assertEqual(site.alerts(), {("station_reachable_from_internet", "CP1")})
        site = Site(1)
        site.refused("198.51.100.7", "10.1.0.2", 22)
        self.assertEqual(site.alerts(), set())

    def test_a_page_of_a_station(self):
        for password, rule in (("admin", "station_page_factory_password"),
                               ("k3-Zw9.x", "station_page_password_in_clear")):
            site = Site(1)
            basic = base64.b64encode(b"admin:" + password.encode()).decode()
            headers = f"Authorization: Basic {basic}\r\n"
            site.tcp("10.5.5.5", "10.1.0.2", 80,
                     [(True, request("GET", "/admin", headers=headers)), (False, OK)])
            self.assertEqual(site.alerts(),
                             {("station_admin_service_reached", "CP1"), (rule, "CP1")})

    def test_who_may_is_the_sites_to_say(self):
        config = self.folder / "network.yml"
        config.write_text("placeholders:\n  management_hosts: [10.5.5.0/24]\n")
        site = Site(1)
        site.tcp("10.5.5.5", "10.1.0.2", 80, [(True, request("GET", "/")), (False, OK)])
        site.tcp("10.5.6.5", "10.1.0.2", 502, [(True, b"\0\1\0\0\0\6"), (False, b"\0\1\0\0\0\6")])
        self.assertEqual(site.alerts("--config", str(config)),
                         {("station_field_bus_reached", "CP1")})

    def test_each_kind_of_service_has_its_rule(self):
        for port, rule in ((22, "station_shell_reached"), (5900, "station_remote_control_reached"),
                           (502, "station_field_bus_reached"), (9100, "station_service_reached"),
                           (443, "station_admin_service_reached")):
            site = Site(1)
            site.tcp("10.5.5.5", "10.1.0.2", port, [(True, b"\0\1"), (False, b"\0\2")])
            self.assertEqual(site.alerts(), {(rule, "CP1")})

    def test_requests_of_roaming_are_looked_at(self):
        site = Site(1)
        headers = "Authorization: Token c2VjcmV0LW9mLWEtcGFydG5lcg==\r\n"
        for number in range(40):
            site.tcp("198.51.100.9", "10.0.0.80", 80,
                     [(True, request("GET", f"/ocpi/cpo/2.2.1/x{number}", headers=headers)),
                      (False, b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")])
        found = {rule for rule, _ in site.alerts()}
        self.assertEqual(found, {"roaming_token_in_clear", "roaming_request_refused",
                                 "roaming_interface_explored"})

    def test_backends_and_file_servers_may_connect(self):
        site = Site(1)
        site.tcp(BACKEND, "10.1.0.2", 8080, [(True, request("POST", "/", b"x" * 100)), (False, OK)])
        login = ftp("logs", (b"PORT 10,1,0,2,200,10\r\n", b"200 fine\r\n"))
        site.tcp("10.1.0.2", "10.8.0.1", 21, login, close=False)
        site.tcp("10.8.0.1", "10.1.0.2", 51_210, [(True, b"\x7fELF" * 500)])
        self.assertEqual(site.alerts(), {("file_server_login_in_clear", "CP1")})

    def test_stations_that_talk_to_each_other(self):
        site = Site(2)
        site.tcp("10.1.0.3", "10.1.0.2", 22, [(False, b"SSH-2.0-dropbear\r\n")])
        self.assertEqual(site.alerts(), {("stations_talk_to_each_other", "CP2")})

    def test_a_file_that_nobody_asked_for(self):
        upload = [(True, request("PUT", "/x", b"x" * 9000)), (False, OK)]
        asked = (False, "GetDiagnostics", {"location": "http://drop.example.net/x"},
                 {"fileName": "x"})
        for calls, expected in (((BOOT,), {("upload_without_command", "CP1")}),
                                ((BOOT, asked), set())):
            site = Site(1, calls)
            site.seconds += 2 * HOUR
            site.tcp("10.1.0.2", "198.51.100.7", 80, upload)
            self.assertEqual(site.alerts(), expected)
        # Too early to know.
        site = Site(1)
        site.tcp("10.1.0.2", "198.51.100.7", 80, upload)
        self.assertEqual(site.alerts(), set())

    def test_a_scan(self):
        for source, expected in (("10.5.5.5", ("network_scanned", "-")),
                                 ("10.1.0.3", ("station_scans_network", "CP2"))):
            site = Site(2)
            for port in range(20, 34):
                site.refused(source, "10.1.0.2", port)
            self.assertEqual(site.alerts(), set())
            site.refused(source, "10.1.0.2", 34)
            self.assertEqual({(rule, station or "-") for rule, station in site.alerts()},
                             {expected})

    def test_a_login_that_stations_share(self):
        site = Site(2)
        for station in ("10.1.0.2", "10.1.0.3"):
            site.tcp(station, "10.8.0.1", 21, ftp("logs"))
        self.assertEqual(site.alerts(), {("file_server_login_in_clear", "CP1"),
                                         ("file_server_login_in_clear", "CP2"),
                                         ("file_server_login_shared", "CP2")})

    def test_a_quiet_channel_of_one_station(self):
        beat = [(True, b"ping-0123"), (False, b"pong-0123")] * 60
        for peer, expected in (("198.51.100.7", {("station_keeps_unknown_channel", "CP1")}),
                               ("10.5.5.5", set())):
            site = Site(6)
            site.tcp("10.1.0.2", peer, 4444, beat, pause=30, close=False)
            self.assertEqual(site.alerts(), expected)
        # All of them do: a service of the fleet.
        site = Site(6)
        for number in range(6):
            site.tcp(f"10.1.0.{2 + number}", "198.51.100.7", 4444, beat[:2])
        site.tcp("10.1.0.2", "198.51.100.7", 4444, beat, pause=30, close=False)
        self.assertEqual(site.alerts(), set())

    def test_a_station_that_leaves_its_private_network(self):
        site = Site(1)
        site.seconds += 25 * HOUR
        hello = ("GET /ocpp/CP1 HTTP/1.1\r\nHost: csms.example.com\r\nUpgrade: websocket\r\n"
                 "Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                 "Sec-WebSocket-Protocol: ocpp1.6\r\nSec-WebSocket-Version: 13\r\n\r\n")
        answer = ("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                  "Connection: Upgrade\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"
                  "Sec-WebSocket-Protocol: ocpp1.6\r\n\r\n")
        site.tcp("198.51.100.7", BACKEND, 9000, [(True, hello.encode()), (False, answer.encode())])
        self.assertEqual(site.alerts(), {("station_left_private_network", "CP1")})


if __name__ == "__main__":
    support.main()
