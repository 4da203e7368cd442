#!/usr/bin/env python3
"""A TAP interface, up and with an address: frames for it on standard input and from it on standard output, each
behind its length in two bytes. The kernel's own protocols take part at the other side of the interface.
usage: tap.py NAME [ADDRESS/PREFIX]"""
import fcntl
import os
import select
import struct
import subprocess
import sys

TUNSETIFF = 0x400454CA
IFF_TAP_NO_PI = 0x1002

name = sys.argv[1]
tap = os.open("/dev/net/tun", os.O_RDWR)
fcntl.ioctl(tap, TUNSETIFF, struct.pack("16sH22x", name.encode(), IFF_TAP_NO_PI))
with open(f"/proc/sys/net/ipv6/conf/{name}/disable_ipv6", "w") as switch:
    switch.write("1")
for address in sys.argv[2:]:
    subprocess.check_call(["ip", "addr", "add", address, "dev", name])
subprocess.check_call(["ip", "link", "set", name, "up"])
os.write(1, struct.pack("!H", 0))

waiting = b""
while True:
    ready, _, _ = select.select([0, tap], [], [])
    if tap in ready:
        frame = os.read(tap, 65535)
        out = struct.pack("!H", len(frame)) + frame
        while out:
            out = out[os.write(1, out):]
    if 0 in ready:
        more = os.read(0, 65536)
        if not more:
            break
        waiting += more
        while len(waiting) >= 2:
            length = struct.unpack("!H", waiting[:2])[0]
            if len(waiting) < 2 + length:
                break
            os.write(tap, waiting[2:2 + length])
            waiting = waiting[2 + length:]
