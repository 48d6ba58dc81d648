"""Captures made here: stations that talk OCPP over plain WebSocket with their CSMS."""
import json
import struct

import support

SERVER = bytes((10, 0, 0, 1)), 9000
RAW_IP = 101
PSH, SYN = 0x18, 0x02


class Capture:
    def __init__(self):
        self.records = []
        self.stations = 0
        self.seconds = 1_795_349_749

    def _packet(self, client, from_client, flags, seq, ack, data=b""):
        source, target = (client, SERVER) if from_client else (SERVER, client)
        tcp = struct.pack(">HHIIBBHHH", source[1], target[1], seq, ack, 0x50, flags, 65535, 0, 0)
        tcp += data
        ip = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(tcp), 0, 0, 64, 6, 0, source[0],
                         target[0])
        self.records.append(support.pcap_record(ip + tcp, self.seconds))

    def station(self, name, subprotocol, calls):
        """`calls`: (from_station, action, payload[, answer]), objects as in JSON."""
        self.stations += 1
        self.seconds += 1
        client = bytes((10, 1, self.stations // 250, 1 + self.stations % 250)), 40_000
        next_seq = {True: 1001, False: 2001}
        self._packet(client, True, SYN, 1000, 0)
        self._packet(client, False, SYN | 0x10, 2000, 1001)

        def say(from_client, data):
            for at in range(0, len(data), 1400):
                part = data[at:at + 1400]
                self._packet(client, from_client, PSH, next_seq[from_client],
                             next_seq[not from_client], part)
                next_seq[from_client] += len(part)

        def message(from_client, text):
            data, mask = text.encode(), 0x80 if from_client else 0
            length = (bytes((mask | len(data),)) if len(data) < 126
                      else bytes((mask | 126,)) + struct.pack(">H", len(data)))
            say(from_client, b"\x81" + length + (bytes(4) if from_client else b"") + data)

        say(True, (f"GET /ocpp/{name} HTTP/1.1\r\nHost: csms.example.com\r\nUpgrade: websocket\r\n"
                   "Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                   f"Sec-WebSocket-Protocol: {subprotocol}\r\nSec-WebSocket-Version: 13\r\n\r\n"
                   ).encode())
        say(False, ("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                    "Connection: Upgrade\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"
                    f"Sec-WebSocket-Protocol: {subprotocol}\r\n\r\n").encode())
        for number, (from_station, action, payload, *answer) in enumerate(calls):
            self.seconds += 1
            message(from_station, json.dumps([2, str(number), action, payload]))
            message(not from_station, json.dumps([3, str(number), *(answer or [{}])]))

    def bytes(self):
        return support.pcap_header(RAW_IP) + b"".join(self.records)
