-- What an organization (or the installation, which has no row of its own) sends out, and by which server.
CREATE TABLE messaging (
    organization_id @uuid NOT NULL,
    rev @bigint NOT NULL,
    doc TEXT NOT NULL,
    PRIMARY KEY (organization_id)
) @strict;

-- Outgoing mail, and for some time what became of it. The text goes when it is over.
CREATE TABLE mail (
    organization_id @uuid NOT NULL,
    id @uuid NOT NULL,
    purpose TEXT NOT NULL,
    recipient TEXT NOT NULL,
    subject TEXT NOT NULL,
    text TEXT,
    state TEXT NOT NULL,
    attempts @bigint NOT NULL,
    outcome TEXT NOT NULL,
    created_at @bigint NOT NULL,
    due_at @bigint,
    finished_at @bigint,
    PRIMARY KEY (organization_id, id)
) @strict;
CREATE INDEX mail_due ON mail (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX mail_of_organization ON mail (organization_id, due_at);
CREATE INDEX mail_finished ON mail (organization_id, finished_at);
