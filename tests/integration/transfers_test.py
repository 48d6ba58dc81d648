#!/usr/bin/env python3
"""Files that go over HTTP and FTP in clear are named by their length and SHA-256.

Usage: transfers_test.py PROGRAM SOURCE [more].

The digests are those of the labels, or were made of the bytes that tshark takes out of the
captures.
"""
import json
import unittest

import support

FTP_IMAGE = "9e40e3f39d50b0326e6c34ff59e1e9fe82e50d3f2ccd8e149bbb63d5032a77b5"
HTTP_IMAGE = "5e6e1c015750e5cd6c93e3434ad2bcfb2fed66279d902e7e6f7dbe166ba5db83"
HTTP_UPLOAD = "8331590d87005d57bd97392373ce064ecbf1372bc03f5de4d3f81832768b00e7"


def events(capture, name):
    done = support.run("replay", support.sample(capture), "--events", "-")
    found = [json.loads(line) for line in done.out.splitlines()]
    return [event for event in found if event["event.name"] == name], done.out


class Transfers(unittest.TestCase):
    def test_a_download_over_http_has_the_digest_of_the_labels(self):
        (event,), _ = events("06a_fw_unsigned.pcap", "http.transaction")
        self.assertEqual(event["http.body_bytes"], 120064)
        self.assertIs(event["http.body_complete"], True)
        self.assertEqual(event["http.body_sha256"], HTTP_IMAGE)

    def test_an_upload_over_http_has_its_digest(self):
        found, _ = events("09c_logs_certs.pcap", "http.transaction")
        put = [event for event in found if event["http.method"] == "PUT"]
        self.assertEqual([event["http.request_body_sha256"] for event in put], [HTTP_UPLOAD])
        self.assertEqual(put[0]["http.request_body_bytes"], 18005)

    def test_a_download_over_ftp_leads_to_its_data_connection(self):
        (login,), out = events("06a_fw_unsigned.pcap", "ftp.login")
        self.assertEqual((login["ftp.user"], login["ftp.password_bytes"], login["ftp.status"]),
                         ("fwuser", 10, 230))
        self.assertNotIn(b"Sommer2019", out)
        (transfer,), _ = events("06a_fw_unsigned.pcap", "ftp.transfer")
        self.assertEqual((transfer["ftp.command"], transfer["ftp.path"]),
                         ("RETR", "ac22-3.5.0.bin"))
        closed, _ = events("06a_fw_unsigned.pcap", "connection.closed")
        data = [event for event in closed
                if event["destination.ip"] == transfer["ftp.data_ip"]
                and event["destination.port"] == transfer["ftp.data_port"]]
        self.assertEqual([event["connection.server_sha256"] for event in data], [FTP_IMAGE])
        self.assertEqual(data[0]["connection.server_bytes"], 60000)
        self.assertEqual({event["connection.protocol"] for event in closed
                          if event["destination.port"] == 21}, {"ftp"})


if __name__ == "__main__":
    support.main()
