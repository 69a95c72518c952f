-- Takes the free pages of the file for a moment, so that nothing of a removed organization is left in them. Always empty.

CREATE TABLE filler (
    zeros @blob NOT NULL
) @strict;
