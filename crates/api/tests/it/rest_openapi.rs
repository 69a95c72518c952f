//! The document and the router are one.

use std::collections::BTreeSet;

use api::v1::routes_table;
use serde_json::Value;

use crate::rest_world::World;

#[test]
fn every_route_is_documented_and_nothing_else() {
    let document = api::openapi();
    let documented: BTreeSet<String> = document["paths"]
        .as_object()
        .unwrap()
        .iter()
        .flat_map(|(path, methods)| {
            methods.as_object().unwrap().keys().map(move |m| format!("{} {path}", m.to_uppercase()))
        })
        .collect();
    let registered: BTreeSet<String> =
        routes_table().iter().map(|r| format!("{} {}", r.method, r.path)).collect();
    assert_eq!(registered.len(), routes_table().len(), "a route is registered twice");
    assert_eq!(documented, registered);
}

#[test]
fn references_lead_somewhere_and_names_are_unique() {
    let document = api::openapi();
    let mut pointers = Vec::new();
    collect(&document, &mut pointers);
    assert!(pointers.len() > 100);
    for pointer in pointers {
        assert!(document.pointer(pointer.trim_start_matches('#')).is_some(), "{pointer}");
    }
    // schemars numbers a second type of the same name: that would hide one behind the other in client generators.
    for name in document["components"]["schemas"].as_object().unwrap().keys() {
        assert!(!name.ends_with(|c: char| c.is_ascii_digit()), "{name}");
    }
    let ids: Vec<_> = operations(&document).map(|o| o["operationId"].as_str().unwrap().to_owned()).collect();
    assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len());
}

#[test]
fn everything_is_described() {
    let document = api::openapi();
    for operation in operations(&document) {
        let id = &operation["operationId"];
        assert!(operation["summary"].as_str().is_some_and(|s| s.len() > 3), "{id}");
        for parameter in operation["parameters"].as_array().unwrap() {
            let about = parameter["description"].as_str().unwrap_or_default();
            assert!(!about.is_empty(), "{id}: {}", parameter["name"]);
        }
    }
    for (name, schema) in document["components"]["schemas"].as_object().unwrap() {
        for (field, about) in schema["properties"].as_object().into_iter().flatten() {
            let said =
                about.get("description").is_some() || about.get("$ref").is_some() || about.is_boolean();
            assert!(said || field == "type", "{name}.{field} is not described");
        }
    }
}

#[tokio::test]
async fn the_document_is_open_to_everybody_and_the_router_serves_it() {
    let world = World::build().await;
    let reply = world.send("GET", "/api/openapi.json", None, &Value::Null).await;
    assert_eq!(reply.expect(200), api::openapi());
}

fn operations(document: &Value) -> impl Iterator<Item = &Value> {
    document["paths"].as_object().unwrap().values().flat_map(|methods| methods.as_object().unwrap().values())
}

fn collect<'d>(value: &'d Value, found: &mut Vec<&'d str>) {
    match value {
        Value::Object(fields) => {
            found.extend(fields.get("$ref").and_then(Value::as_str));
            fields.values().for_each(|v| collect(v, found));
        }
        Value::Array(items) => items.iter().for_each(|v| collect(v, found)),
        _ => {}
    }
}
