-- How far each webhook has come, and the last deliveries.
CREATE TABLE webhook_state (
    organization_id @uuid NOT NULL,
    webhook_id @uuid NOT NULL,
    sequence @bigint NOT NULL,
    attempts @bigint NOT NULL,
    failing_since @bigint,
    due_at @bigint NOT NULL,
    paused_at @bigint,
    PRIMARY KEY (organization_id, webhook_id)
) @strict;

CREATE TABLE webhook_delivery (
    organization_id @uuid NOT NULL,
    webhook_id @uuid NOT NULL,
    at @bigint NOT NULL,
    number @bigint NOT NULL,
    first @bigint NOT NULL,
    last @bigint NOT NULL,
    events @bigint NOT NULL,
    taken @bool NOT NULL,
    outcome TEXT NOT NULL,
    PRIMARY KEY (organization_id, webhook_id, number)
) @strict;
