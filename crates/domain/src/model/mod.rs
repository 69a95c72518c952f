//! The model: what an installation keeps, as plain structures.
//!
//! Every structure that is stored carries its organization, its id and a `rev` that grows with every write, so
//! that caches and other nodes can tell newer from older. Secrets are never plain fields: they are sealed
//! bytes ([`Sealed`]) or hashes.

mod access;
mod administrator;
mod alert;
mod command;
mod compliance_day;
mod custom_column;
mod device;
mod directory;
mod enrollment;
mod governor;
mod group;
mod identity;
mod installation;
mod journal;
mod mailing;
mod member_rule;
mod messaging;
mod moment;
mod organization;
mod policy;
mod quota;
mod radius;
mod report_mail;
mod schedule;
mod server;
mod session;
mod terms;
#[cfg(test)]
mod tests;
mod user;
mod user_import;
mod verdict_record;
mod view;
mod watch;
mod webhook;

pub use access::{
    AccessConfig, Exception, ExceptionKind, LADDER_MINUTES, Level, REMEDIATIONS, Remediation, Restrictions,
    RuleConfig,
};
pub use administrator::{
    AdminKind, Administrator, AdministratorId, Passkey, PasswordHash, Role, RoleId, RoleRef, SecondFactor,
};
pub use alert::{Alert, AlertId, AlertRule, AlertSettings, AlertState, QuietHours, Recipients};
pub use catalog::Liability;
pub use command::{CommandId, CommandState, OrderedCommand, Origin};
pub use compliance_day::ComplianceDay;
pub use custom_column::{
    CUSTOM_CHOICES_MAX, CUSTOM_TEXT_MAX, CustomColumn, CustomColumnId, CustomKind, CustomOrder, CustomScope,
    CustomValues,
};
pub use device::{
    AppliedPolicy, BackendState, Block, Channel, ChannelId, ChannelKind, Closed, DepositedPassword, Device,
    DeviceId, DeviceState, DueRemediation, EasState, FindingRecord, SentPolicy, Verdict, WipeKind, WipeState,
};
pub use directory::{
    AttributeMap, DirectoryIdentity, DirectoryLink, DirectoryRole, DirectoryRun, DirectorySecurity,
    DirectoryServer, DirectoryServerId, DisabledTest, DisabledWhen, VanishedAction, is_attribute,
};
pub use enrollment::{EnrollmentToken, EnrollmentTokenId, PIN_ATTEMPTS, TokenEnd, TokenOrigin, TokenState};
pub use governor::{Governor, HeldChange, HeldChangeId, OutsideApprover};
pub use group::{Group, GroupId, GroupSettings};
pub use identity::{
    IdentityProvider, IdentityProviderId, LinkedIdentity, RoleRule, SessionProvider, SignInSettings,
    UserField, UserIdentity, UserRule,
};
pub use installation::InstallationSettings;
pub use journal::{Actor, JournalEntry, JournalRow};
pub use mailing::{
    LetterState, MAILING_ISSUES_MAX, Mailing, MailingId, MailingIssue, MailingRecipient, UserLetter,
};
pub use member_rule::{
    CONDITION_VALUE_MAX, CONDITIONS_MAX, Comparison, MemberCondition, MemberField, MemberQuery, MemberRule,
    NETWORKS_MAX, Site,
};
pub use messaging::{
    LetterSettings, Mail, MailFile, MailFileId, MailId, MailState, Messaging, SmtpSecurity, SmtpServer,
};
pub use moment::Moment;
pub use organization::{
    GovernorSettings, Organization, OrganizationId, OrganizationSettings, RedirectTargets,
};
pub use policy::{PolicyRevision, PolicySuite, PolicySuiteId, SuiteValues};
pub use quota::{Quota, QuotaReason};
pub use radius::{
    RadiusRequest, RadiusRequestId, RadiusRequestKind, RadiusServer, RadiusServerId, RadiusState, StationForm,
};
pub use report_mail::{Recurrence, ReportMail, ReportMailId, TaskOutcome};
pub use schedule::{RoamingMode, Schedule, ScheduleHalf, ScheduleId, ScheduleZone};
pub use server::{ActiveSyncServer, BlockForm, LoginForm, ServerId, ServerTrust, WipeAckStatus};
pub use session::{ApiToken, ApiTokenId, Session, SignInMethod, UserSession};
pub use terms::{TERMS_TEXT_MAX, Terms, TermsAccepted, TermsId, TermsInForce};
pub use user::{User, UserId, UserState};
pub use user_import::{
    Duplicates, IMPORT_ISSUES_MAX, ImportCounts, ImportIssue, ImportState, UserImport, UserImportId,
};
pub use verdict_record::{Evidence, FoundRecord, VerdictRecord, evidence};
pub use view::{SavedView, SavedViewId, ViewList};
pub use watch::{LEAVE_AFTER_MAX, Look, WATCH_MINUTES_MAX, Watched};
pub use webhook::{Webhook, WebhookDelivery, WebhookId, WebhookState};

use serde::{Deserialize, Serialize};

/// A secret sealed with the installation's key; only the engine can open it. Never shown, never logged.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sealed(pub Vec<u8>);

impl std::fmt::Debug for Sealed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Sealed(…)")
    }
}
