-- Letters: mail whose body is sealed (it can hold an enrolment code), whom it is for, and of which mailing it is.
ALTER TABLE mail ADD COLUMN sealed @blob;
ALTER TABLE mail ADD COLUMN user_id @uuid;
ALTER TABLE mail ADD COLUMN mailing_id @uuid;
CREATE INDEX mail_of_mailing ON mail (organization_id, mailing_id, id) WHERE mailing_id IS NOT NULL;

-- What became of the last welcome letter of a user; no row: none was ever sent.
CREATE TABLE user_letter (
    organization_id @uuid NOT NULL,
    user_id @uuid NOT NULL,
    mail_id @uuid,
    state TEXT NOT NULL,
    at @bigint NOT NULL,
    outcome TEXT NOT NULL,
    PRIMARY KEY (organization_id, user_id),
    FOREIGN KEY (organization_id, user_id) REFERENCES app_user (organization_id, id) ON DELETE CASCADE
) @strict;
CREATE INDEX user_letter_mail ON user_letter (organization_id, mail_id);
CREATE INDEX user_letter_state ON user_letter (organization_id, state);

-- Mail to many, and whom it still has to be written to. A mailing of the installation has no organization's row.
CREATE TABLE mailing (
    organization_id @uuid NOT NULL,
    rev @bigint NOT NULL,
    doc TEXT NOT NULL,
    id @uuid NOT NULL,
    ticket TEXT NOT NULL,
    running @bool NOT NULL,
    PRIMARY KEY (organization_id, id)
) @strict;
CREATE UNIQUE INDEX mailing_ticket ON mailing (organization_id, ticket);
CREATE INDEX mailing_running ON mailing (organization_id, id) WHERE running;

CREATE TABLE mailing_part (
    organization_id @uuid NOT NULL,
    mailing_id @uuid NOT NULL,
    part @bigint NOT NULL,
    recipients TEXT NOT NULL,
    PRIMARY KEY (organization_id, mailing_id, part),
    FOREIGN KEY (organization_id, mailing_id) REFERENCES mailing (organization_id, id) ON DELETE CASCADE
) @strict;
