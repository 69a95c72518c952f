-- Every change of a device's verdict, for the question why it was shut out at a moment.

CREATE TABLE verdict_history (
    organization_id @uuid NOT NULL,
    device_id @uuid NOT NULL,
    at @bigint NOT NULL,
    doc TEXT NOT NULL,
    PRIMARY KEY (organization_id, device_id, at),
    FOREIGN KEY (organization_id, device_id) REFERENCES device (organization_id, id) ON DELETE CASCADE
) @strict;
