//! The catalogue: what exists, as data, for programs that draw forms or check values.

use axum::Json;
use catalog::{
    Category, CommandKind, Danger, FactType, Field, Honour, Kind, Liability, Permission, Platform, RuleId,
    Severity, Target, Template,
};
use door::Access;
use http::Method;
use schemars::JsonSchema;
use serde::Serialize;

use super::answer::Page;
use super::endpoint::{Endpoint, Family, endpoint};
use super::input::Call;
use super::words::{AnyValue, SettingValues, Word};

pub(super) fn family() -> Family {
    Family {
        name: "Catalogue",
        about: "What exists: settings, facts, rules, commands, permissions, platforms. The same for everybody.",
        endpoints: endpoints(),
    }
}

fn endpoints() -> Vec<Endpoint> {
    let any = Access::SignedIn;
    let get = Method::GET;
    vec![
        endpoint(get.clone(), "/api/v1/catalogue/settings", any, settings, "Policy settings")
            .gives::<Page<SettingEntry>>(),
        endpoint(get.clone(), "/api/v1/catalogue/templates", any, templates, "Templates of policy suites")
            .gives::<Page<TemplateEntry>>(),
        endpoint(get.clone(), "/api/v1/catalogue/facts", any, facts, "Facts that can be known of a device")
            .gives::<Page<FactEntry>>(),
        endpoint(get.clone(), "/api/v1/catalogue/columns", any, columns, "Columns of the device list")
            .gives::<Page<ColumnEntry>>(),
        endpoint(get.clone(), "/api/v1/catalogue/rules", any, rules, "Compliance rules")
            .gives::<Page<RuleEntry>>(),
        endpoint(get.clone(), "/api/v1/catalogue/targets", any, targets, "What restrictions can take away")
            .gives::<Page<NamedEntry>>(),
        endpoint(get.clone(), "/api/v1/catalogue/commands", any, commands, "Commands")
            .gives::<Page<CommandEntry>>(),
        endpoint(get.clone(), "/api/v1/catalogue/permissions", any, permissions, "Permissions")
            .gives::<Page<PermissionEntry>>(),
        endpoint(get.clone(), "/api/v1/catalogue/roles", any, roles, "Predefined roles")
            .gives::<Page<RoleEntry>>(),
        endpoint(get.clone(), "/api/v1/catalogue/platforms", any, platforms, "Platforms")
            .gives::<Page<NamedEntry>>(),
        endpoint(get.clone(), "/api/v1/catalogue/mail-clients", any, clients, "Mail clients")
            .gives::<Page<NamedEntry>>(),
        endpoint(get, "/api/v1/catalogue/events", any, events, "Events of the journal")
            .gives::<Page<EventEntry>>(),
    ]
}

/// What a field takes.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case", tag = "type")]
enum FieldKind {
    /// Yes or no.
    Boolean,
    /// A whole number.
    Integer {
        /// Smallest allowed.
        min: i64,
        /// Largest allowed.
        max: i64,
        /// Unit in words; empty for a bare count.
        unit: &'static str,
        /// Null is allowed and means no limit.
        optional: bool,
    },
    /// One of a few numbers.
    Choice {
        /// The numbers with their words.
        options: Vec<Choice>,
    },
    /// A list of texts.
    List {
        /// Most items.
        max_items: usize,
        /// Most characters of an item.
        max_length: usize,
        /// What one item is.
        item: &'static str,
    },
    /// Free text.
    Text {
        /// Most characters.
        max_length: usize,
    },
    /// A dotted version; empty means none.
    Version,
}

/// A number that can be chosen.
#[derive(Serialize, JsonSchema)]
struct Choice {
    /// The number.
    value: i64,
    /// What it means.
    label: &'static str,
}

impl From<&Kind> for FieldKind {
    fn from(kind: &Kind) -> Self {
        match *kind {
            Kind::Bool => Self::Boolean,
            Kind::Int { min, max, unit, optional } => Self::Integer { min, max, unit, optional },
            Kind::Choice(options) => {
                let choice = |(value, label): &(i64, &'static str)| Choice { value: *value, label };
                Self::Choice { options: options.iter().map(choice).collect() }
            }
            Kind::List { max_items, max_len, item } => Self::List { max_items, max_length: max_len, item },
            Kind::Text { max_len } => Self::Text { max_length: max_len },
            Kind::Version => Self::Version,
        }
    }
}

/// A policy setting.
#[derive(Serialize, JsonSchema)]
struct SettingEntry {
    /// Stored name.
    key: &'static str,
    /// Label.
    label: &'static str,
    /// What it does.
    help: &'static str,
    /// Category.
    category: Word<Category>,
    /// What it takes.
    field: FieldKind,
    /// The neutral value.
    default: AnyValue,
    /// Element of the ActiveSync policy document that carries it.
    activesync: Option<&'static str>,
    /// What mail clients really do with it, by platform.
    honoured: Vec<Honoured>,
    /// It only matters when this setting is on.
    depends_on: Option<&'static str>,
}

/// What a platform does with a setting.
#[derive(Serialize, JsonSchema)]
struct Honoured {
    /// Platform.
    platform: Word<Platform>,
    /// How.
    how: How,
    /// Which part, when only a part.
    note: &'static str,
}

/// How a setting is honoured.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum How {
    /// It is enforced.
    Enforces,
    /// A part of it is enforced.
    Partly,
    /// It is acknowledged and ignored.
    Ignores,
    /// It is always so, whatever is sent.
    Always,
}

impl From<&(Platform, Honour)> for Honoured {
    fn from((platform, honour): &(Platform, Honour)) -> Self {
        let (how, note) = match honour {
            Honour::Enforces => (How::Enforces, ""),
            Honour::Partly(note) => (How::Partly, *note),
            Honour::Ignores => (How::Ignores, ""),
            Honour::Always => (How::Always, ""),
        };
        Self { platform: Word(*platform), how, note }
    }
}

async fn settings() -> Json<Page<SettingEntry>> {
    let entry = |s: &'static catalog::Setting| SettingEntry {
        key: s.key,
        label: s.label,
        help: s.help,
        category: Word(s.category),
        field: (&s.kind).into(),
        default: AnyValue((s.default)()),
        activesync: s.eas.as_ref().map(|e| e.name),
        honoured: s.honoured.iter().map(Into::into).collect(),
        depends_on: s.depends_on,
    };
    Page::whole(catalog::settings().map(entry).collect())
}

/// A template.
#[derive(Serialize, JsonSchema)]
struct TemplateEntry {
    /// Stored name.
    key: &'static str,
    /// Label.
    label: &'static str,
    /// What it asks for.
    help: &'static str,
    /// Values for corporate devices that are not neutral.
    corporate: SettingValues,
    /// Values for individual devices that are not neutral.
    individual: SettingValues,
}

async fn templates() -> Json<Page<TemplateEntry>> {
    let entry = |t: Template| TemplateEntry {
        key: t.key(),
        label: t.label(),
        help: t.help(),
        corporate: SettingValues(catalog::template(t, Liability::Corporate)),
        individual: SettingValues(catalog::template(t, Liability::Individual)),
    };
    Page::whole(Template::ALL.into_iter().map(entry).collect())
}

/// A fact.
#[derive(Serialize, JsonSchema)]
struct FactEntry {
    /// Stored name.
    key: &'static str,
    /// Label.
    label: &'static str,
    /// What it means.
    help: &'static str,
    /// Type of the value.
    kind: FactKind,
    /// Unit of a number.
    unit: &'static str,
    /// Where it comes from.
    reported_by: &'static str,
    /// May be entered by hand or by REST.
    editable: bool,
    /// Something that can be enrolled here reports it by itself.
    reported: bool,
    /// Attribute in Cisco ISE's answers.
    ise: Option<&'static str>,
}

/// Type of a fact.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum FactKind {
    /// Text.
    Text,
    /// Yes or no.
    Boolean,
    /// Whole number.
    Integer,
    /// Milliseconds since 1970.
    Time,
    /// Dotted version.
    Version,
}

async fn facts() -> Json<Page<FactEntry>> {
    let entry = |f: &'static catalog::Fact| FactEntry {
        key: f.key,
        label: f.label,
        help: f.help,
        kind: match f.kind {
            FactType::Text => FactKind::Text,
            FactType::Bool => FactKind::Boolean,
            FactType::Int => FactKind::Integer,
            FactType::Time => FactKind::Time,
            FactType::Version => FactKind::Version,
        },
        unit: f.unit,
        reported_by: f.reported_by,
        editable: f.editable,
        reported: f.reported,
        ise: f.ise,
    };
    Page::whole(catalog::FACTS.iter().map(entry).collect())
}

/// A column of the device list.
#[derive(Serialize, JsonSchema)]
struct ColumnEntry {
    /// Key for `column`, `contains` and `sort`.
    key: String,
    /// Heading.
    label: String,
    /// Shown in the console unless the administrator chose otherwise.
    default: bool,
    /// Values are times.
    is_time: bool,
}

async fn columns(call: Call) -> Json<Page<ColumnEntry>> {
    let entry = |c: engine::devices::Column| ColumnEntry {
        key: c.export_key(),
        label: c.label.to_string(),
        default: c.default,
        is_time: c.is_time,
    };
    // Outside of every organization there are no columns of one's own.
    let all = match call.organization() {
        Ok(org) => engine::devices::columns_in(&org.read()),
        Err(_) => engine::devices::columns(),
    };
    Page::whole(all.into_iter().map(entry).collect())
}

/// A compliance rule.
#[derive(Serialize, JsonSchema)]
struct RuleEntry {
    /// Stored name.
    key: Word<RuleId>,
    /// The condition's number in the product guides.
    number: &'static str,
    /// Label.
    label: &'static str,
    /// What breaks it.
    help: &'static str,
    /// What the user should do.
    remedy: &'static str,
    /// How bad.
    severity: Word<Severity>,
    /// Parameters.
    params: Vec<ParamEntry>,
    /// Facts that it reads.
    needs: &'static [&'static str],
    /// Taken away unless the organization chose otherwise.
    default_targets: Vec<Word<Target>>,
    /// Something that can be enrolled here reports all that it needs; otherwise an integration has to.
    reported: bool,
    /// On in a new organization.
    default_on: bool,
    /// Always on, for the default targets, whatever levels and exceptions say; it cannot be set.
    fixed: bool,
}

/// A parameter of a rule.
#[derive(Serialize, JsonSchema)]
struct ParamEntry {
    /// Stored name.
    key: &'static str,
    /// Label.
    label: &'static str,
    /// What it does.
    help: &'static str,
    /// What it takes.
    field: FieldKind,
    /// Value unless told.
    default: AnyValue,
}

impl From<&Field> for ParamEntry {
    fn from(f: &Field) -> Self {
        let default = AnyValue((f.default)());
        Self { key: f.key, label: f.label, help: f.help, field: (&f.kind).into(), default }
    }
}

async fn rules() -> Json<Page<RuleEntry>> {
    let entry = |r: &&'static catalog::Rule| RuleEntry {
        key: Word(r.id),
        number: r.number,
        label: r.label,
        help: r.help,
        remedy: r.remedy,
        severity: Word(r.severity),
        params: r.fields.iter().map(Into::into).collect(),
        needs: r.needs,
        default_targets: r.default_targets.iter().map(|t| Word(*t)).collect(),
        reported: r.is_reported(),
        default_on: r.default_on,
        fixed: r.fixed,
    };
    Page::whole(catalog::RULES.iter().map(entry).collect())
}

/// A command.
#[derive(Serialize, JsonSchema)]
struct CommandEntry {
    /// Stored name.
    kind: Word<CommandKind>,
    /// Label.
    label: &'static str,
    /// What it does.
    help: &'static str,
    /// What will be lost, empty if nothing.
    loses: &'static str,
    /// Permission needed.
    permission: Word<Permission>,
    /// How much it can destroy.
    danger: Word<Danger>,
    /// The device must take part.
    needs_device: bool,
}

async fn commands() -> Json<Page<CommandEntry>> {
    let entry = |c: &'static catalog::Command| CommandEntry {
        kind: Word(c.kind),
        label: c.label,
        help: c.help,
        loses: c.loses,
        permission: Word(c.permission),
        danger: Word(c.danger),
        needs_device: c.needs_device,
    };
    Page::whole(catalog::COMMANDS.iter().map(entry).collect())
}

/// A permission.
#[derive(Serialize, JsonSchema)]
struct PermissionEntry {
    /// Stored name.
    key: Word<Permission>,
    /// Label.
    label: &'static str,
    /// The page that it belongs to.
    area: &'static str,
    /// Marked as dangerous.
    dangerous: bool,
}

async fn permissions() -> Json<Page<PermissionEntry>> {
    let entry = |p: &'static catalog::PermissionInfo| PermissionEntry {
        key: Word(p.permission),
        label: p.label,
        area: p.area,
        dangerous: p.dangerous,
    };
    Page::whole(catalog::PERMISSIONS.iter().map(entry).collect())
}

/// A predefined role.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "PredefinedRole")]
struct RoleEntry {
    /// Stored name.
    key: &'static str,
    /// Name shown.
    name: &'static str,
    /// What it is for.
    help: &'static str,
    /// Its permissions.
    permissions: Vec<Word<Permission>>,
}

async fn roles() -> Json<Page<RoleEntry>> {
    let entry = |r: &'static catalog::PredefinedRole| RoleEntry {
        key: r.key,
        name: r.name,
        help: r.help,
        permissions: r.permissions.iter().map(|p| Word(*p)).collect(),
    };
    Page::whole(catalog::PREDEFINED_ROLES.iter().map(entry).collect())
}

/// Something with a key and a name.
#[derive(Serialize, JsonSchema)]
struct NamedEntry {
    /// Stored name.
    key: String,
    /// Name shown.
    label: &'static str,
}

async fn targets() -> Json<Page<NamedEntry>> {
    // Targets are named by serde; their key is read the same way as everywhere else in this API.
    let key = |target: Target| {
        serde_json::to_value(target).ok().and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default()
    };
    Page::whole(catalog::TARGETS.iter().map(|t| NamedEntry { key: key(t.target), label: t.label }).collect())
}

async fn platforms() -> Json<Page<NamedEntry>> {
    Page::whole(
        catalog::PLATFORMS.iter().map(|p| NamedEntry { key: p.key.to_owned(), label: p.label }).collect(),
    )
}

async fn clients() -> Json<Page<NamedEntry>> {
    Page::whole(
        catalog::CLIENTS.iter().map(|c| NamedEntry { key: c.key.to_owned(), label: c.label }).collect(),
    )
}

/// An event.
#[derive(Serialize, JsonSchema)]
struct EventEntry {
    /// Stored name.
    key: &'static str,
    /// Words, with `{name}` for the subject.
    label: &'static str,
    /// How bad.
    severity: Word<Severity>,
}

async fn events() -> Json<Page<EventEntry>> {
    let entry =
        |e: &'static catalog::Event| EventEntry { key: e.key, label: e.label, severity: Word(e.severity) };
    Page::whole(catalog::EVENTS.iter().map(entry).collect())
}
