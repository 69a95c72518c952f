//! How ids, the catalogue's names and values look in JSON, with their schemas read from the catalogue.

use std::borrow::Cow;
use std::collections::BTreeMap;

use catalog::{FactValue, Kind, Params, Value, Values};
use domain::{Id, IdKind};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::json;

/// The id of an object: `dev_` and 32 hexadecimal digits.
pub(super) struct Ref<T>(pub Id<T>);

impl<T> Clone for Ref<T> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<T> Copy for Ref<T> {}
impl<T: IdKind> std::fmt::Debug for Ref<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::Debug::fmt(&self.0, f)
    }
}
impl<T> From<Id<T>> for Ref<T> {
    fn from(id: Id<T>) -> Self {
        Ref(id)
    }
}
impl<T: IdKind> Serialize for Ref<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}
impl<'de, T: IdKind> Deserialize<'de> for Ref<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Id::deserialize(deserializer).map(Ref)
    }
}
impl<T: IdKind> JsonSchema for Ref<T> {
    fn schema_name() -> Cow<'static, str> {
        let path = std::any::type_name::<T>();
        format!("{}Id", path.rsplit("::").next().unwrap_or(path)).into()
    }
    fn schema_id() -> Cow<'static, str> {
        format!("id:{}", T::PREFIX).into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "pattern": format!("^{}_[0-9a-f]{{32}}$", T::PREFIX) })
    }
}

/// A word of a closed vocabulary.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Word<T>(pub T);

/// A vocabulary: its name in the document, and all its words.
pub(super) trait Vocabulary: Sized {
    /// Name of the schema.
    const NAME: &'static str;
    /// What the words say.
    const ABOUT: &'static str;
    /// Every word.
    fn all() -> Vec<Self>;
}

impl<T: Serialize> Serialize for Word<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}
impl<'de, T: Deserialize<'de>> Deserialize<'de> for Word<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        T::deserialize(deserializer).map(Word)
    }
}
impl<T: Vocabulary + Serialize> JsonSchema for Word<T> {
    fn schema_name() -> Cow<'static, str> {
        T::NAME.into()
    }
    fn schema_id() -> Cow<'static, str> {
        format!("word:{}", T::NAME).into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let words: Vec<_> = T::all().iter().map(|word| json!(word)).collect();
        json_schema!({ "type": "string", "enum": words, "description": T::ABOUT })
    }
}

macro_rules! vocabulary {
    ($($type:ty, $name:literal, $about:literal, $all:expr;)*) => {
        $(impl Vocabulary for $type {
            const NAME: &'static str = $name;
            const ABOUT: &'static str = $about;
            fn all() -> Vec<Self> {
                $all
            }
        })*
    };
}

vocabulary! {
    catalog::Liability, "Liability", "Whose device it is.", catalog::Liability::ALL.to_vec();
    catalog::Platform, "Platform", "Operating-system family.", catalog::PLATFORMS.iter().map(|p| p.platform).collect();
    catalog::ClientKind, "MailClient", "Recognized mail client.", catalog::CLIENTS.iter().map(|c| c.client).collect();
    catalog::Permission, "Permission", "What an administrator may do.",
        catalog::PERMISSIONS.iter().map(|p| p.permission).collect();
    catalog::RuleId, "Rule", "A compliance rule.", catalog::RULES.iter().map(|r| r.id).collect();
    catalog::Target, "Target", "What a restriction can take away.", catalog::TARGETS.iter().map(|t| t.target).collect();
    catalog::Remedy, "Remedy", "What puts something right.", catalog::REMEDIES.iter().map(|r| r.remedy).collect();
    catalog::RemedyBy, "RemedyBy", "Who must act.",
        vec![catalog::RemedyBy::User, catalog::RemedyBy::Administrator];
    catalog::CommandKind, "CommandKind", "What can be ordered for a device.",
        catalog::COMMANDS.iter().map(|c| c.kind).collect();
    domain::model::ViewList, "ViewList", "Which list a view is one of.", domain::model::ViewList::ALL.to_vec();
    domain::model::Comparison, "Comparison", "How a condition compares.", domain::model::Comparison::ALL.to_vec();
    catalog::Danger, "Danger", "How much a command can destroy.",
        vec![catalog::Danger::None, catalog::Danger::Access, catalog::Danger::Destructive];
    catalog::Severity, "Severity", "How bad.",
        vec![catalog::Severity::Informational, catalog::Severity::Warning, catalog::Severity::Critical];
    catalog::Category, "Category", "Category of a policy setting.", catalog::CATEGORIES.to_vec();
    catalog::ConnectionKind, "ConnectionKind", "What a connection is for.",
        catalog::CONNECTIONS.iter().map(|c| c.kind).collect();
    catalog::Direction, "ConnectionDirection", "Which way a connection is opened, seen from this server.",
        vec![catalog::Direction::Inbound, catalog::Direction::Outbound];
    catalog::Transport, "ConnectionTransport", "What carries a connection.",
        vec![catalog::Transport::Tcp, catalog::Transport::Udp];
    catalog::Report, "ReportKey", "A report.", catalog::REPORTS.iter().map(|r| r.report).collect();
    catalog::Step, "Step", "A step of getting started.", catalog::STEPS.iter().map(|s| s.step).collect();
    engine::getting_started::StepState, "StepState", "How far a step is.", {
        use engine::getting_started::StepState as S;
        vec![S::Done, S::Confirmed, S::Open, S::Unavailable]
    };
    catalog::SetUpStep, "SetUpStep", "A step of the wizard.", catalog::SET_UP.iter().map(|s| s.step).collect();
    engine::set_up::SetUpState, "SetUpState", "How far a step of the wizard is.", {
        use engine::set_up::SetUpState as S;
        vec![S::Done, S::Passed, S::Open]
    };
    domain::model::RadiusRequestKind, "RadiusRequestKind", "What a RADIUS server is asked.", {
        use domain::model::RadiusRequestKind as K;
        vec![K::ChangeOfAuthorization, K::CiscoReauthenticate, K::Disconnect]
    };
    domain::model::StationForm, "StationForm", "How an access device writes MACs.", {
        use domain::model::StationForm as F;
        vec![F::UpperHyphens, F::UpperColons, F::LowerColons, F::LowerDots, F::Bare]
    };
    catalog::DirectoryKind, "DirectoryKind", "What an LDAP server is.",
        catalog::DIRECTORIES.iter().map(|preset| preset.kind).collect();
    domain::model::DirectorySecurity, "DirectorySecurity", "How an LDAP connection is protected.", {
        use domain::model::DirectorySecurity as S;
        vec![S::Tls, S::Starttls]
    };
    domain::model::VanishedAction, "VanishedAction", "What becomes of users who are gone from their directory.", {
        use domain::model::VanishedAction as A;
        vec![A::Keep, A::Disable, A::Remove]
    };
    domain::model::RadiusState, "RadiusState", "What became of a request.", {
        use domain::model::RadiusState as S;
        vec![S::Waiting, S::Acknowledged, S::Refused, S::Unanswered]
    };
    engine::devices::Posture, "Posture", "The one word that a device is shown with.",
        engine::devices::Posture::ALL.to_vec();
    domain::model::TokenState, "EnrollmentCodeState", "Where an enrolment code stands.", {
        use domain::model::TokenState as S;
        vec![S::Open, S::Expired, S::Redeemed, S::Revoked, S::Replaced, S::Guessed]
    };
    domain::model::TokenOrigin, "EnrollmentCodeOrigin", "How an enrolment code came to its user.", {
        use domain::model::TokenOrigin as O;
        vec![O::Administrator, O::Letter]
    };
    catalog::LetterKind, "LetterKind", "A kind of letter.", catalog::LETTERS.iter().map(|l| l.kind).collect();
    domain::model::LetterState, "LetterState", "Where a letter stands.", domain::model::LetterState::ALL.to_vec();
    domain::model::DeviceState, "DeviceState", "Where a device is in its life.", {
        use domain::model::DeviceState as S;
        vec![S::Quarantined, S::Enrolled, S::Wiped, S::Retired]
    };
    domain::model::ChannelKind, "ChannelKind", "Protocol by which a device reaches us.",
        vec![domain::model::ChannelKind::Activesync];
    domain::model::CommandState, "CommandState", "State of an ordered command.", {
        use domain::model::CommandState as S;
        vec![S::AwaitingApproval, S::Queued, S::Sent, S::Acknowledged, S::Failed, S::Expired, S::Cancelled]
    };
    domain::model::Origin, "Origin", "Where a command came from.", {
        use domain::model::Origin as O;
        vec![O::Console, O::Rest, O::Ise, O::Backend, O::Compliance, O::System]
    };
    domain::schedule::Day, "Day", "A day of the week.", domain::schedule::Day::ALL.to_vec();
    domain::schedule::Interval, "CheckInInterval", "Time between two check-ins; manual expects none.",
        domain::schedule::Interval::all().collect();
    domain::model::RoamingMode, "RoamingMode", "What a device does in a foreign network.",
        domain::model::RoamingMode::ALL.iter().map(|(mode, ..)| *mode).collect();
    domain::model::UserState, "UserState", "A disabled user keeps records but gets nothing.",
        vec![domain::model::UserState::Active, domain::model::UserState::Disabled];
    domain::model::AdminKind, "AdministratorKind", "Of the installation, or of one organization.",
        vec![domain::model::AdminKind::System, domain::model::AdminKind::Organization];
    domain::model::SignInMethod, "SignInMethod", "How somebody signed in.", {
        use domain::model::SignInMethod as M;
        vec![M::Password, M::PasswordAndFactor, M::Passkey, M::Provider, M::ProviderWithFactor]
    };
    domain::model::LoginForm, "LoginForm", "How the user name is sent to the mail server.", {
        use domain::model::LoginForm as F;
        vec![F::AsSent, F::User, F::UserAtDomain, F::DomainUser]
    };
    domain::model::BlockForm, "BlockForm", "How a blocked device is refused from ActiveSync 14.0 on.",
        vec![domain::model::BlockForm::Http403, domain::model::BlockForm::Status129];
    domain::model::WipeAckStatus, "PolicyReport", "What the mail server is told about our policy.", {
        use domain::model::WipeAckStatus as W;
        vec![W::Full, W::Partial, W::External]
    };
    domain::notification::Occasion, "NotificationOccasion", "What a user is told.",
        domain::notification::Occasion::ALL.to_vec();
    domain::model::AlertState, "AlertState", "Where an alert stands.", {
        use domain::model::AlertState as S;
        vec![S::New, S::Acknowledged, S::Closed]
    };
    domain::model::SmtpSecurity, "SmtpSecurity", "How the connection to an SMTP server is protected.", {
        use domain::model::SmtpSecurity as S;
        vec![S::Tls, S::Starttls, S::Plain]
    };
    domain::model::MailState, "MailState", "Where an outgoing mail stands.", {
        use domain::model::MailState as S;
        vec![S::Waiting, S::Sent, S::GivenUp]
    };
    domain::model::ExceptionKind, "ExceptionKind", "How an exception changes the outcome.",
        vec![
            domain::model::ExceptionKind::Never,
            domain::model::ExceptionKind::Extra,
            domain::model::ExceptionKind::Custom,
        ];
}

/// Values of policy settings by key; a missing key means the setting's default.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct SettingValues(pub Values);

impl JsonSchema for SettingValues {
    fn schema_name() -> Cow<'static, str> {
        "SettingValues".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let mut properties = serde_json::Map::new();
        for setting in catalog::settings() {
            let mut schema = schema_of(&setting.kind);
            schema["title"] = json!(setting.label);
            schema["description"] = json!(setting.help);
            schema["default"] = json!((setting.default)());
            properties.insert(setting.key.to_owned(), schema);
        }
        json_schema!({
            "type": "object",
            "description": "Values of policy settings by key; a missing key means the setting's default.",
            "properties": properties,
            "additionalProperties": false,
        })
    }
}

/// The schema of a field of the catalogue.
fn schema_of(kind: &Kind) -> serde_json::Value {
    match kind {
        Kind::Bool => json!({ "type": "boolean" }),
        Kind::Int { min, max, optional: false, .. } => {
            json!({ "type": "integer", "minimum": min, "maximum": max })
        }
        Kind::Int { min, max, optional: true, .. } => {
            json!({ "type": ["integer", "null"], "minimum": min, "maximum": max })
        }
        Kind::Choice(options) => {
            json!({ "type": "integer", "enum": options.iter().map(|(value, _)| value).collect::<Vec<_>>() })
        }
        Kind::List { max_items, max_len, .. } => json!({
            "type": "array", "maxItems": max_items,
            "items": { "type": "string", "minLength": 1, "maxLength": max_len },
        }),
        Kind::Text { max_len } => json!({ "type": "string", "maxLength": max_len }),
        Kind::Version => json!({ "type": "string", "maxLength": 40 }),
    }
}

/// A value of a setting or of a rule's parameter.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct AnyValue(pub Value);

impl JsonSchema for AnyValue {
    fn schema_name() -> Cow<'static, str> {
        "Value".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "null (no limit), yes or no, a number, a text, or a list of texts.",
            "type": ["null", "boolean", "integer", "string", "array"],
            "items": { "type": "string" },
        })
    }
}

/// Parameters of a rule by key; missing ones take their defaults.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct RuleParams(pub Params);

impl JsonSchema for RuleParams {
    fn schema_name() -> Cow<'static, str> {
        "RuleParams".into()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        BTreeMap::<String, AnyValue>::json_schema(generator)
    }
}

/// The value of a fact.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Known(pub FactValue);

impl JsonSchema for Known {
    fn schema_name() -> Cow<'static, str> {
        "FactValue".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "Yes or no, a number or time (milliseconds since 1970), or a text or version.",
            "type": ["boolean", "integer", "string"],
        })
    }
}
