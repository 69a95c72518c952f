//! A small JSON Schema validator for exactly the keywords that the document uses. An unknown keyword fails, so that
//! nothing is believed unchecked.

use api::v1::routes_table;
use serde_json::Value;

use crate::rest_world::Reply;

pub struct Document(pub Value);

impl Document {
    pub fn new(document: Value) -> Self {
        Self(document)
    }

    /// The answer has a documented status, and its body fits the schema of that status.
    #[track_caller]
    pub fn check_answer(&self, method: &str, path: &str, reply: &Reply) {
        let Some(template) = template_of(method, path) else { return };
        let operation = &self.0["paths"][template][method.to_lowercase()];
        let place = format!("{method} {template} → {}", reply.status);
        let response = self.resolve(&operation["responses"][reply.status.to_string()]);
        assert!(response.is_object(), "{place} is not documented: {}", String::from_utf8_lossy(&reply.bytes));
        let Some(content) = response["content"].as_object() else {
            assert!(reply.bytes.is_empty(), "{place} has a body");
            return;
        };
        let media = reply.header("content-type").split(';').next().unwrap_or_default();
        let schema = content.get(media).unwrap_or_else(|| panic!("{place}: {media} is not documented"));
        if let Some(schema) = schema.get("schema")
            && let Err(why) = self.fits(schema, &reply.json, "$")
        {
            panic!("{place}: {why}\n{:#}", reply.json);
        }
    }

    fn resolve<'d>(&'d self, value: &'d Value) -> &'d Value {
        match value.get("$ref").and_then(Value::as_str) {
            Some(pointer) => {
                let found = self.0.pointer(pointer.trim_start_matches('#'));
                self.resolve(found.unwrap_or_else(|| panic!("{pointer} leads nowhere")))
            }
            None => value,
        }
    }

    /// Whether a value fits a schema; the error says where it does not.
    pub fn fits(&self, schema: &Value, value: &Value, at: &str) -> Result<(), String> {
        let schema = match schema {
            Value::Bool(true) => return Ok(()),
            Value::Bool(false) => return Err(format!("{at}: nothing is allowed here")),
            Value::Object(rules) => rules,
            other => return Err(format!("{at}: {other} is not a schema")),
        };
        for (keyword, rule) in schema {
            self.check(keyword, rule, schema, value, at)?;
        }
        Ok(())
    }

    fn check(
        &self,
        keyword: &str,
        rule: &Value,
        schema: &serde_json::Map<String, Value>,
        value: &Value,
        at: &str,
    ) -> Result<(), String> {
        let fail = |why: String| Err(format!("{at}: {why}: {value}"));
        match keyword {
            "title" | "description" | "default" | "format" | "examples" | "writeOnly" => Ok(()),
            "$ref" => {
                let pointer = rule.as_str().unwrap_or_default();
                let found = self.0.pointer(pointer.trim_start_matches('#'));
                self.fits(found.ok_or_else(|| format!("{pointer} leads nowhere"))?, value, at)
            }
            "type" => {
                let types: Vec<&str> = match rule {
                    Value::Array(list) => list.iter().filter_map(Value::as_str).collect(),
                    other => other.as_str().into_iter().collect(),
                };
                if types.iter().any(|t| is_type(t, value)) { Ok(()) } else { fail(format!("not {rule}")) }
            }
            "enum" => {
                let known = rule.as_array().is_some_and(|all| all.contains(value));
                if known { Ok(()) } else { fail(format!("not one of {rule}")) }
            }
            "const" => {
                if rule == value {
                    Ok(())
                } else {
                    fail(format!("not {rule}"))
                }
            }
            "pattern" => match value.as_str() {
                Some(text) if !matches_id(rule.as_str().unwrap_or_default(), text) => {
                    fail(format!("does not match {rule}"))
                }
                _ => Ok(()),
            },
            "minimum" | "maximum" => match (value.as_f64(), rule.as_f64()) {
                (Some(n), Some(limit))
                    if (keyword == "minimum" && n < limit) || (keyword == "maximum" && n > limit) =>
                {
                    fail(format!("{keyword} is {rule}"))
                }
                _ => Ok(()),
            },
            "minLength" | "maxLength" => {
                match (value.as_str().map(|t| t.chars().count() as u64), rule.as_u64()) {
                    (Some(n), Some(limit))
                        if (keyword == "minLength" && n < limit) || (keyword == "maxLength" && n > limit) =>
                    {
                        fail(format!("{keyword} is {rule}"))
                    }
                    _ => Ok(()),
                }
            }
            "minItems" | "maxItems" => match (value.as_array().map(|a| a.len() as u64), rule.as_u64()) {
                (Some(n), Some(limit))
                    if (keyword == "minItems" && n < limit) || (keyword == "maxItems" && n > limit) =>
                {
                    fail(format!("{keyword} is {rule}"))
                }
                _ => Ok(()),
            },
            "uniqueItems" => match value.as_array() {
                Some(items) if items.iter().enumerate().any(|(i, item)| items[..i].contains(item)) => {
                    fail("items repeat".into())
                }
                _ => Ok(()),
            },
            "items" => value
                .as_array()
                .into_iter()
                .flatten()
                .enumerate()
                .try_for_each(|(i, item)| self.fits(rule, item, &format!("{at}[{i}]"))),
            "required" => match value.as_object() {
                Some(object) => rule
                    .as_array()
                    .into_iter()
                    .flatten()
                    .filter_map(Value::as_str)
                    .find(|name| !object.contains_key(*name))
                    .map_or(Ok(()), |name| fail(format!("{name} is missing"))),
                None => Ok(()),
            },
            "properties" => value.as_object().into_iter().flatten().try_for_each(|(name, field)| {
                rule.get(name).map_or(Ok(()), |schema| self.fits(schema, field, &format!("{at}.{name}")))
            }),
            "additionalProperties" => {
                value.as_object().into_iter().flatten().try_for_each(|(name, field)| {
                    let declared = schema.get("properties").is_some_and(|p| p.get(name).is_some());
                    if declared { Ok(()) } else { self.fits(rule, field, &format!("{at}.{name}")) }
                })
            }
            "anyOf" | "oneOf" => {
                let options = rule.as_array().map(Vec::as_slice).unwrap_or_default();
                let good = options.iter().filter(|option| self.fits(option, value, at).is_ok()).count();
                if good == 1 || (keyword == "anyOf" && good > 1) {
                    Ok(())
                } else {
                    fail(format!("fits {good} of {}", options.len()))
                }
            }
            "allOf" => rule.as_array().into_iter().flatten().try_for_each(|part| self.fits(part, value, at)),
            other => Err(format!("{at}: this validator does not know the keyword {other}")),
        }
    }
}

fn is_type(name: &str, value: &Value) -> bool {
    match name {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "string" => value.is_string(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        _ => false,
    }
}

/// The only pattern of the document: `^dev_[0-9a-f]{32}$`.
fn matches_id(pattern: &str, text: &str) -> bool {
    let prefix = pattern
        .strip_prefix('^')
        .and_then(|p| p.strip_suffix("[0-9a-f]{32}$"))
        .unwrap_or_else(|| panic!("this validator does not know the pattern {pattern}"));
    text.strip_prefix(prefix)
        .is_some_and(|hex| hex.len() == 32 && hex.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')))
}

/// The route that a path belongs to; literal segments win over parameters.
fn template_of(method: &str, path: &str) -> Option<&'static str> {
    let parts: Vec<_> = path.split('/').collect();
    routes_table()
        .into_iter()
        .filter(|route| route.method.as_str() == method)
        .map(|route| route.path)
        .filter(|template| {
            let names: Vec<_> = template.split('/').collect();
            names.len() == parts.len()
                && names.iter().zip(&parts).all(|(name, part)| name.starts_with('{') || name == part)
        })
        .min_by_key(|template| template.matches('{').count())
}

#[test]
fn the_validator_sees_what_is_wrong() {
    let document = Document::new(serde_json::json!({ "components": { "schemas": {
        "Thing": {
            "type": "object", "required": ["id"], "additionalProperties": false,
            "properties": { "id": { "type": "string", "pattern": "^dev_[0-9a-f]{32}$" }, "size": { "type": ["integer", "null"] } },
        },
    } } }));
    let schema = serde_json::json!({ "$ref": "#/components/schemas/Thing" });
    let id = format!("dev_{}", "0".repeat(32));
    let fits = |value: Value| document.fits(&schema, &value, "$").is_ok();
    assert!(fits(serde_json::json!({ "id": id, "size": null })));
    for wrong in [
        serde_json::json!({ "size": 1 }),
        serde_json::json!({ "id": "dev_0" }),
        serde_json::json!({ "id": id, "size": "1" }),
        serde_json::json!({ "id": id, "colour": 1 }),
        serde_json::json!([]),
    ] {
        assert!(!fits(wrong.clone()), "{wrong}");
    }
    assert!(document.fits(&serde_json::json!({ "if": {} }), &Value::Null, "$").is_err());
}
