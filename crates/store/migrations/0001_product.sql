-- The product's tables, in foreign-key order.
--
-- Every tenant's table has the organization first in its key, and foreign keys carry it, so that a row cannot
-- point into another organization. Keys without it: organization_name and device_guid (unique in the
-- installation), installation_counter, installation_setting, login_failure.
--
-- An entity is one row: the columns that keys and statements need, rev, and doc, its JSON. doc is TEXT and not
-- a JSON type: it comes back byte for byte, it may hold \u0000, and nothing searches inside it.
--
-- Roles, administrators, tokens, sessions and ISE calls may belong to the system organization, which has no
-- row; so they do not refer to organization.

CREATE TABLE organization (
    organization_id @uuid NOT NULL,
    rev @bigint NOT NULL,
    slug TEXT NOT NULL,
    doc TEXT NOT NULL,
    PRIMARY KEY (organization_id)
) @strict;
CREATE UNIQUE INDEX organization_slug ON organization (slug);

-- Mail domains, login domains and host names; lower case.
CREATE TABLE organization_name (
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    organization_id @uuid NOT NULL REFERENCES organization (organization_id),
    PRIMARY KEY (kind, name)
) @strict;
CREATE INDEX organization_name_organization ON organization_name (organization_id);

CREATE TABLE installation_counter (
    name TEXT NOT NULL,
    value @bigint NOT NULL,
    PRIMARY KEY (name)
) @strict;

CREATE TABLE installation_setting (
    name TEXT NOT NULL,
    value @blob NOT NULL,
    PRIMARY KEY (name)
) @strict;

CREATE TABLE login_failure (
    kind TEXT NOT NULL,
    subject TEXT NOT NULL,
    failures @bigint NOT NULL,
    window_start @bigint NOT NULL,
    locked_until @bigint,
    PRIMARY KEY (kind, subject)
) @strict;

CREATE TABLE role (
    organization_id @uuid NOT NULL,
    id @uuid NOT NULL,
    rev @bigint NOT NULL,
    name_lower TEXT NOT NULL,
    doc TEXT NOT NULL,
    PRIMARY KEY (organization_id, id)
) @strict;
CREATE UNIQUE INDEX role_name ON role (organization_id, name_lower);

CREATE TABLE administrator (
    organization_id @uuid NOT NULL,
    id @uuid NOT NULL,
    rev @bigint NOT NULL,
    username TEXT NOT NULL,
    role_id @uuid,
    doc TEXT NOT NULL,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id, role_id) REFERENCES role (organization_id, id)
) @strict;
CREATE UNIQUE INDEX administrator_username ON administrator (username);
CREATE INDEX administrator_role ON administrator (organization_id, role_id);

CREATE TABLE api_token (
    organization_id @uuid NOT NULL,
    id @uuid NOT NULL,
    rev @bigint NOT NULL,
    administrator_id @uuid NOT NULL,
    token_hash @blob NOT NULL,
    doc TEXT NOT NULL,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id, administrator_id) REFERENCES administrator (organization_id, id)
) @strict;
CREATE UNIQUE INDEX api_token_hash ON api_token (token_hash);
CREATE INDEX api_token_administrator ON api_token (organization_id, administrator_id);

CREATE TABLE session (
    organization_id @uuid NOT NULL,
    token_hash @blob NOT NULL,
    administrator_id @uuid NOT NULL,
    created_at @bigint NOT NULL,
    expires_at @bigint NOT NULL,
    doc TEXT NOT NULL,
    PRIMARY KEY (organization_id, token_hash),
    FOREIGN KEY (organization_id, administrator_id) REFERENCES administrator (organization_id, id)
) @strict;
CREATE UNIQUE INDEX session_hash ON session (token_hash);
CREATE INDEX session_administrator ON session (organization_id, administrator_id);
CREATE INDEX session_expiry ON session (organization_id, expires_at);

CREATE TABLE activesync_server (
    organization_id @uuid NOT NULL REFERENCES organization (organization_id),
    id @uuid NOT NULL,
    rev @bigint NOT NULL,
    name_lower TEXT NOT NULL,
    doc TEXT NOT NULL,
    PRIMARY KEY (organization_id, id)
) @strict;
CREATE UNIQUE INDEX server_name ON activesync_server (organization_id, name_lower);

CREATE TABLE policy_suite (
    organization_id @uuid NOT NULL REFERENCES organization (organization_id),
    id @uuid NOT NULL,
    rev @bigint NOT NULL,
    name_lower TEXT NOT NULL,
    doc TEXT NOT NULL,
    PRIMARY KEY (organization_id, id)
) @strict;
CREATE UNIQUE INDEX suite_name ON policy_suite (organization_id, name_lower);

-- Immutable: no statement of the program updates a row.
CREATE TABLE policy_revision (
    organization_id @uuid NOT NULL,
    suite_id @uuid NOT NULL,
    number @bigint NOT NULL,
    doc TEXT NOT NULL,
    PRIMARY KEY (organization_id, suite_id, number),
    FOREIGN KEY (organization_id, suite_id) REFERENCES policy_suite (organization_id, id) ON DELETE CASCADE
) @strict;

CREATE TABLE app_user (
    organization_id @uuid NOT NULL REFERENCES organization (organization_id),
    id @uuid NOT NULL,
    rev @bigint NOT NULL,
    username_lower TEXT NOT NULL,
    server_id @uuid,
    suite_id @uuid,
    doc TEXT NOT NULL,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id, server_id) REFERENCES activesync_server (organization_id, id),
    FOREIGN KEY (organization_id, suite_id) REFERENCES policy_suite (organization_id, id)
) @strict;
CREATE UNIQUE INDEX user_username ON app_user (organization_id, username_lower);
CREATE INDEX user_server ON app_user (organization_id, server_id);
CREATE INDEX user_suite ON app_user (organization_id, suite_id);

-- side_digest: SHA-256 of what device_guid, device_mac and channel hold; tells whether they must be rewritten.
CREATE TABLE device (
    organization_id @uuid NOT NULL REFERENCES organization (organization_id),
    id @uuid NOT NULL,
    rev @bigint NOT NULL,
    user_id @uuid NOT NULL,
    suite_id @uuid,
    number @bigint NOT NULL,
    state TEXT NOT NULL,
    side_digest @blob NOT NULL,
    doc TEXT NOT NULL,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id, user_id) REFERENCES app_user (organization_id, id),
    FOREIGN KEY (organization_id, suite_id) REFERENCES policy_suite (organization_id, id)
) @strict;
CREATE UNIQUE INDEX device_number ON device (number);
CREATE INDEX device_user ON device (organization_id, user_id);
CREATE INDEX device_suite ON device (organization_id, suite_id);

-- The GUID of each device and its aliases.
CREATE TABLE device_guid (
    guid @uuid NOT NULL,
    organization_id @uuid NOT NULL,
    device_id @uuid NOT NULL,
    PRIMARY KEY (guid),
    FOREIGN KEY (organization_id, device_id) REFERENCES device (organization_id, id) ON DELETE CASCADE
) @strict;
CREATE INDEX device_guid_device ON device_guid (organization_id, device_id);

-- Not unique: devices share a dock.
CREATE TABLE device_mac (
    organization_id @uuid NOT NULL,
    mac TEXT NOT NULL,
    device_id @uuid NOT NULL,
    PRIMARY KEY (organization_id, mac, device_id),
    FOREIGN KEY (organization_id, device_id) REFERENCES device (organization_id, id) ON DELETE CASCADE
) @strict;
CREATE INDEX device_mac_device ON device_mac (organization_id, device_id);

CREATE TABLE channel (
    organization_id @uuid NOT NULL,
    id @uuid NOT NULL,
    device_id @uuid NOT NULL,
    user_id @uuid NOT NULL,
    kind TEXT NOT NULL,
    external_id_lower TEXT NOT NULL,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id, device_id) REFERENCES device (organization_id, id) ON DELETE CASCADE,
    FOREIGN KEY (organization_id, user_id) REFERENCES app_user (organization_id, id)
) @strict;
CREATE UNIQUE INDEX channel_external_id ON channel (organization_id, kind, user_id, external_id_lower);
CREATE INDEX channel_device ON channel (organization_id, device_id);
CREATE INDEX channel_user ON channel (organization_id, user_id);

-- Commands that are not final: a device cannot be removed while it has one.
CREATE TABLE command (
    organization_id @uuid NOT NULL,
    id @uuid NOT NULL,
    rev @bigint NOT NULL,
    device_id @uuid NOT NULL,
    destructive @bool NOT NULL,
    state TEXT NOT NULL,
    ordered_at @bigint NOT NULL,
    doc TEXT NOT NULL,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id, device_id) REFERENCES device (organization_id, id)
) @strict;
CREATE INDEX command_device ON command (organization_id, device_id);

-- Final commands. They outlive the device.
CREATE TABLE command_history (
    organization_id @uuid NOT NULL REFERENCES organization (organization_id),
    id @uuid NOT NULL,
    rev @bigint NOT NULL,
    device_id @uuid NOT NULL,
    destructive @bool NOT NULL,
    state TEXT NOT NULL,
    ordered_at @bigint NOT NULL,
    doc TEXT NOT NULL,
    PRIMARY KEY (organization_id, id)
) @strict;
CREATE INDEX command_history_device ON command_history (organization_id, device_id, ordered_at);
CREATE INDEX command_history_destructive ON command_history (organization_id, ordered_at) WHERE destructive;

CREATE TABLE access_config (
    organization_id @uuid NOT NULL REFERENCES organization (organization_id),
    rev @bigint NOT NULL,
    doc TEXT NOT NULL,
    PRIMARY KEY (organization_id)
) @strict;

CREATE TABLE presence (
    organization_id @uuid NOT NULL,
    device_id @uuid NOT NULL,
    last_contact_at @bigint NOT NULL,
    PRIMARY KEY (organization_id, device_id),
    FOREIGN KEY (organization_id, device_id) REFERENCES device (organization_id, id) ON DELETE CASCADE
) @strict;

-- The last ActiveSync exchanges of a device, one compact document.
CREATE TABLE exchanges (
    organization_id @uuid NOT NULL,
    device_id @uuid NOT NULL,
    doc @blob NOT NULL,
    PRIMARY KEY (organization_id, device_id),
    FOREIGN KEY (organization_id, device_id) REFERENCES device (organization_id, id) ON DELETE CASCADE
) @strict;

CREATE TABLE trace (
    organization_id @uuid NOT NULL,
    user_id @uuid NOT NULL,
    started_at @bigint NOT NULL,
    until_at @bigint NOT NULL,
    started_by TEXT NOT NULL,
    last_sequence @bigint NOT NULL,
    PRIMARY KEY (organization_id, user_id),
    FOREIGN KEY (organization_id, user_id) REFERENCES app_user (organization_id, id) ON DELETE CASCADE
) @strict;

CREATE TABLE trace_entry (
    organization_id @uuid NOT NULL,
    user_id @uuid NOT NULL,
    sequence @bigint NOT NULL,
    at @bigint NOT NULL,
    line TEXT NOT NULL,
    PRIMARY KEY (organization_id, user_id, sequence),
    FOREIGN KEY (organization_id, user_id) REFERENCES trace (organization_id, user_id) ON DELETE CASCADE
) @strict;

CREATE TABLE ise_call_head (
    organization_id @uuid NOT NULL,
    last_sequence @bigint NOT NULL,
    PRIMARY KEY (organization_id)
) @strict;

CREATE TABLE ise_call (
    organization_id @uuid NOT NULL,
    sequence @bigint NOT NULL,
    at @bigint NOT NULL,
    account TEXT NOT NULL,
    address TEXT NOT NULL,
    method TEXT NOT NULL,
    target TEXT NOT NULL,
    status @bigint NOT NULL,
    duration_us @bigint NOT NULL,
    note TEXT NOT NULL,
    PRIMARY KEY (organization_id, sequence)
) @strict;

CREATE TABLE unknown_mac (
    organization_id @uuid NOT NULL REFERENCES organization (organization_id),
    mac TEXT NOT NULL,
    first_at @bigint NOT NULL,
    last_at @bigint NOT NULL,
    asked @bigint NOT NULL,
    PRIMARY KEY (organization_id, mac)
) @strict;
CREATE INDEX unknown_mac_last ON unknown_mac (organization_id, last_at);
