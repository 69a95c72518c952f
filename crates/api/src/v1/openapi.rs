//! The OpenAPI 3.1 document, written from the same descriptions that register the handlers.

use door::Access;
use schemars::Schema;
use schemars::generate::{SchemaGenerator, SchemaSettings};
use serde_json::{Map, Value, json};

use super::endpoint::{Content, Endpoint, Family};
use super::problem::{KINDS, PROBLEM_JSON, Problem};
use super::words::Ref;

/// Writes the document.
pub(super) fn document(families: &[Family]) -> Value {
    let mut writer = Writer::default();
    let mut paths = Map::new();
    let mut tags = Vec::new();
    for family in families {
        tags.push(json!({ "name": family.name, "description": family.about }));
        for endpoint in &family.endpoints {
            let path = paths.entry(endpoint.path).or_insert_with(|| json!({}));
            path[endpoint.method.as_str().to_lowercase()] = writer.operation(family, endpoint);
        }
    }
    let responses = writer.problems();
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "NotifyMDM REST API",
            "version": "1",
            "description": ABOUT,
            "license": { "name": "Apache-2.0", "identifier": "Apache-2.0" },
        },
        "tags": tags,
        "paths": paths,
        "security": [{ "token": [] }],
        "components": {
            "securitySchemes": {
                "token": { "type": "http", "scheme": "bearer", "description": TOKEN },
            },
            "responses": responses,
            "schemas": writer.schemas(),
        },
    })
}

const ABOUT: &str = "Everything the console can do. Times are milliseconds since 1970-01-01 UTC. Ids are texts whose \
    prefix says what they are of. Lists come in pages: send `next` as `cursor` to get the following one. Objects that \
    are replaced as a whole have an `ETag`; send it as `If-Match`, and an edit of something that changed meanwhile is \
    refused with 412. Unknown fields are refused by name. What belongs to another organization answers exactly like \
    what does not exist.";

const TOKEN: &str = "A token made in the console under My account, or by `POST /api/v1/tokens`. It belongs to one \
    organization and never allows more than its owner may do. Session cookies are not accepted.";

struct Writer {
    incoming: SchemaGenerator,
    outgoing: SchemaGenerator,
}

impl Default for Writer {
    fn default() -> Self {
        let settings = || {
            SchemaSettings::draft2020_12().with(|s| {
                s.definitions_path = "/components/schemas".into();
                s.meta_schema = None;
            })
        };
        Self {
            incoming: settings().for_deserialize().into_generator(),
            outgoing: settings().for_serialize().into_generator(),
        }
    }
}

impl Writer {
    fn operation(&mut self, family: &Family, endpoint: &Endpoint) -> Value {
        let mut operation = json!({
            "operationId": operation_id(endpoint),
            "tags": [family.name],
            "summary": endpoint.summary,
            "description": description(endpoint),
            "parameters": self.parameters(endpoint),
            "responses": self.responses(endpoint),
        });
        if let Some(describe) = endpoint.body {
            let schema = describe(&mut self.incoming);
            operation["requestBody"] =
                json!({ "required": true, "content": { "application/json": { "schema": schema } } });
        }
        if !endpoint.takes.is_empty() {
            let content: Map<String, Value> =
                endpoint.takes.iter().map(|media| ((*media).to_owned(), json!({}))).collect();
            operation["requestBody"] = json!({ "required": true, "content": content });
        }
        match endpoint.access {
            Access::Public => operation["security"] = json!([]),
            Access::Needs(permission) => operation["x-permission"] = json!(permission),
            Access::System => operation["x-system-administrator"] = json!(true),
            Access::SignedIn => {}
        }
        operation
    }

    fn parameters(&mut self, endpoint: &Endpoint) -> Vec<Value> {
        let mut all: Vec<Value> = path_names(endpoint.path)
            .map(|name| {
                let (schema, about) = path_parameter(&mut self.incoming, name);
                json!({ "name": name, "in": "path", "required": true, "description": about, "schema": schema })
            })
            .collect();
        if let Some(describe) = endpoint.query {
            all.extend(query_parameters(&describe(&mut self.incoming)));
        }
        if endpoint.versioned && endpoint.method == http::Method::PUT {
            all.push(json!({
                "name": "If-Match", "in": "header", "required": false, "schema": { "type": "string" },
                "description": "The ETag of the object as it was read; an edit of another version is refused with 412.",
            }));
        }
        all
    }

    fn responses(&mut self, endpoint: &Endpoint) -> Value {
        let mut good = json!({ "description": "Done." });
        match endpoint.content {
            Content::Empty => {}
            Content::Json(describe) => {
                good["description"] = json!("The answer.");
                good["content"] = json!({ "application/json": { "schema": describe(&mut self.outgoing) } });
            }
            Content::Media(types) => {
                good["description"] = json!("The file.");
                good["content"] = types.iter().map(|t| ((*t).to_owned(), json!({}))).collect();
            }
        }
        let header = |about: &str| json!({ "description": about, "schema": { "type": "string" } });
        if endpoint.status == http::StatusCode::CREATED {
            good["headers"]["Location"] = header("Address of the new object.");
        }
        if endpoint.versioned {
            good["headers"]["ETag"] = header("Version of the object.");
        }
        let mut responses = Map::new();
        responses.insert(endpoint.status.as_str().to_owned(), good);
        for name in problems_of(endpoint) {
            if let Some((_, status, _)) = KINDS.iter().find(|(kind, ..)| *kind == name) {
                responses.insert(
                    status.as_str().to_owned(),
                    json!({ "$ref": format!("#/components/responses/{name}") }),
                );
            }
        }
        Value::Object(responses)
    }

    /// One shared response for each kind of problem.
    fn problems(&mut self) -> Value {
        let schema = self.outgoing.subschema_for::<Problem>();
        KINDS
            .iter()
            .map(|(kind, _, title)| {
                let content = json!({ PROBLEM_JSON: { "schema": schema } });
                ((*kind).to_owned(), json!({ "description": title, "content": content }))
            })
            .collect()
    }

    fn schemas(mut self) -> Value {
        let mut all = self.outgoing.take_definitions(true);
        for (name, schema) in self.incoming.take_definitions(true) {
            all.entry(name).or_insert(schema);
        }
        all.sort_keys();
        Value::Object(all)
    }
}

/// Kinds of problems that an endpoint can answer with.
fn problems_of(endpoint: &Endpoint) -> Vec<&'static str> {
    if endpoint.access == Access::Public {
        return Vec::new();
    }
    let mut kinds = vec!["unauthenticated", "denied", "not_found", "internal", "busy"];
    if endpoint.query.is_some() {
        kinds.push("invalid");
    }
    if endpoint.body.is_some() || !endpoint.takes.is_empty() {
        kinds.extend(["malformed", "invalid", "too_large", "media_type"]);
    }
    if endpoint.method != http::Method::GET {
        kinds.extend(["conflict", "held", "invalid"]);
    }
    if endpoint.path.ends_with("/password") {
        kinds.push("locked");
    }
    if endpoint.versioned && endpoint.method == http::Method::PUT {
        kinds.extend(["changed", "malformed"]);
    }
    kinds
}

/// `get_devices_device_facts_key` for `GET /api/v1/devices/{device}/facts/{key}`.
fn operation_id(endpoint: &Endpoint) -> String {
    let path = endpoint.path.trim_start_matches("/api/v1/").trim_start_matches("/api/");
    let words = path.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    std::iter::once(endpoint.method.as_str().to_lowercase())
        .chain(words.map(str::to_owned))
        .collect::<Vec<_>>()
        .join("_")
}

fn description(endpoint: &Endpoint) -> String {
    let needs = match endpoint.access {
        Access::Public => "Open to everybody.".to_owned(),
        Access::SignedIn => "Needs a valid token.".to_owned(),
        Access::System => {
            "Needs a token of a system administrator that was not limited to a part of the permissions."
                .to_owned()
        }
        Access::Needs(permission) => {
            let info = catalog::PERMISSIONS.iter().find(|p| p.permission == permission);
            info.map(|i| format!("Needs the permission `{}` ({}).", i.key, i.label)).unwrap_or_default()
        }
    };
    if endpoint.details.is_empty() { needs } else { format!("{} {needs}", endpoint.details) }
}

pub(super) fn path_names(path: &'static str) -> impl Iterator<Item = &'static str> {
    path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
}

/// What the names in paths stand for.
fn path_parameter(generator: &mut SchemaGenerator, name: &str) -> (Schema, &'static str) {
    use domain::model as m;
    fn id<T: domain::IdKind>(generator: &mut SchemaGenerator) -> Schema {
        generator.subschema_for::<Ref<T>>()
    }
    match name {
        "administrator" => (id::<m::Administrator>(generator), "An administrator."),
        "command" => (id::<m::OrderedCommand>(generator), "An ordered command."),
        "device" => (id::<m::Device>(generator), "A device."),
        "organization" => (id::<m::Organization>(generator), "An organization."),
        "role" => (id::<m::Role>(generator), "A role of the organization's own."),
        "identity_provider" => (id::<m::IdentityProvider>(generator), "An identity provider."),
        "webhook" => (id::<m::Webhook>(generator), "A webhook."),
        "radius_server" => (id::<m::RadiusServer>(generator), "A RADIUS server."),
        "ldap_server" => (id::<m::DirectoryServer>(generator), "An LDAP server."),
        "server" => (id::<m::ActiveSyncServer>(generator), "An ActiveSync server."),
        "group" => (id::<m::Group>(generator), "A group."),
        "change" => (id::<m::HeldChange>(generator), "A held change."),
        "alert" => (id::<m::Alert>(generator), "An alert."),
        "suite" => (id::<m::PolicySuite>(generator), "A policy suite."),
        "schedule" => (id::<m::Schedule>(generator), "A device connection schedule."),
        "token" => (id::<m::ApiToken>(generator), "An API token."),
        "user" => (id::<m::User>(generator), "A user."),
        "column" => (id::<m::CustomColumn>(generator), "A custom column."),
        "import" => (id::<m::UserImport>(generator), "An import of users."),
        "enrollment_code" => (id::<m::EnrollmentToken>(generator), "An enrolment code."),
        "mailing" => (id::<m::Mailing>(generator), "A mailing."),
        "letter" => {
            (generator.subschema_for::<super::words::Word<catalog::LetterKind>>(), "A kind of letter.")
        }
        "language" => (generator.subschema_for::<String>(), "A language, such as en or de."),
        "view" => (id::<m::SavedView>(generator), "A saved view of one's own."),
        "report_mail" => (id::<m::ReportMail>(generator), "A report by mail."),
        "task" => (generator.subschema_for::<String>(), "A task as listed."),
        "passkey" => (generator.subschema_for::<String>(), "The id of a passkey as listed."),
        "session" => (generator.subschema_for::<String>(), "The id of a session as listed."),
        "fact" => (generator.subschema_for::<String>(), "Key of a fact, as in the catalogue."),
        "report" => (generator.subschema_for::<super::words::Word<catalog::Report>>(), "A report."),
        "step" => {
            (generator.subschema_for::<super::words::Word<catalog::Step>>(), "A step of getting started.")
        }
        "set_up_step" => {
            (generator.subschema_for::<super::words::Word<catalog::SetUpStep>>(), "A step of the wizard.")
        }
        "terms" => (id::<m::Terms>(generator), "A version of the terms of use."),
        "mac" => (generator.subschema_for::<String>(), "A MAC address in any spelling."),
        _ => (generator.subschema_for::<String>(), ""),
    }
}

/// Fields of a query structure as parameters.
fn query_parameters(schema: &Schema) -> Vec<Value> {
    let required: Vec<_> = schema
        .get("required")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    let fields = schema.get("properties").and_then(Value::as_object).into_iter().flatten();
    fields
        .map(|(name, field)| {
            let mut field = field.clone();
            let about = field.as_object_mut().and_then(|f| f.shift_remove("description"));
            json!({
                "name": name, "in": "query", "required": required.contains(&name.as_str()),
                "description": about.unwrap_or_default(), "schema": field,
            })
        })
        .collect()
}
