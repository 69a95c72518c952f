-- Reports that are sent by mail, again and again.
CREATE TABLE report_mail (
    organization_id @uuid NOT NULL REFERENCES organization (organization_id),
    rev @bigint NOT NULL,
    doc TEXT NOT NULL,
    id @uuid NOT NULL,
    name_lower TEXT NOT NULL,
    next_at @bigint,
    PRIMARY KEY (organization_id, id)
) @strict;
CREATE UNIQUE INDEX report_mail_name ON report_mail (organization_id, name_lower);
CREATE INDEX report_mail_next ON report_mail (next_at) WHERE next_at IS NOT NULL;

-- Files that go out with mails: once for all recipients.
CREATE TABLE mail_file (
    organization_id @uuid NOT NULL,
    id @uuid NOT NULL,
    name TEXT NOT NULL,
    media TEXT NOT NULL,
    sealed @blob NOT NULL,
    PRIMARY KEY (organization_id, id)
) @strict;
ALTER TABLE mail ADD COLUMN report_mail_id @uuid;
ALTER TABLE mail ADD COLUMN file_id @uuid;
CREATE INDEX mail_of_file ON mail (organization_id, file_id) WHERE file_id IS NOT NULL;
