//! The elements of `EASProvisionDoc` in schema order (MS-ASPROV 2.2.2.28, an `xs:sequence`).
//!
//! A document must carry its elements in this order, each at most once. `DocumentBrowseEnabled` is obsolete and
//! `AccountOnlyRemoteWipe` is not part of the document; both are left out.

use super::{Setting, all};

/// The 42 elements of the document of 12.1 and later.
pub static EAS_SCHEMA: &[&str] = &[
    "DevicePasswordEnabled",
    "AlphanumericDevicePasswordRequired",
    "PasswordRecoveryEnabled",
    "RequireStorageCardEncryption",
    "AttachmentsEnabled",
    "MinDevicePasswordLength",
    "MaxInactivityTimeDeviceLock",
    "MaxDevicePasswordFailedAttempts",
    "MaxAttachmentSize",
    "AllowSimpleDevicePassword",
    "DevicePasswordExpiration",
    "DevicePasswordHistory",
    "AllowStorageCard",
    "AllowCamera",
    "RequireDeviceEncryption",
    "AllowUnsignedApplications",
    "AllowUnsignedInstallationPackages",
    "MinDevicePasswordComplexCharacters",
    "AllowWiFi",
    "AllowTextMessaging",
    "AllowPOPIMAPEmail",
    "AllowBluetooth",
    "AllowIrDA",
    "RequireManualSyncWhenRoaming",
    "AllowDesktopSync",
    "MaxCalendarAgeFilter",
    "AllowHTMLEmail",
    "MaxEmailAgeFilter",
    "MaxEmailBodyTruncationSize",
    "MaxEmailHTMLBodyTruncationSize",
    "RequireSignedSMIMEMessages",
    "RequireEncryptedSMIMEMessages",
    "RequireSignedSMIMEAlgorithm",
    "RequireEncryptionSMIMEAlgorithm",
    "AllowSMIMEEncryptionAlgorithmNegotiation",
    "AllowSMIMESoftCerts",
    "AllowBrowser",
    "AllowConsumerEmail",
    "AllowRemoteDesktop",
    "AllowInternetSharing",
    "UnapprovedInROMApplicationList",
    "ApprovedApplicationList",
];

/// The settings that ActiveSync carries, in schema order.
pub fn in_schema_order() -> impl Iterator<Item = &'static Setting> {
    EAS_SCHEMA.iter().filter_map(|name| all().find(|s| s.eas.is_some_and(|e| e.name == *name)))
}
