-- Changes that wait for a second person, in full.

CREATE TABLE held_change (
    organization_id @uuid NOT NULL REFERENCES organization (organization_id),
    id @uuid NOT NULL,
    edit TEXT NOT NULL,
    PRIMARY KEY (organization_id, id)
) @strict;
