-- Files of users on their way in. The rows of a file are sealed: they can hold passwords.

CREATE TABLE user_import (
    organization_id @uuid NOT NULL REFERENCES organization (organization_id),
    rev @bigint NOT NULL,
    doc TEXT NOT NULL,
    id @uuid NOT NULL,
    running @bool NOT NULL,
    PRIMARY KEY (organization_id, id)
) @strict;

CREATE INDEX user_import_running ON user_import (organization_id, id) WHERE running;

CREATE TABLE user_import_part (
    organization_id @uuid NOT NULL,
    import_id @uuid NOT NULL,
    part @bigint NOT NULL,
    rows @blob NOT NULL,
    PRIMARY KEY (organization_id, import_id, part),
    FOREIGN KEY (organization_id, import_id) REFERENCES user_import (organization_id, id) ON DELETE CASCADE
) @strict;
