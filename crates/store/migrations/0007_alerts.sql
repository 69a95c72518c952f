-- Alerts. subject is what the event was about; due_at when time alone does something next (mail, escalation).
CREATE TABLE alert (
    organization_id @uuid NOT NULL,
    id @uuid NOT NULL,
    rev @bigint NOT NULL,
    kind TEXT NOT NULL,
    subject TEXT NOT NULL,
    severity TEXT NOT NULL,
    state TEXT NOT NULL,
    last_at @bigint NOT NULL,
    due_at @bigint,
    doc TEXT NOT NULL,
    PRIMARY KEY (organization_id, id)
) @strict;
CREATE INDEX alert_subject ON alert (organization_id, kind, subject, last_at);
CREATE INDEX alert_state ON alert (organization_id, state, severity, id);
CREATE INDEX alert_due ON alert (due_at) WHERE due_at IS NOT NULL;
