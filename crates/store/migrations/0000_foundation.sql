-- What every installation needs whatever the product does: identity, the two records, leases, jobs.

-- Facts of the installation itself: key_check, journal_heads.
CREATE TABLE installation (
    name  TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
) @strict;

-- One row per organization that has records; locked last, organizations in order.
CREATE TABLE organization_head (
    organization_id  @uuid   NOT NULL PRIMARY KEY,
    change_sequence  @bigint NOT NULL,
    journal_sequence @bigint NOT NULL,
    journal_hash     @blob   NOT NULL,
    mac              @blob   NOT NULL
) @strict;

-- The feed that caches and other nodes follow. Kept for days.
CREATE TABLE change (
    organization_id @uuid   NOT NULL,
    sequence        @bigint NOT NULL,
    at              @bigint NOT NULL,
    kind            TEXT    NOT NULL,
    subject         TEXT    NOT NULL,
    origin          @uuid   NOT NULL,
    PRIMARY KEY (organization_id, sequence)
) @strict;

CREATE INDEX change_at ON change (at);

-- The audit trail: a hash chain per organization. Body and salt can be erased, the rest never changes.
CREATE TABLE journal (
    organization_id @uuid   NOT NULL,
    sequence        @bigint NOT NULL,
    at              @bigint NOT NULL,
    actor           TEXT    NOT NULL,
    event           TEXT    NOT NULL,
    subject         TEXT    NOT NULL,
    body_digest     @blob   NOT NULL,
    body_salt       @blob,
    body            TEXT,
    previous_hash   @blob   NOT NULL,
    hash            @blob   NOT NULL,
    PRIMARY KEY (organization_id, sequence)
) @strict;

CREATE INDEX journal_subject ON journal (organization_id, subject, sequence);

-- Where the chain begins after a purge, authenticated with the key file.
CREATE TABLE journal_checkpoint (
    organization_id @uuid   NOT NULL PRIMARY KEY,
    sequence        @bigint NOT NULL,
    hash            @blob   NOT NULL,
    at              @bigint NOT NULL,
    mac             @blob   NOT NULL
) @strict;

-- Who does what only one node may do at a time.
CREATE TABLE lease (
    name       TEXT    NOT NULL PRIMARY KEY,
    holder     TEXT    NOT NULL,
    held_until @bigint NOT NULL
) @strict;

-- Work to be done later.
CREATE TABLE job (
    organization_id @uuid   NOT NULL,
    id              @uuid   NOT NULL,
    kind            TEXT    NOT NULL,
    dedup_key       TEXT,
    payload         TEXT    NOT NULL,
    run_at          @bigint NOT NULL,
    attempts        @bigint NOT NULL,
    claimed_by      TEXT,
    claimed_until   @bigint,
    last_error      TEXT,
    created_at      @bigint NOT NULL,
    failed_at       @bigint,
    PRIMARY KEY (organization_id, id)
) @strict;

CREATE INDEX job_due ON job (run_at) WHERE failed_at IS NULL;

CREATE UNIQUE INDEX job_dedup ON job (organization_id, kind, dedup_key)
    WHERE dedup_key IS NOT NULL AND failed_at IS NULL;
