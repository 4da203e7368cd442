#!/usr/bin/env python3
"""A live interface of link type 802.11 with radiotap (ARPHRD 803), made of a TUN device; each line on standard input
replays all frames of the capture. usage: radiotap.py NAME CAPTURE"""
import fcntl
import os
import struct
import subprocess
import sys

TUNSETIFF = 0x400454CA
TUNSETLINK = 0x400454CD
# The packet information header is kept: without it the kernel wants IP.
IFF_TUN = 0x0001
ARPHRD_RADIOTAP = 803

name, capture = sys.argv[1], sys.argv[2]
tun = os.open("/dev/net/tun", os.O_RDWR)
fcntl.ioctl(tun, TUNSETIFF, struct.pack("16sH22x", name.encode(), IFF_TUN))
fcntl.ioctl(tun, TUNSETLINK, ARPHRD_RADIOTAP)
subprocess.check_call(["ip", "link", "set", name, "up"])
print("up", flush=True)
with open(capture, "rb") as file:
    data = file.read()
order = "<" if data[:4] in (b"\xd4\xc3\xb2\xa1", b"\x4d\x3c\xb2\xa1") else ">"
for _ in sys.stdin:
    at, sent = 24, 0
    while at + 16 <= len(data):
        length = struct.unpack(order + "I", data[at + 8:at + 12])[0]
        os.write(tun, struct.pack("!HH", 0, 4) + data[at + 16:at + 16 + length])
        at += 16 + length
        sent += 1
    print("sent", sent, flush=True)
