#!/usr/bin/env python3
"""Personal data in messages: each way to send it is found, and what looks alike is left alone.

Usage: personal_data_test.py PROGRAM SOURCE [more].

Numbers are those that card schemes and standards publish for tests; persons are made up.
"""
import collections
import json
import unittest

import support
import talk

V16, V201, V21 = "ocpp1.6", "ocpp2.0.1", "ocpp2.1"
NOW = "2026-11-22T00:00:01Z"
CARD, MAIL, VIN = "card_number_in_clear", "email_in_clear", "vehicle_number_in_clear"
TOKEN, ADDRESS = "vehicle_identity_as_token", "vehicle_address_in_clear"
CUSTOMER, ASKED, SENT = ("customer_data_in_data_transfer", "customer_data_requested",
                         "customer_data_sent")
RULES = {CARD, MAIL, VIN, TOKEN, ADDRESS, CUSTOMER, ASKED, SENT}


def data(value, from_station=True):
    return from_station, "DataTransfer", {"vendorId": "com.example", "data": value}


def inside(**members):
    return data(json.dumps(members))


def tag(value):
    return True, "Authorize", {"idTag": value}, {"idTagInfo": {"status": "Accepted"}}


def token(value, kind, **more):
    return (True, "Authorize", {"idToken": {"idToken": value, "type": kind, **more}},
            {"idTokenInfo": {"status": "Accepted"}})


def boot(**members):
    return (True, "BootNotification",
            {"chargePointVendor": "V", "chargePointModel": "M", **members},
            {"status": "Accepted", "interval": 300, "currentTime": NOW})


def status(text):
    return True, "StatusNotification", {"connectorId": 1, "errorCode": "NoError",
                                        "status": "Available", "info": text}


def notify_event(component, variable, value):
    return True, "NotifyEvent", {
        "generatedAt": NOW, "seqNo": 0,
        "eventData": [{"eventId": 1, "timestamp": NOW, "trigger": "Delta", "actualValue": value,
                       "eventNotificationType": "HardWiredNotification",
                       "component": {"name": component}, "variable": {"name": variable}}]}


def event(kind, value, token_type):
    return True, "TransactionEvent", {
        "eventType": kind, "timestamp": NOW, "triggerReason": "Authorized", "seqNo": 0,
        "transactionInfo": {"transactionId": "t-1"}, "evse": {"id": 1, "connectorId": 1},
        "idToken": {"idToken": value, "type": token_type}}


def list_of(value):
    return False, "SendLocalList", {
        "listVersion": 1, "updateType": "Full",
        "localAuthorizationList": [{"idTag": value, "idTagInfo": {"status": "Accepted"}}]}


def display(text):
    return False, "SetDisplayMessage", {"message": {
        "id": 1, "priority": "AlwaysFront", "message": {"format": "UTF8", "content": text}}}


def customer(**members):
    return (False, "CustomerInformation",
            {"requestId": 1, "report": True, "clear": False, **members}, {"status": "Accepted"})


def report(text):
    return True, "NotifyCustomerInformation", {"data": text, "seqNo": 0, "generatedAt": NOW,
                                               "requestId": 1, "tbc": False}


# Version, message, rules that must speak and no others of RULES.
CASES = [
    (V16, inside(pan="5500005555555559", exp="12/27"), {CARD}),
    (V16, data("card 4111 1111 1111 1111 exp 12/27"), {CARD}),
    (V16, data("3782 822463 10005 1227"), {CARD}),
    (V201, data("4111-1111-1111-1111"), {CARD}),
    (V201, data({"pan": 4111111111111111}), {CARD}),
    (V21, data({"card": {"number": "6011111111111117"}}), {CARD}),
    (V16, data("%B4111111111111111^DOE/JANE^2512101?"), {CARD}),
    (V16, data("first\n4111111111111111\nlast"), {CARD}),
    (V16, data("pay 25 4111111111111111."), {CARD}),
    (V16, tag("4111111111111111"), {CARD}),
    (V201, token("4111111111111111", "Central"), {CARD}),
    (V16, status("terminal 4111111111111111"), {CARD}),
    (V201, display("Karte 4111 1111 1111 1111 akzeptiert"), {CARD}),
    (V16, (True, "PaymentReceipt", {"pan": "4111111111111111"}), {CARD}),
    (V16, data("pay", False)[:2] + ({"vendorId": "v"}, {"status": "Accepted",
                                                        "data": "4111111111111111"}), {CARD}),
    (V16, boot(iccid="8949020000001861718", chargePointSerialNumber="4000000000000002"), set()),
    (V16, inside(orderId="4000000000000002", imei="490154203237518"), set()),
    (V16, data("411111******1111, order 1234567890123456"), set()),

    (V16, data("mailto:anna.b@example.com"), {MAIL}),
    (V16, data("E-Mail:anna.b@example.com"), {MAIL}),
    (V16, data("mail=anna%40example.com"), {MAIL}),
    (V201, token("anna@example.com", "eMAID"), {MAIL}),
    (V201, display("Welcome ANNA@EXAMPLE.COM"), {MAIL}),
    (V16, list_of("anna@example.com"), {MAIL}),
    (V16, status("user anna@example.com"), {MAIL}),
    (V21, customer(customerIdentifier="anna@example.com"), {MAIL, ASKED}),
    # Where nobody expects it.
    (V201, (False, "Reset", {"type": "OnIdle", "customData": {"vendorId": "v",
                                                             "by": "anna@example.com"}}), {MAIL}),
    (V16, (False, "TriggerMessage", {"requestedMessage": "Heartbeat"},
           {"status": "Rejected", "by": "anna@example.com"}), {MAIL}),
    (V201, (False, "SetChargingProfile", {"evseId": 1, "chargingProfile": {
        "id": 4111111111, "customData": {"vendorId": "v", "pan": "4111111111111111"}}}), {CARD}),
    (V16, data("support@example.com, sftp://user:pw@files.example.com/x, logo@2x.png"), set()),

    (V16, tag("1HGCM82633A004352"), {VIN}),
    (V16, tag("WVWZZZ1JZ3W386752"), {VIN}),
    (V201, token("XP7YGCEL5PB012345", "Central"), {VIN}),
    (V21, token("WAUZZZ4G7EN123456", "VIN"), {VIN, TOKEN}),
    (V16, inside(vin="VF1AG000164123456"), {VIN}),
    (V201, notify_event("ConnectedEV", "VehicleId", "WVWZZZ1JZ3W386752"), {VIN}),
    (V16, boot(chargePointSerialNumber="ACP2024XK10012345"), set()),
    (V16, tag("04A1B2C3D4E5F6071"), set()),

    (V16, tag("VID:00B052A1B2C3"), {TOKEN}),
    (V16, tag("MAC_00B052A1B2C3"), {TOKEN}),
    (V16, tag("98:ed:5c:a1:b2:c3"), {TOKEN}),
    (V16, tag("98-ED-5C-A1-B2-C3"), {TOKEN}),
    (V16, tag("98ed.5ca1.b2c3"), {TOKEN}),
    (V16, list_of("98:ED:5C:A1:B2:C3"), {TOKEN}),
    (V16, (False, "RemoteStartTransaction", {"idTag": "98:ED:5C:A1:B2:C3"}), {TOKEN}),
    (V201, token("98ED5CA1B2C3", "MacAddress"), {TOKEN}),
    (V201, event("Updated", "98ED5CA1B2C3", "MacAddress"), {TOKEN}),
    (V201, token("98:ED:5C:A1:B2:C3", "Central"), {TOKEN}),
    (V21, token("98ED5CA1B2C3", "EVCCID"), {TOKEN}),
    (V201, token("C1", "Central", additionalInfo=[{"additionalIdToken": "98ED5CA1B2C3",
                                                  "type": "EVCCID"}]), {TOKEN}),
    (V16, tag("A4C3F0112233"), set()),
    (V16, tag("04A2B3C4D5E680"), set()),
    (V16, inside(evccId="98:ED:5C:A1:B2:C3"), {ADDRESS}),
    (V16, data("EV MAC=98-ED-5C-A1-B2-C3"), {ADDRESS}),
    (V201, data({"vehicle": {"macAddress": "98:ED:5C:A1:B2:C3"}}), {ADDRESS}),
    (V201, notify_event("ConnectedEV", "VehicleId", "98ED5CA1B2C3"), {ADDRESS}),
    (V16, inside(wifiMac="98:ED:5C:A1:B2:C3", ip="10.0.0.2"), set()),
    (V201, notify_event("LocalController", "MACAddress", "98:ED:5C:A1:B2:C3"), set()),

    (V201, customer(idToken={"idToken": "A1", "type": "ISO14443"}), {ASKED}),
    (V21, report("Name: Erika Muster"), {SENT}),
    (V201, report(""), set()),
    (V16, inside(firstName="Erika", phone="+49 30 0000000"), {CUSTOMER}),
    (V16, inside(customer={"name": "Erika Muster"}), {CUSTOMER}),
    (V16, data("Tel: +49 30 0000000; IBAN DE89370400440532013000", False), {CUSTOMER}),
    (V201, data({"customerName": "Erika Muster"}), {CUSTOMER}),
    (V16, inside(licensePlate="M-AB 1234"), {CUSTOMER}),
    (V16, inside(address="10.0.0.2", name="eth0", mobile="LTE", phone="", site="Depot"), set()),
]


class PersonalData(support.Case):
    def test_each_way_is_found_and_nothing_else(self):
        capture = talk.Capture()
        for number, (version, message, _) in enumerate(CASES):
            capture.station(f"CP{number}", version, [message])
        path = self.file("personal.pcap", capture.bytes())
        done = support.run("replay", path, "--alerts", "-")
        self.assertEqual(done.status, 0, done.err)
        found = collections.defaultdict(set)
        for alert in support.json_lines(done.out):
            found[support.station_of(alert)].add(support.rule_of(alert))
        for number, (version, message, expected) in enumerate(CASES):
            with self.subTest(version=version, message=message):
                self.assertEqual(found[f"CP{number}"] & RULES, expected)

    def test_nothing_of_it_is_shown(self):
        capture = talk.Capture()
        for number, (version, message, expected) in enumerate(CASES):
            if expected:
                capture.station(f"CP{number}", version, [message])
        path = self.file("personal.pcap", capture.bytes())
        done = support.run("replay", path, "--alerts", "-", "--events",
                           str(self.folder / "events.jsonl"))
        shown = done.out + (self.folder / "events.jsonl").read_bytes()
        for secret in (b"4111111111111111", b"4111 1111", b"anna", b"ANNA@", b"WVWZZZ1JZ3W386752",
                       b"VF1AG000164123456", b"XP7YGCEL5PB012345", b"5500005555555559",
                       b"Erika", b"00B052A1B2C3", b"AB 1234"):
            with self.subTest(secret=secret):
                self.assertTrue(secret not in shown)


if __name__ == "__main__":
    support.main()
