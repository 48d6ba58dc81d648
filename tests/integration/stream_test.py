#!/usr/bin/env python3
"""A subscriber of the ZeroMQ stream gets each alert of a replay as the file gets it.

Usage: stream_test.py PROGRAM SOURCE GENERATOR. Exit 77 without Python's zmq.

A PUB socket drops what nobody has subscribed to yet. So the capture goes through a pipe, and only
when the first alert has come back is the rest of it written: from there on nothing may be missing.
"""
import os
import signal
import subprocess
import sys
import threading

import support
from support import run, sample

try:
    import zmq
except ImportError:
    print("skipped: Python has no module zmq")
    sys.exit(support.SKIPPED)

PIECE_BYTES = 65_536
PATIENCE_MS = 30_000  # Until a message that is on its way must be there.


def generated(folder):
    """A capture with some thousand alerts."""
    path = folder / "traffic.pcap"
    subprocess.run([support.MORE[0], "--messages", "20000", "--concurrent", "100",
                    "--alerts-per-1000", "100", "-o", path],
                   check=True, stdout=subprocess.DEVNULL)
    return path.read_bytes()


class Subscriber:
    def __init__(self, context, endpoint, prefix):
        self.socket = context.socket(zmq.SUB)
        self.socket.set(zmq.RCVHWM, 0)
        self.socket.set(zmq.LINGER, 0)
        self.socket.set(zmq.RECONNECT_IVL, 5)
        self.socket.set(zmq.SUBSCRIBE, prefix)
        self.socket.connect(endpoint)
        self.messages = []

    def take(self, timeout_ms):
        """Whether a message came in time."""
        if not self.socket.poll(timeout_ms):
            return False
        self.messages.append(self.socket.recv_multipart())
        return True


class Stream(support.Case):
    def setUp(self):
        super().setUp()
        self.context = zmq.Context()
        self.addCleanup(self.context.destroy, 0)

    def endpoint(self, scheme):
        if scheme == "ipc":
            return f"ipc://{self.folder}/alerts.ipc"
        with self.context.socket(zmq.PAIR) as probe:  # Finds a port that is free.
            port = probe.bind_to_random_port("tcp://127.0.0.1")
        return f"tcp://127.0.0.1:{port}"

    def replay(self, endpoint, prefix, ended_by=0):
        """(messages, lines of the alert file) of a replay, ended by a signal or with its input."""
        data = generated(self.folder)
        pipe = self.folder / "pipe"
        os.mkfifo(pipe)
        subscriber = Subscriber(self.context, endpoint, prefix)
        self.addCleanup(subscriber.socket.close)
        alerts = self.folder / "alerts.jsonl"
        child = subprocess.Popen([support.PROGRAM, "replay", pipe, "--publish", endpoint,
                                  "--alerts", alerts],
                                 stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        self.addCleanup(child.stderr.close)
        self.addCleanup(child.kill)
        with open(pipe, "wb", buffering=0) as out:
            at = 0
            while at < len(data) and not subscriber.take(5 if at else 0):
                at += out.write(data[at:at + PIECE_BYTES])
            self.assertLess(at, len(data), "no alert came while there was more to write")
            # The rest in a thread: both sides may be full at the same time.
            writer = threading.Thread(target=lambda: self.write_all(out, data[at:]))
            writer.start()
            while writer.is_alive():
                subscriber.take(50)
            writer.join()
            if ended_by:
                support.wait_until_read(out)
                child.send_signal(ended_by)
                child.wait(timeout=support.TIMEOUT_S)
        _, err = child.communicate(timeout=support.TIMEOUT_S)
        self.assertEqual((child.returncode, err), (-ended_by, b""))
        lines = [line for line in alerts.read_bytes().splitlines()
                 if self.topic(support.json_lines(line)[0]).startswith(prefix)]
        while subscriber.messages[-1][1] != lines[-1]:
            self.assertTrue(subscriber.take(PATIENCE_MS), "the last alert never came")
        return subscriber.messages, lines

    @staticmethod
    def write_all(out, data):
        view = memoryview(data)
        while view:
            view = view[out.write(view[:PIECE_BYTES]):]

    @staticmethod
    def topic(alert):
        return f"alert.{alert['unmapped']['level']}.{support.rule_of(alert)}".encode()

    def check(self, messages, lines):
        self.assertEqual({len(message) for message in messages}, {2})
        first = lines.index(messages[0][1])
        self.assertEqual([message[1] for message in messages], lines[first:])
        self.assertGreater(len(messages), 100)
        for topic, body in messages:
            self.assertEqual(topic, self.topic(support.json_lines(body)[0]))

    def test_each_alert_comes_once_in_order_and_as_in_the_file(self):
        messages, lines = self.replay(self.endpoint("tcp"), b"alert.")
        self.check(messages, lines)
        sequences = [alert["metadata"]["sequence"]
                     for alert in support.json_lines(b"\n".join(m[1] for m in messages))]
        self.assertEqual(sequences, list(range(sequences[0], sequences[0] + len(sequences))))

    def test_a_prefix_of_the_topic_selects_by_level(self):
        messages, lines = self.replay(self.endpoint("ipc"), b"alert.high.")
        self.check(messages, lines)
        levels = {alert["unmapped"]["level"]
                  for alert in support.json_lines(b"\n".join(m[1] for m in messages))}
        self.assertEqual(levels, {"high"})

    def test_an_interrupted_replay_publishes_its_last_updates(self):
        messages, lines = self.replay(self.endpoint("ipc"), b"alert.", signal.SIGTERM)
        self.check(messages, lines)
        self.assertEqual(support.json_lines(messages[-1][1])[0]["activity_name"], "Update")

    def test_what_leaves_this_machine_is_refused(self):
        for endpoint in ("tcp://0.0.0.0:5600", "tcp://*:5600", "tcp://10.0.0.1:5600",
                         "tcp://127.0.0.1:99999", "tcp://127.0.0.1", "127.0.0.1:5600"):
            with self.subTest(endpoint):
                done = run("replay", sample("ws.pcap"), "--publish", endpoint)
                self.assert_refused(done, 2, endpoint, "tcp://127.0.0.1:PORT")
                self.assertEqual(len(done.err.splitlines()), 1)

    def test_an_endpoint_in_use_is_a_failed_write(self):
        with self.context.socket(zmq.PUB) as other:
            port = other.bind_to_random_port("tcp://127.0.0.1")
            endpoint = f"tcp://127.0.0.1:{port}"
            done = run("replay", sample("ws.pcap"), "--publish", endpoint)
            self.assert_refused(done, 74, endpoint, "in use")


if __name__ == "__main__":
    if len(support.MORE) != 1:
        sys.exit("usage: stream_test.py PROGRAM SOURCE GENERATOR")
    support.main()
