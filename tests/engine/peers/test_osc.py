"""An OSC port, and a sender from another project (liblo's oscsend)."""

import shutil
import socket
import subprocess

import pytest

from common.errors import DeviceError
from engine.peers.osc import OscPort
from tests.engine.waiting import wait_until


@pytest.fixture
def heard():
    """(messages that came, the port)"""
    messages = []
    port = OscPort(0, lambda address, arguments: messages.append((address, list(arguments))))
    yield messages, port
    port.close()


def send(port, data):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.sendto(data, ("127.0.0.1", port.number))


@pytest.mark.skipif(not shutil.which("oscsend"), reason="apt install liblo-tools")
def test_oscsend_is_heard(heard):
    messages, port = heard
    for arguments in (["/manifold/note/on", "if", "60", "0.5"], ["/manifold/preset", "s", "Glass"]):
        subprocess.run(["oscsend", "localhost", str(port.number), *arguments], check=True)
    wait_until(lambda: len(messages) == 2, "the messages")
    assert messages == [("/manifold/note/on", [60, 0.5]), ("/manifold/preset", ["Glass"])]


def test_a_bundle_is_heard_in_order(heard):
    from pythonosc import osc_bundle_builder, osc_message_builder

    messages, port = heard
    bundle = osc_bundle_builder.OscBundleBuilder(osc_bundle_builder.IMMEDIATELY)
    for number in range(3):
        message = osc_message_builder.OscMessageBuilder("/manifold/note/off")
        message.add_arg(number)
        bundle.add_content(message.build())
    send(port, bundle.build().dgram)
    wait_until(lambda: len(messages) == 3, "the bundle")
    assert [arguments for _, arguments in messages] == [[0], [1], [2]]


@pytest.mark.parametrize("data", [b"", b"nothing", b"/a\0\0,i\0\0", b"#bundle\0\xff\xff", b"\xff" * 3000])
def test_what_is_no_osc_does_no_harm(heard, data):
    messages, port = heard
    send(port, data)
    send(port, b"/manifold/panic\0,\0\0\0")
    wait_until(lambda: messages, "the message after it")
    assert messages[-1] == ("/manifold/panic", [])


def test_only_this_machine_reaches_it(heard):
    _, port = heard
    assert port._socket.getsockname()[0] == "127.0.0.1"


def test_a_port_that_is_taken_is_told(heard):
    _, port = heard
    with pytest.raises(DeviceError, match=f"OSC: port {port.number} cannot be had"):
        OscPort(port.number, print)
