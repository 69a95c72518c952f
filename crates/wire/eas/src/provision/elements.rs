//! The 42 elements of the policy document in the order of its schema (MS-ASPROV 2.2.2.28).
//!
//! A table: what each element may hold and which version brought it. What the settings mean to an
//! administrator, and their defaults, is the catalogue's business.

use crate::codepages::{self, token::provision as t};
use crate::version::PolicyClass;
use crate::wbxml::Tag;

/// What an element may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ValueType {
    /// 0 or 1.
    Bool,
    /// A whole number from `min` to `max`, both included.
    Integer {
        /// Least value.
        min: i64,
        /// Greatest value.
        max: i64,
        /// Whether an empty element may say "no limit".
        or_empty: bool,
    },
    /// A list of texts, each in an element of its own.
    List {
        /// The element of an entry.
        entry: Tag,
    },
}

/// What is known about one element of the policy document.
#[derive(Debug, PartialEq, Eq)]
pub struct ElementInfo {
    /// The name, such as `AllowCamera`.
    pub name: &'static str,
    /// The token on code page 14.
    pub token: Tag,
    /// The place in the schema, 0 to 41. The document's elements must keep this order.
    pub order: u8,
    /// The first class of documents that has it.
    pub since: PolicyClass,
    /// What it may hold.
    pub value: ValueType,
}

const fn number(min: i64, max: i64) -> ValueType {
    ValueType::Integer { min, max, or_empty: false }
}

const fn limit(min: i64, max: i64) -> ValueType {
    ValueType::Integer { min, max, or_empty: true }
}

/// Makes the table; the order is the position.
macro_rules! elements {
    ($($token:ident $name:literal $since:ident $value:expr;)*) => {
        [$(ElementInfo { name: $name, token: t::$token, order: 0, since: PolicyClass::$since, value: $value }),*]
    };
}

const UNSIGNED: i64 = u32::MAX as i64;
const SIGNED: i64 = i32::MAX as i64;

/// All elements in schema order.
pub static ELEMENTS: [ElementInfo; 42] = ordered(elements! {
    DEVICE_PASSWORD_ENABLED "DevicePasswordEnabled" V12_0 ValueType::Bool;
    ALPHANUMERIC_DEVICE_PASSWORD_REQUIRED "AlphanumericDevicePasswordRequired" V12_0 ValueType::Bool;
    PASSWORD_RECOVERY_ENABLED "PasswordRecoveryEnabled" V12_0 ValueType::Bool;
    // 12.0 has the same token under the name DeviceEncryptionEnabled.
    REQUIRE_STORAGE_CARD_ENCRYPTION "RequireStorageCardEncryption" V12_0 ValueType::Bool;
    ATTACHMENTS_ENABLED "AttachmentsEnabled" V12_0 ValueType::Bool;
    MIN_DEVICE_PASSWORD_LENGTH "MinDevicePasswordLength" V12_0 limit(1, 16);
    MAX_INACTIVITY_TIME_DEVICE_LOCK "MaxInactivityTimeDeviceLock" V12_0 limit(0, UNSIGNED);
    MAX_DEVICE_PASSWORD_FAILED_ATTEMPTS "MaxDevicePasswordFailedAttempts" V12_0 limit(4, 16);
    MAX_ATTACHMENT_SIZE "MaxAttachmentSize" V12_0 limit(0, UNSIGNED);
    ALLOW_SIMPLE_DEVICE_PASSWORD "AllowSimpleDevicePassword" V12_0 ValueType::Bool;
    DEVICE_PASSWORD_EXPIRATION "DevicePasswordExpiration" V12_0 limit(0, UNSIGNED);
    DEVICE_PASSWORD_HISTORY "DevicePasswordHistory" V12_0 number(0, UNSIGNED);
    ALLOW_STORAGE_CARD "AllowStorageCard" V12_1 ValueType::Bool;
    ALLOW_CAMERA "AllowCamera" V12_1 ValueType::Bool;
    REQUIRE_DEVICE_ENCRYPTION "RequireDeviceEncryption" V12_1 ValueType::Bool;
    ALLOW_UNSIGNED_APPLICATIONS "AllowUnsignedApplications" V12_1 ValueType::Bool;
    ALLOW_UNSIGNED_INSTALLATION_PACKAGES "AllowUnsignedInstallationPackages" V12_1 ValueType::Bool;
    MIN_DEVICE_PASSWORD_COMPLEX_CHARACTERS "MinDevicePasswordComplexCharacters" V12_1 number(1, 4);
    ALLOW_WI_FI "AllowWiFi" V12_1 ValueType::Bool;
    ALLOW_TEXT_MESSAGING "AllowTextMessaging" V12_1 ValueType::Bool;
    ALLOW_POPIMAP_EMAIL "AllowPOPIMAPEmail" V12_1 ValueType::Bool;
    ALLOW_BLUETOOTH "AllowBluetooth" V12_1 number(0, 2);
    ALLOW_IR_DA "AllowIrDA" V12_1 ValueType::Bool;
    REQUIRE_MANUAL_SYNC_WHEN_ROAMING "RequireManualSyncWhenRoaming" V12_1 ValueType::Bool;
    ALLOW_DESKTOP_SYNC "AllowDesktopSync" V12_1 ValueType::Bool;
    MAX_CALENDAR_AGE_FILTER "MaxCalendarAgeFilter" V12_1 number(0, 7);
    ALLOW_HTML_EMAIL "AllowHTMLEmail" V12_1 ValueType::Bool;
    MAX_EMAIL_AGE_FILTER "MaxEmailAgeFilter" V12_1 number(0, 5);
    MAX_EMAIL_BODY_TRUNCATION_SIZE "MaxEmailBodyTruncationSize" V12_1 number(-1, SIGNED);
    MAX_EMAIL_HTML_BODY_TRUNCATION_SIZE "MaxEmailHTMLBodyTruncationSize" V12_1 number(-1, SIGNED);
    REQUIRE_SIGNED_SMIME_MESSAGES "RequireSignedSMIMEMessages" V12_1 ValueType::Bool;
    REQUIRE_ENCRYPTED_SMIME_MESSAGES "RequireEncryptedSMIMEMessages" V12_1 ValueType::Bool;
    REQUIRE_SIGNED_SMIME_ALGORITHM "RequireSignedSMIMEAlgorithm" V12_1 number(0, 1);
    REQUIRE_ENCRYPTION_SMIME_ALGORITHM "RequireEncryptionSMIMEAlgorithm" V12_1 number(0, 4);
    ALLOW_SMIME_ENCRYPTION_ALGORITHM_NEGOTIATION "AllowSMIMEEncryptionAlgorithmNegotiation" V12_1 number(0, 2);
    ALLOW_SMIME_SOFT_CERTS "AllowSMIMESoftCerts" V12_1 ValueType::Bool;
    ALLOW_BROWSER "AllowBrowser" V12_1 ValueType::Bool;
    ALLOW_CONSUMER_EMAIL "AllowConsumerEmail" V12_1 ValueType::Bool;
    ALLOW_REMOTE_DESKTOP "AllowRemoteDesktop" V12_1 ValueType::Bool;
    ALLOW_INTERNET_SHARING "AllowInternetSharing" V12_1 ValueType::Bool;
    UNAPPROVED_IN_ROM_APPLICATION_LIST "UnapprovedInROMApplicationList" V12_1
        ValueType::List { entry: t::APPLICATION_NAME };
    APPROVED_APPLICATION_LIST "ApprovedApplicationList" V12_1 ValueType::List { entry: t::HASH };
});

const fn ordered(mut elements: [ElementInfo; 42]) -> [ElementInfo; 42] {
    let mut at = 0;
    while at < elements.len() {
        elements[at].order = at as u8;
        at += 1;
    }
    elements
}

/// Finds an element of the policy document by its exact name.
///
/// ```
/// let camera = wire_eas::provision::element("AllowCamera").expect("known");
/// assert_eq!(camera.order, 13);
/// ```
pub fn element(name: &str) -> Option<&'static ElementInfo> {
    ELEMENTS.iter().find(|element| element.name == name)
}

impl ElementInfo {
    /// Finds an element by its token, for documents of other servers.
    pub fn from_token(token: Tag) -> Option<&'static ElementInfo> {
        ELEMENTS.iter().find(|element| element.token == token)
    }

    /// The name that a class of documents has for the token.
    pub fn name_in(&self, class: PolicyClass) -> &'static str {
        if class == PolicyClass::V12_0 && self.token == t::REQUIRE_STORAGE_CARD_ENCRYPTION {
            "DeviceEncryptionEnabled"
        } else {
            codepages::name(self.token).unwrap_or(self.name)
        }
    }
}
