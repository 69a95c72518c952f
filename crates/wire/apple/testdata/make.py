"""Makes the binary property lists of this folder anew, with Python's plistlib."""
import datetime
import plistlib

token_update = {
    "MessageType": "TokenUpdate", "UDID": "00008030-001A2B3C4D5E6F70", "Topic": "com.apple.mgmt.External.6ab1a4f5",
    "Token": bytes(range(32)), "PushMagic": "B3C1B6F4-0E6E-4A6E-8C6E-5D3A1C2B4F60", "UnlockToken": b"u" * 300,
    "AwaitingConfiguration": False, "NotOnConsole": False, "Unknown": {"a": [1, 2.5, True, datetime.datetime(2026, 11, 22)]},
}
everything = {
    "small": 7, "byte": 200, "word": 40000, "long": 3_000_000_000, "negative": -5, "huge": 2**62, "real": -1.5,
    "yes": True, "no": False, "text": "größe & <tag>", "emoji": "🍏", "empty": "", "data": bytes(range(256)),
    "date": datetime.datetime(2026, 11, 22, 19, 16, 23), "array": [1, [], {}], "dict": {"k": "v"},
}
for name, value in (("token-update", token_update), ("everything", everything)):
    with open(f"{name}.bplist", "wb") as file:
        plistlib.dump(value, file, fmt=plistlib.FMT_BINARY)
    with open(f"{name}.plist", "wb") as file:
        plistlib.dump(value, file, fmt=plistlib.FMT_XML)
