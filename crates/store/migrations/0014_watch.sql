-- The connectivity watch list. due_at is when a device is looked at next; there is none while it is silent.
CREATE TABLE watch (
    organization_id @uuid NOT NULL,
    device_id @uuid NOT NULL,
    rev @bigint NOT NULL,
    due_at @bigint,
    silent @bool NOT NULL,
    doc TEXT NOT NULL,
    PRIMARY KEY (organization_id, device_id),
    FOREIGN KEY (organization_id, device_id) REFERENCES device (organization_id, id) ON DELETE CASCADE
) @strict;
CREATE INDEX watch_due ON watch (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX watch_silent ON watch (organization_id) WHERE silent;
