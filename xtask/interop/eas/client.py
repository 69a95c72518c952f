"""One device of pyactivesync, step by step: prints a line for each, ends at the first failure.

    client.py SERVER USER PASSWORD DEVICE_ID mail ADDRESS     folders, send, sync, fetch, ping woken by a mail
    client.py SERVER USER PASSWORD DEVICE_ID folders          folders, sync, ping to its end

The root certificate to trust is taken from REQUESTS_CA_BUNDLE.
"""
import sys
import threading
import time
from email.message import EmailMessage

from pyactivesync.client import Client
from pyactivesync.models import BodyType, FolderType


def mail(to, subject, text):
    message = EmailMessage()
    message["To"] = message["From"] = to
    message["Subject"] = subject
    message.set_content(text)
    return message


def find(client, folder, key, subject):
    """Syncs until a mail with the subject is there; its item and the new key."""
    for _ in range(60):
        result = client.sync_folder(folder, key)
        key = result.sync_key
        for item in result.added:
            if item.fields.get("Email.Subject") == subject:
                return item, key
        time.sleep(0.5)
    sys.exit(f"no mail with the subject {subject!r}")


def folders_of(client):
    folders = client.list_folders()
    print("folders", *sorted(f.type.name for f in folders))
    return {f.type: f.id for f in folders}


def run_mail(server, user, password, device, address):
    with Client(server, user, password, device_id=device) as client:
        inbox = folders_of(client)[FolderType.INBOX]
        key = client.sync_folder(inbox).sync_key
        client.send_mail(mail(address, "through", "a line of text"))
        print("sent")
        item, key = find(client, inbox, key, "through")
        print("synced", item.server_id)
        body = client.fetch_item(inbox, item.server_id, body_type=BodyType.PLAIN_TEXT).body
        if body is None or "a line of text" not in str(body):
            sys.exit(f"fetched {body!r}")
        print("fetched")

        def send_later():
            time.sleep(2)
            with Client(server, user, password, device_id=device + "b") as other:
                other.send_mail(mail(address, "wake up", "please"))

        # SOGo may answer a first Ping at once when it has not noticed what was synced.
        for _ in range(5):
            key = client.sync_folder(inbox, key).sync_key
            began = time.monotonic()
            threading.Thread(target=send_later).start()
            pinged = client.ping(inbox, heartbeat=120, timeout=150)
            took = time.monotonic() - began
            if pinged.status != "2" or inbox not in pinged.changed_folder_ids:
                sys.exit(f"Ping answered {pinged}")
            if took >= 2:
                print("pinged")
                return
        sys.exit("five Pings were answered before there was anything new")


def run_folders(server, user, password, device):
    with Client(server, user, password, device_id=device) as client:
        folders = folders_of(client)
        drafts = folders[FolderType.DRAFTS]
        key = client.sync_folder(drafts).sync_key
        client.sync_folder(drafts, key)
        print("synced")
        began = time.monotonic()
        pinged = client.ping(drafts, heartbeat=60, timeout=120)
        took = time.monotonic() - began
        if pinged.status != "1" or took < 50:
            sys.exit(f"Ping answered {pinged} after {took:.0f} s")
        print("pinged")


if __name__ == "__main__":
    server, user, password, device, what, *more = sys.argv[1:]
    {"mail": run_mail, "folders": run_folders}[what](server, user, password, device, *more)
