//! The statuses of single commands (MS-ASCMD, Status, MS-ASPROV, Status), one line each.

statuses! {
    /// FolderSync (MS-ASCMD, Status) and the other folder commands.
    folder_sync {
        1 SUCCESS "Success";
        2 FOLDER_EXISTS "FolderExists";
        3 SPECIAL_FOLDER "SpecialFolder";
        4 FOLDER_NOT_FOUND "FolderNotFound";
        5 PARENT_NOT_FOUND "ParentNotFound";
        6 SERVER_ERROR "ServerError";
        9 SYNC_KEY_MISMATCH "SyncKeyMismatch";
        10 MALFORMED_REQUEST "MalformedRequest";
        11 UNKNOWN_ERROR "UnknownError";
        12 CODE_UNKNOWN "CodeUnknown";
    }
    /// Sync (MS-ASCMD, Status).
    sync {
        1 SUCCESS "Success";
        3 INVALID_SYNC_KEY "InvalidSyncKey";
        4 PROTOCOL_ERROR "ProtocolError";
        5 SERVER_ERROR "ServerError";
        6 CONVERSION_ERROR "ConversionError";
        7 CONFLICT "Conflict";
        8 OBJECT_NOT_FOUND "ObjectNotFound";
        9 CANNOT_COMPLETE "CannotComplete";
        12 FOLDER_HIERARCHY_CHANGED "FolderHierarchyChanged";
        13 INCOMPLETE_REQUEST "IncompleteRequest";
        14 INVALID_WAIT "InvalidWait";
        15 TOO_MANY_COLLECTIONS "TooManyCollections";
        16 RETRY "Retry";
    }
    /// Ping (MS-ASCMD, Status).
    ping {
        1 HEARTBEAT_EXPIRED "HeartbeatExpired";
        2 CHANGES "Changes";
        3 MISSING_PARAMETERS "MissingParameters";
        4 SYNTAX_ERROR "SyntaxError";
        5 INVALID_HEARTBEAT "InvalidHeartbeat";
        6 TOO_MANY_FOLDERS "TooManyFolders";
        7 FOLDER_SYNC_REQUIRED "FolderSyncRequired";
        8 SERVER_ERROR "ServerError";
    }
    /// Settings (MS-ASCMD, Status).
    settings {
        1 SUCCESS "Success";
        2 PROTOCOL_ERROR "ProtocolError";
        3 ACCESS_DENIED "AccessDenied";
        4 SERVER_UNAVAILABLE "ServerUnavailable";
        5 INVALID_ARGUMENTS "InvalidArguments";
        6 CONFLICTING_ARGUMENTS "ConflictingArguments";
        7 DENIED_BY_POLICY "DeniedByPolicy";
    }
    /// GetItemEstimate (MS-ASCMD, Status).
    get_item_estimate {
        1 SUCCESS "Success";
        2 INVALID_COLLECTION "InvalidCollection";
        3 NOT_PRIMED "NotPrimed";
        4 INVALID_SYNC_KEY "InvalidSyncKey";
    }
    /// MoveItems (MS-ASCMD, Status); 3 is success.
    move_items {
        1 INVALID_SOURCE "InvalidSource";
        2 INVALID_DESTINATION "InvalidDestination";
        3 SUCCESS "Success";
        4 SAME_FOLDER "SameFolder";
        5 ERROR "Error";
        7 LOCKED "Locked";
    }
    /// MeetingResponse (MS-ASCMD, Status).
    meeting_response {
        1 SUCCESS "Success";
        2 INVALID_REQUEST "InvalidRequest";
        3 MAILBOX_ERROR "MailboxError";
        4 SERVER_ERROR "ServerError";
    }
    /// ItemOperations (MS-ASCMD, Status).
    item_operations {
        1 SUCCESS "Success";
        2 PROTOCOL_ERROR "ProtocolError";
        3 SERVER_ERROR "ServerError";
        4 BAD_URI "BadUri";
        5 ACCESS_DENIED "AccessDenied";
        6 NOT_FOUND "NotFound";
        7 CONNECT_FAILED "ConnectFailed";
        8 INVALID_RANGE "InvalidRange";
        9 EMPTY "Empty";
        10 TOO_LARGE "TooLarge";
        11 IO_ERROR "IoError";
        12 CONVERSION_FAILED "ConversionFailed";
    }
    /// Search, the Status of a store (MS-ASCMD, Status).
    search {
        1 SUCCESS "Success";
        2 INVALID_REQUEST "InvalidRequest";
        3 SERVER_ERROR "ServerError";
        4 BAD_LINK "BadLink";
        5 ACCESS_DENIED "AccessDenied";
        6 NOT_FOUND "NotFound";
        7 CONNECTION_FAILED "ConnectionFailed";
        8 TOO_COMPLEX "TooComplex";
        10 TIMED_OUT "TimedOut";
        11 FOLDER_SYNC_REQUIRED "FolderSyncRequired";
        12 END_OF_RANGE "EndOfRange";
        13 ACCESS_BLOCKED "AccessBlocked";
        14 CREDENTIALS_REQUIRED "CredentialsRequired";
    }
    /// ResolveRecipients, the Status of a response (MS-ASCMD, Status).
    resolve_recipients {
        1 SUCCESS "Success";
        2 AMBIGUOUS "Ambiguous";
        3 PARTIAL "Partial";
        4 NOT_FOUND "NotFound";
        5 PROTOCOL_ERROR "ProtocolError";
        6 SERVER_ERROR "ServerError";
    }
    /// ValidateCert (MS-ASCMD, Status).
    validate_cert {
        1 SUCCESS "Success";
        2 PROTOCOL_ERROR "ProtocolError";
        3 SIGNATURE_INVALID "SignatureInvalid";
        4 UNTRUSTED_SOURCE "UntrustedSource";
        5 INVALID_CHAIN "InvalidChain";
        6 NOT_FOR_SIGNING "NotForSigning";
        7 EXPIRED "Expired";
        8 TIME_PERIODS_DO_NOT_NEST "TimePeriodsDoNotNest";
        9 WRONG_USE "WrongUse";
        10 MISSING_INFORMATION "MissingInformation";
        11 WRONG_PART "WrongPart";
        12 NAME_MISMATCH "NameMismatch";
        17 SERVER_ERROR "ServerError";
    }
    /// Provision, directly beneath the root (MS-ASPROV, Status).
    provision {
        1 SUCCESS "Success";
        2 PROTOCOL_ERROR "ProtocolError";
        3 SERVER_ERROR "ServerError";
    }
    /// The Status of a Policy in an answer to Provision (MS-ASPROV, Status).
    policy {
        1 SUCCESS "Success";
        2 NO_POLICY "NoPolicy";
        3 UNKNOWN_POLICY_TYPE "UnknownPolicyType";
        4 POLICY_CORRUPT "PolicyCorrupt";
        5 WRONG_POLICY_KEY "WrongPolicyKey";
    }
    /// The Status of a Policy in the device's acknowledgement (MS-ASPROV, Status).
    acknowledgement {
        1 APPLIED "Applied";
        2 PARTIALLY_APPLIED "PartiallyApplied";
        3 NOT_APPLIED "NotApplied";
        4 EXTERNALLY_MANAGED "ExternallyManaged";
    }
    /// The Status with which a device reports a wipe (MS-ASPROV, Status).
    wipe {
        1 SUCCESS "Success";
        2 FAILURE "Failure";
    }
}
