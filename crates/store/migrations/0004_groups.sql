-- Local groups and who is in them.

CREATE TABLE user_group (
    organization_id @uuid NOT NULL REFERENCES organization (organization_id),
    id @uuid NOT NULL,
    rev @bigint NOT NULL,
    name_lower TEXT NOT NULL,
    priority @bigint NOT NULL,
    suite_id @uuid,
    server_id @uuid,
    doc TEXT NOT NULL,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id, suite_id) REFERENCES policy_suite (organization_id, id),
    FOREIGN KEY (organization_id, server_id) REFERENCES activesync_server (organization_id, id)
) @strict;
CREATE UNIQUE INDEX group_name ON user_group (organization_id, name_lower);
CREATE UNIQUE INDEX group_priority ON user_group (organization_id, priority);
CREATE INDEX group_suite ON user_group (organization_id, suite_id);
CREATE INDEX group_server ON user_group (organization_id, server_id);

-- The same as app_user.doc says, as rows: a user can be in groups of the own organization only, and a group that has
-- members cannot be removed.
CREATE TABLE group_member (
    organization_id @uuid NOT NULL,
    group_id @uuid NOT NULL,
    user_id @uuid NOT NULL,
    PRIMARY KEY (organization_id, group_id, user_id),
    FOREIGN KEY (organization_id, group_id) REFERENCES user_group (organization_id, id),
    FOREIGN KEY (organization_id, user_id) REFERENCES app_user (organization_id, id) ON DELETE CASCADE
) @strict;
CREATE INDEX group_member_user ON group_member (organization_id, user_id);
