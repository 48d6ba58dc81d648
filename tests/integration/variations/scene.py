"""Conversations of many stations with their CSMS, written as a capture.

A Scene has a clock that the caller moves (`scene.at(seconds)`); stations speak at that time. What
they say is written whole, in OCPP 1.6, 2.0.1 or 2.1, over plain WebSocket, with the masks and the
handshake of RFC 6455. Nothing here comes from the program.
"""
import base64
import datetime
import hashlib
import ipaddress
import json
import random
import struct

RAW_IP = 101
FIN, SYN, RST, PSH, ACK = 1, 2, 4, 8, 16
SUBPROTOCOLS = {"1.6": "ocpp1.6", "2.0.1": "ocpp2.0.1", "2.1": "ocpp2.1"}
SEGMENT_BYTES = 1400


class Connection:
    """One TCP connection; bytes are cut into segments when the capture is written."""

    def __init__(self, scene, client, port, server):
        self.scene, self.client, self.server = scene, (client, port), server
        self.sent = {True: scene.random.getrandbits(31), False: scene.random.getrandbits(31)}
        self.packet(True, SYN)
        self.packet(False, SYN | ACK)
        self.packet(True, ACK)
        self.open = True

    def packet(self, from_client, flags, data=b""):
        source, target = ((self.client, self.server) if from_client else
                          (self.server, self.client))
        tcp = struct.pack(">HHIIBBHHH", source[1], target[1], self.sent[from_client] % 2**32,
                          self.sent[not from_client] % 2**32, 0x50, flags, 65535, 0, 0) + data
        head = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(tcp), 0, 0, 64, 6, 0,
                           ipaddress.ip_address(source[0]).packed,
                           ipaddress.ip_address(target[0]).packed)
        self.scene.write(head + tcp)
        self.sent[from_client] += len(data) + bool(flags & (SYN | FIN))

    def send(self, from_client, data):
        for at in range(0, len(data), SEGMENT_BYTES):
            self.packet(from_client, PSH | ACK, data[at:at + SEGMENT_BYTES])

    def end(self, reset=False):
        if reset:
            self.packet(True, RST)
        else:
            self.packet(True, FIN | ACK)
            self.packet(False, FIN | ACK)
            self.packet(True, ACK)
        self.open = False


class Scene:
    def __init__(self, seed=1, start="2026-12-01T07:00:00Z", csms=("10.0.0.1", 9000),
                 host="csms.example.com"):
        self.random = random.Random(seed)
        self.start = datetime.datetime.fromisoformat(start.replace("Z", "+00:00"))
        self.now, self.csms, self.host = 0.0, csms, host
        self.records, self.count, self.lines = [], 0, []

    def at(self, seconds):
        """Moves the clock to this time since the start."""
        self.now = max(self.now, float(seconds))
        return self

    def wait(self, seconds):
        return self.at(self.now + seconds)

    def time(self, ahead_s=0):
        """The present time as stations write it."""
        moment = self.start + datetime.timedelta(seconds=self.now + ahead_s)
        return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03}Z"

    def write(self, packet):
        self.now += 0.0004  # Packets follow each other.
        self.count += 1
        self.records.append((self.now, self.count, packet))

    def bytes(self):
        out = [struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, RAW_IP)]
        begin = self.start.timestamp()
        for seconds, _, packet in sorted(self.records):
            micros = round((begin + seconds) * 1e6)
            out.append(struct.pack("<IIII", micros // 10**6, micros % 10**6, len(packet),
                                   len(packet)) + packet)
        return b"".join(out)

    def log(self):
        """The same messages as a CSMS may log them."""
        return "".join(line + "\n" for line in self.lines).encode()

    def station(self, name, version="1.6", address=None, **more):
        return Station(self, name, version, address or f"10.1.{self.random.randrange(200)}."
                       f"{self.random.randrange(2, 250)}", **more)


class Station:
    """One identity; `connect()` again after `drop()` gives it a new connection."""

    def __init__(self, scene, name, version, address, vendor="Wallwerk", model="WW-22",
                 serial=None, firmware="3.2.1", password="s3cret-Of-this-1-station",
                 path="/ocpp/", agent=None):
        self.scene, self.name, self.version, self.address = scene, name, version, address
        self.vendor, self.model, self.firmware = vendor, model, firmware
        self.serial = serial or f"SN{scene.random.randrange(10**9):09}"
        self.password = password and f"{password}-{name}"
        self.path, self.agent, self.connection, self.next_id = path, agent, None, 1

    @property
    def v2(self):
        return self.version != "1.6"

    # -- the link

    def handshake(self, status=101, password=None, user=None, challenge=True):
        scene = self.scene
        self.connection = Connection(scene, self.address, scene.random.randrange(32768, 60999),
                                     scene.csms)
        key = base64.b64encode(scene.random.randbytes(16)).decode()
        lines = [f"GET {self.path}{self.name} HTTP/1.1", f"Host: {scene.host}:{scene.csms[1]}",
                 "Upgrade: websocket", "Connection: Upgrade", f"Sec-WebSocket-Key: {key}",
                 "Sec-WebSocket-Version: 13",
                 f"Sec-WebSocket-Protocol: {SUBPROTOCOLS[self.version]}"]
        if self.agent:
            lines.append(f"User-Agent: {self.agent}")
        password = password or self.password
        if password:
            login = f"{user or self.name}:{password}".encode()
            lines.append("Authorization: Basic " + base64.b64encode(login).decode())
        self.connection.send(True, ("\r\n".join(lines) + "\r\n\r\n").encode())
        if status == 101:
            accept = base64.b64encode(hashlib.sha1(
                (key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").encode()).digest()).decode()
            answer = ["HTTP/1.1 101 Switching Protocols", "Upgrade: websocket",
                      "Connection: Upgrade", f"Sec-WebSocket-Accept: {accept}",
                      f"Sec-WebSocket-Protocol: {SUBPROTOCOLS[self.version]}"]
        else:
            answer = [f"HTTP/1.1 {status} {'Unauthorized' if status == 401 else 'Not Found'}",
                      "Content-Length: 0", "Connection: close"]
        self.connection.send(False, ("\r\n".join(answer) + "\r\n\r\n").encode())
        if status != 101:
            self.connection.end()
        return self

    def frame(self, from_station, data, opcode=1):
        mask = self.scene.random.randbytes(4) if from_station else b""
        bit, size = 0x80 if from_station else 0, len(data)
        head = (struct.pack(">BB", 0x80 | opcode, bit | size) if size < 126 else
                struct.pack(">BBH", 0x80 | opcode, bit | 126, size) if size < 65536 else
                struct.pack(">BBQ", 0x80 | opcode, bit | 127, size))
        if mask:
            pad = (mask * (size // 4 + 1))[:size]
            data = (int.from_bytes(data, "big") ^ int.from_bytes(pad, "big")).to_bytes(size, "big")
        self.connection.send(from_station, head + mask + data)

    def text(self, from_station, text):
        self.frame(from_station, text.encode())
        self.scene.lines.append(json.dumps({
            "ts": self.scene.time(), "station": self.name, "message": text,
            "dir": "recv" if from_station else "sent"}))

    def drop(self, how="close"):
        if how == "close":
            self.frame(True, struct.pack(">H", 1000), opcode=8)
            self.frame(False, struct.pack(">H", 1000), opcode=8)
        if how != "silence":
            self.connection.end(reset=how == "reset")
        return self

    # -- messages

    def new_id(self):
        self.next_id += 1
        return f"{self.name[-3:]}{self.next_id:06}"

    def call(self, action, payload=None, answer=None, error=None, own=True, id=None):
        """A call of the station (own) or of the CSMS, and its answer 50 ms later."""
        id = id or self.new_id()
        self.text(own, json.dumps([2, id, action, payload or {}]))
        self.scene.wait(0.05)
        if error:
            self.text(not own, json.dumps([4, id, error, "", {}]))
        elif answer is not False:
            self.text(not own, json.dumps([3, id, answer if answer is not None else {}]))
        return self

    def command(self, action, payload=None, answer=None, **more):
        return self.call(action, payload, {"status": "Accepted"} if answer is None else answer,
                         own=False, **more)

    def connect(self, reason=None, **more):
        """Handshake, boot, and connectors that are available."""
        self.handshake(**more)
        return self.boot(reason).status("Available")

    def boot(self, reason=None):
        answer = {"status": "Accepted", "currentTime": self.scene.time(), "interval": 300}
        if not self.v2:
            return self.call("BootNotification", {
                "chargePointVendor": self.vendor, "chargePointModel": self.model,
                "chargePointSerialNumber": self.serial, "firmwareVersion": self.firmware}, answer)
        return self.call("BootNotification", {
            "reason": reason or "PowerUp", "chargingStation": {
                "vendorName": self.vendor, "model": self.model, "serialNumber": self.serial,
                "firmwareVersion": self.firmware}}, answer)

    def status(self, status, connector=1, error="NoError", info=None):
        if not self.v2:
            payload = {"connectorId": connector, "errorCode": error, "status": status,
                       "timestamp": self.scene.time()}
            if info:
                payload["info"] = info
            return self.call("StatusNotification", payload)
        known = {"Available", "Occupied", "Reserved", "Unavailable", "Faulted"}
        return self.call("StatusNotification", {
            "timestamp": self.scene.time(), "evseId": connector, "connectorId": 1,
            "connectorStatus": status if status in known else "Occupied"})

    def heartbeat(self):
        return self.call("Heartbeat", {}, {"currentTime": self.scene.time()})

    def authorize(self, token, status="Accepted", kind="ISO14443", parent=None):
        info = {"status": status}
        if parent:
            info["parentIdTag" if not self.v2 else "groupIdToken"] = (
                parent if not self.v2 else {"idToken": parent, "type": "Central"})
        if not self.v2:
            return self.call("Authorize", {"idTag": token}, {"idTagInfo": info})
        return self.call("Authorize", {"idToken": {"idToken": token, "type": kind}},
                         {"idTokenInfo": info})
