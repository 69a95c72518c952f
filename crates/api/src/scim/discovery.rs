//! What this service can do: ServiceProviderConfig, ResourceTypes and Schemas (RFC 7643, 5 to 7).

use domain::model::CustomScope;
use engine::custom_columns;
use http::StatusCode;
use serde_json::{Value, json};

use super::error::{Answer, Result, ScimError};
use super::page::{COUNT_MAX, Call, list};
use super::resource::{CUSTOM, GROUP, USER};

pub(super) async fn config(call: Call) -> Answer {
    let yes = json!({ "supported": true });
    let no = json!({ "supported": false });
    Answer(
        StatusCode::OK,
        json!({
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"],
            "patch": yes,
            "bulk": { "supported": false, "maxOperations": 0, "maxPayloadSize": 0 },
            "filter": { "supported": true, "maxResults": COUNT_MAX },
            "changePassword": yes,
            "sort": no,
            "etag": yes,
            "authenticationSchemes": [{
                "type": "oauthbearertoken", "name": "Bearer token", "primary": true,
                "description": "A REST token of the organization that may provision users.",
            }],
            "meta": { "resourceType": "ServiceProviderConfig", "location": format!("{}/ServiceProviderConfig", call.base) },
        }),
    )
}

fn resource_types(base: &str) -> Vec<Value> {
    let of = |name: &str, schema: &str, extensions: Value| {
        json!({
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:ResourceType"],
            "id": name, "name": name, "endpoint": format!("/{name}s"), "schema": schema,
            "schemaExtensions": extensions,
            "meta": { "resourceType": "ResourceType", "location": format!("{base}/ResourceTypes/{name}") },
        })
    };
    let custom = json!([{ "schema": CUSTOM, "required": false }]);
    vec![of("User", USER, custom), of("Group", GROUP, json!([]))]
}

pub(super) async fn types(call: Call) -> Answer {
    let all = resource_types(&call.base);
    list(all.len(), 1, all)
}

pub(super) async fn one_type(call: Call) -> Result<Answer> {
    one(resource_types(&call.base), &call.id)
}

fn one(all: Vec<Value>, id: &str) -> Result<Answer> {
    let found =
        all.into_iter().find(|item| item["id"].as_str().is_some_and(|known| known.eq_ignore_ascii_case(id)));
    found
        .map(|item| Answer(StatusCode::OK, item))
        .ok_or_else(|| ScimError::not_found("There is no such thing."))
}

/// An attribute with one value.
fn attribute(name: &str, kind: &str, required: bool, mutability: &str, unique: bool) -> Value {
    json!({
        "name": name, "type": kind, "multiValued": false, "required": required, "caseExact": false,
        "mutability": mutability, "returned": if mutability == "writeOnly" { "never" } else { "default" },
        "uniqueness": if unique { "server" } else { "none" },
    })
}

fn text(name: &str) -> Value {
    attribute(name, "string", false, "readWrite", false)
}

/// An attribute that is a list of objects, or one object.
fn complex(name: &str, many: bool, mutability: &str, parts: Vec<Value>) -> Value {
    json!({
        "name": name, "type": "complex", "multiValued": many, "required": false, "mutability": mutability,
        "returned": "default", "uniqueness": "none", "subAttributes": parts,
    })
}

fn schema_list(call: &Call) -> Vec<Value> {
    let of = |id: &str, name: &str, attributes: Vec<Value>| {
        json!({
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Schema"],
            "id": id, "name": name, "description": name, "attributes": attributes,
            "meta": { "resourceType": "Schema", "location": format!("{}/Schemas/{id}", call.base) },
        })
    };
    let valued =
        || vec![text("value"), text("type"), attribute("primary", "boolean", false, "readWrite", false)];
    let listed = || {
        let fixed = |name| attribute(name, "string", false, "readOnly", false);
        vec![
            attribute("value", "string", false, "immutable", false),
            fixed("display"),
            fixed("$ref"),
            fixed("type"),
        ]
    };
    let user = vec![
        attribute("userName", "string", true, "readWrite", true),
        complex("name", false, "readWrite", vec![text("givenName"), text("familyName"), text("formatted")]),
        text("displayName"),
        attribute("active", "boolean", false, "readWrite", false),
        attribute("password", "string", false, "writeOnly", false),
        complex("emails", true, "readWrite", valued()),
        complex("phoneNumbers", true, "readWrite", valued()),
        complex("groups", true, "readOnly", listed()),
    ];
    let group = vec![
        attribute("displayName", "string", true, "readWrite", true),
        complex("members", true, "readWrite", listed()),
    ];
    let org = call.org.read();
    let own = custom_columns::of_scope(&org, CustomScope::User).map(|column| text(&column.name)).collect();
    vec![of(USER, "User", user), of(GROUP, "Group", group), of(CUSTOM, "Custom columns", own)]
}

pub(super) async fn schemas(call: Call) -> Answer {
    let all = schema_list(&call);
    list(all.len(), 1, all)
}

pub(super) async fn schema(call: Call) -> Result<Answer> {
    one(schema_list(&call), &call.id)
}
