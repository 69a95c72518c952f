-- How an organization stood on each day, for the course of compliance over time.

CREATE TABLE compliance_day (
    organization_id @uuid NOT NULL,
    day @bigint NOT NULL,
    doc TEXT NOT NULL,
    PRIMARY KEY (organization_id, day)
) @strict;
