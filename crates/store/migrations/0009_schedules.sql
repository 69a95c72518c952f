-- Device connection schedules, and when devices are called next.

-- Who has a schedule says so in its own document; a schedule that is gone counts there as not chosen.
CREATE TABLE connection_schedule (
    organization_id @uuid NOT NULL REFERENCES organization (organization_id),
    id @uuid NOT NULL,
    rev @bigint NOT NULL,
    name_lower TEXT NOT NULL,
    doc TEXT NOT NULL,
    PRIMARY KEY (organization_id, id)
) @strict;
CREATE UNIQUE INDEX schedule_name ON connection_schedule (organization_id, name_lower);

-- The queue of the scheduler as of its last flush: what came due while no server ran is found in it.
CREATE TABLE check_in (
    organization_id @uuid NOT NULL,
    device_id @uuid NOT NULL,
    due_at @bigint NOT NULL,
    PRIMARY KEY (organization_id, device_id),
    FOREIGN KEY (organization_id, device_id) REFERENCES device (organization_id, id) ON DELETE CASCADE
) @strict;
