"""A small reader of captures, independent of the program: what was said, as text.

Only what the labelled captures need: pcap with Ethernet (VLAN too), cooked or raw frames, whole
IPv4 packets, TCP, HTTP heads, WebSocket with and without masks, not compressed. What it cannot read
it leaves out.
"""
import collections
import struct

LINK_HEADER = {1: 14, 113: 16, 276: 20, 101: 0, 228: 0, 12: 0}


def frames(data):
    """Packets of a pcap file, from the IP header on."""
    order = {b"\xd4\xc3\xb2\xa1": "<", b"\x4d\x3c\xb2\xa1": "<", b"\xa1\xb2\xc3\xd4": ">",
             b"\xa1\xb2\x3c\x4d": ">"}.get(data[:4])
    if order is None:
        return
    link = struct.unpack_from(order + "I", data, 20)[0] & 0xFFFF
    at = 24
    while at + 16 <= len(data):
        length = struct.unpack_from(order + "I", data, at + 8)[0]
        frame = data[at + 16:at + 16 + length]
        at += 16 + length
        if link not in LINK_HEADER:
            continue
        begin = LINK_HEADER[link]
        while link == 1 and frame[begin - 2:begin] in (b"\x81\0", b"\x88\xa8"):
            begin += 4
        yield frame[begin:]


def streams(data):
    """{(source, port, target, port): bytes} of the TCP directions, in the order of sequence."""
    parts = collections.defaultdict(dict)
    for ip in frames(data):
        if len(ip) < 40 or ip[0] >> 4 != 4 or ip[9] != 6:
            continue
        tcp = ip[(ip[0] & 15) * 4:struct.unpack_from(">H", ip, 2)[0]]
        if len(tcp) < 20:
            continue
        source, target, seq = struct.unpack_from(">HHI", tcp)
        payload = tcp[(tcp[12] >> 4) * 4:]
        key = (ip[12:16], source, ip[16:20], target)
        if tcp[13] & 2:
            seq += 1
        if payload and len(payload) > len(parts[key].get(seq, b"")):
            parts[key][seq] = payload
    for key, segments in parts.items():
        out, end = bytearray(), None
        for seq in sorted(segments):  # The captures are too small for numbers to wrap twice.
            skip = 0 if end is None else max(0, end - seq)
            if skip < len(segments[seq]):
                out += segments[seq][skip:]
                end = seq + len(segments[seq])
        yield key, bytes(out)


def messages(stream):
    """Texts of the WebSocket messages behind the HTTP head."""
    at = stream.find(b"\r\n\r\n") + 4
    text = b""
    while at >= 4 and at + 2 <= len(stream):
        first, second = stream[at], stream[at + 1]
        length, at = second & 127, at + 2
        if length > 125:
            size = 2 if length == 126 else 8
            length, at = int.from_bytes(stream[at:at + size], "big"), at + size
        mask = b"\0\0\0\0"
        if second & 128:
            mask, at = stream[at:at + 4], at + 4
        body = stream[at:at + length]
        at += length
        if len(body) < length or len(mask) < 4:
            return
        if first & 15 in (0, 1, 2):
            pad = (mask * (len(body) // 4 + 1))[:len(body)]
            text += bytes(a ^ b for a, b in zip(body, pad))
            if first & 128:
                yield text.decode("utf-8", "replace")
                text = b""
