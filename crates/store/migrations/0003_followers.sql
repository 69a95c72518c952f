-- How far each follower of the journal has come. The row of the system organization marks that it has begun.
CREATE TABLE follower_cursor (
    organization_id @uuid NOT NULL,
    follower TEXT NOT NULL,
    sequence @bigint NOT NULL,
    PRIMARY KEY (organization_id, follower)
) @strict;
