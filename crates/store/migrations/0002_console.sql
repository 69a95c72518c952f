-- What the console needs beyond the product's tables: quick filters of the journal, and views of administrators.

-- By what happened, and by who did it; the event stands in the second one too, so that both together stay quick.
CREATE INDEX journal_event ON journal (organization_id, event, sequence);
CREATE INDEX journal_actor ON journal (organization_id, actor, sequence, event);

-- The owner is not a foreign key: a system administrator keeps views in organizations that are not theirs.
CREATE TABLE saved_view (
    organization_id @uuid NOT NULL REFERENCES organization (organization_id),
    id @uuid NOT NULL,
    rev @bigint NOT NULL,
    administrator_id @uuid NOT NULL,
    name_lower TEXT NOT NULL,
    doc TEXT NOT NULL,
    PRIMARY KEY (organization_id, id)
) @strict;
CREATE UNIQUE INDEX saved_view_name ON saved_view (organization_id, administrator_id, name_lower);
