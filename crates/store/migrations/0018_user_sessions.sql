-- Sessions of users on the enrolment pages and in the portal, by the hash of their token.

CREATE TABLE user_session (
    organization_id @uuid NOT NULL,
    token_hash @blob NOT NULL,
    user_id @uuid NOT NULL,
    created_at @bigint NOT NULL,
    expires_at @bigint NOT NULL,
    doc TEXT NOT NULL,
    PRIMARY KEY (organization_id, token_hash),
    FOREIGN KEY (organization_id, user_id) REFERENCES app_user (organization_id, id) ON DELETE CASCADE
) @strict;
CREATE UNIQUE INDEX user_session_hash ON user_session (token_hash);
CREATE INDEX user_session_user ON user_session (organization_id, user_id);
CREATE INDEX user_session_expiry ON user_session (organization_id, expires_at);
