-- How the last run of a task of the Database Task Scheduler went; those of the installation have no organization's row.
CREATE TABLE task_run (
    organization_id @uuid NOT NULL,
    task TEXT NOT NULL,
    doc TEXT NOT NULL,
    PRIMARY KEY (organization_id, task)
) @strict;
