-- Restricted devices whose users are told again.
CREATE TABLE restriction_notice (
    organization_id @uuid NOT NULL,
    device_id @uuid NOT NULL,
    due_at @bigint NOT NULL,
    PRIMARY KEY (organization_id, device_id),
    FOREIGN KEY (organization_id, device_id) REFERENCES device (organization_id, id) ON DELETE CASCADE
) @strict;
CREATE INDEX restriction_notice_due ON restriction_notice (due_at);
