-- Terms of use in their versions; version 0 is the draft of the next one, and there is one at most.

CREATE TABLE terms (
    organization_id @uuid NOT NULL REFERENCES organization (organization_id),
    rev @bigint NOT NULL,
    doc TEXT NOT NULL,
    id @uuid NOT NULL,
    version @bigint NOT NULL,
    PRIMARY KEY (organization_id, id)
) @strict;

CREATE UNIQUE INDEX terms_version ON terms (organization_id, version);
