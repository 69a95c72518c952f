-- How administrators of an organization (or of the installation, which has no row of its own) sign in: identity
-- providers, and for which roles a second factor is demanded.
CREATE TABLE sign_in_settings (
    organization_id @uuid NOT NULL,
    rev @bigint NOT NULL,
    doc TEXT NOT NULL,
    PRIMARY KEY (organization_id)
) @strict;
