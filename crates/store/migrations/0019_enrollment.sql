-- One-time codes with which users enrol devices, known by their hashes.
CREATE TABLE enrollment_token (
    organization_id @uuid NOT NULL,
    rev @bigint NOT NULL,
    doc TEXT NOT NULL,
    id @uuid NOT NULL,
    user_id @uuid NOT NULL,
    token_hash @blob NOT NULL,
    expires_at @bigint NOT NULL,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id, user_id) REFERENCES app_user (organization_id, id) ON DELETE CASCADE
) @strict;
CREATE UNIQUE INDEX enrollment_token_hash ON enrollment_token (token_hash);
CREATE INDEX enrollment_token_of_user ON enrollment_token (organization_id, user_id);
CREATE INDEX enrollment_token_expired ON enrollment_token (organization_id, expires_at);
