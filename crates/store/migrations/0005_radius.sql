-- RADIUS servers that are told at once when a device may use the network no longer, and what was asked of them.
CREATE TABLE radius_server (
    organization_id @uuid NOT NULL REFERENCES organization (organization_id),
    id @uuid NOT NULL,
    rev @bigint NOT NULL,
    name_lower TEXT NOT NULL,
    doc TEXT NOT NULL,
    PRIMARY KEY (organization_id, id)
) @strict;
CREATE UNIQUE INDEX radius_server_name ON radius_server (organization_id, name_lower);

-- The device is not a foreign key: what was asked stays known when its record goes.
CREATE TABLE radius_request (
    organization_id @uuid NOT NULL,
    id @uuid NOT NULL,
    server_id @uuid NOT NULL,
    device_id @uuid NOT NULL,
    mac TEXT NOT NULL,
    sequence @bigint NOT NULL,
    at @bigint NOT NULL,
    waits @bool NOT NULL,
    doc TEXT NOT NULL,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id, server_id) REFERENCES radius_server (organization_id, id) ON DELETE CASCADE
) @strict;
CREATE INDEX radius_request_waits ON radius_request (organization_id, server_id, sequence, id) WHERE waits;
CREATE INDEX radius_request_device ON radius_request (organization_id, device_id, sequence);
CREATE INDEX radius_request_sequence ON radius_request (organization_id, sequence);
CREATE INDEX radius_request_at ON radius_request (organization_id, at);
