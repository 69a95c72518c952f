-- LDAP servers that users come from, and how their last refresh went.

CREATE TABLE directory_server (
    organization_id @uuid NOT NULL REFERENCES organization (organization_id),
    id @uuid NOT NULL,
    rev @bigint NOT NULL,
    name_lower TEXT NOT NULL,
    doc TEXT NOT NULL,
    PRIMARY KEY (organization_id, id)
) @strict;
CREATE UNIQUE INDEX directory_server_name ON directory_server (organization_id, name_lower);

CREATE TABLE directory_run (
    organization_id @uuid NOT NULL,
    server_id @uuid NOT NULL,
    ended_at @bigint NOT NULL,
    doc TEXT NOT NULL,
    PRIMARY KEY (organization_id, server_id),
    FOREIGN KEY (organization_id, server_id) REFERENCES directory_server (organization_id, id) ON DELETE CASCADE
) @strict;
