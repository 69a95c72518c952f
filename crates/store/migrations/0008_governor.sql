-- What an organization's limit on destructive commands has let through, and the changes that it holds.

CREATE TABLE governor (
    organization_id @uuid NOT NULL REFERENCES organization (organization_id),
    rev @bigint NOT NULL,
    doc TEXT NOT NULL,
    PRIMARY KEY (organization_id)
) @strict;
