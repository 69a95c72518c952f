//! Filters (RFC 7644, 3.4.2.2): read into a tree, and asked of a resource's JSON.

use serde_json::Value;

use super::path;

/// Levels of parentheses.
const DEEPEST: u32 = 20;
/// Letters of a filter.
const LONGEST: usize = 4_000;

/// A filter.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Filter {
    /// The attribute has a value.
    Present(Vec<String>),
    /// A comparison.
    Compare(Vec<String>, Operator, Value),
    /// Some element of a list fits.
    Any(Vec<String>, Box<Filter>),
    /// Both fit.
    And(Box<Filter>, Box<Filter>),
    /// One fits.
    Or(Box<Filter>, Box<Filter>),
    /// It does not fit.
    Not(Box<Filter>),
}

/// How values are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operator {
    Eq,
    Ne,
    Co,
    Sw,
    Ew,
    Gt,
    Ge,
    Lt,
    Le,
}

impl Operator {
    fn of(word: &str) -> Option<Self> {
        Some(match word.to_lowercase().as_str() {
            "eq" => Self::Eq,
            "ne" => Self::Ne,
            "co" => Self::Co,
            "sw" => Self::Sw,
            "ew" => Self::Ew,
            "gt" => Self::Gt,
            "ge" => Self::Ge,
            "lt" => Self::Lt,
            "le" => Self::Le,
            _ => return None,
        })
    }
}

/// Reads a filter.
///
/// # Errors
/// Where it stops making sense.
pub(super) fn parse(text: &str) -> Result<Filter, String> {
    if text.len() > LONGEST {
        return Err(format!("A filter may have at most {LONGEST} letters."));
    }
    let mut parser = Parser { text, at: 0, depth: 0 };
    let filter = parser.either()?;
    parser.blanks();
    if parser.rest().is_empty() { Ok(filter) } else { Err(parser.stops()) }
}

/// Reads the filter at the beginning of a text up to its closing bracket; answers what follows the bracket.
///
/// # Errors
/// As [`parse`].
pub(super) fn bracketed(text: &str) -> Result<(Filter, &str), String> {
    let mut parser = Parser { text, at: 0, depth: 0 };
    let filter = parser.either()?;
    parser.expect(']')?;
    Ok((filter, parser.rest()))
}

struct Parser<'t> {
    text: &'t str,
    at: usize,
    depth: u32,
}

impl<'t> Parser<'t> {
    fn rest(&self) -> &'t str {
        &self.text[self.at..]
    }

    fn stops(&self) -> String {
        format!("The filter cannot be read from letter {} on.", self.at + 1)
    }

    fn blanks(&mut self) {
        self.at += self.rest().len() - self.rest().trim_start().len();
    }

    fn expect(&mut self, wanted: char) -> Result<(), String> {
        self.blanks();
        if !self.rest().starts_with(wanted) {
            return Err(self.stops());
        }
        self.at += wanted.len_utf8();
        Ok(())
    }

    /// A word, if it comes next as a whole.
    fn word(&mut self, wanted: &str) -> bool {
        self.blanks();
        let rest = self.rest();
        let is_it = rest.get(..wanted.len()).is_some_and(|word| word.eq_ignore_ascii_case(wanted));
        let ends = rest.get(wanted.len()..).is_some_and(|r| r.starts_with([' ', '(']));
        if is_it && ends {
            self.at += wanted.len();
        }
        is_it && ends
    }

    fn either(&mut self) -> Result<Filter, String> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err("The filter is nested too deeply.".into());
        }
        let mut left = self.both()?;
        while self.word("or") {
            left = Filter::Or(Box::new(left), Box::new(self.both()?));
        }
        self.depth -= 1;
        Ok(left)
    }

    fn both(&mut self) -> Result<Filter, String> {
        let mut left = self.one()?;
        while self.word("and") {
            left = Filter::And(Box::new(left), Box::new(self.one()?));
        }
        Ok(left)
    }

    fn one(&mut self) -> Result<Filter, String> {
        if self.word("not") {
            self.expect('(')?;
            let inner = self.either()?;
            self.expect(')')?;
            return Ok(Filter::Not(Box::new(inner)));
        }
        self.blanks();
        if self.rest().starts_with('(') {
            self.expect('(')?;
            let inner = self.either()?;
            self.expect(')')?;
            return Ok(inner);
        }
        let name = self.name()?;
        if self.rest().starts_with('[') {
            self.expect('[')?;
            let inner = self.either()?;
            self.expect(']')?;
            return Ok(Filter::Any(name, Box::new(inner)));
        }
        self.blanks();
        let word: String = self.rest().chars().take_while(char::is_ascii_alphabetic).collect();
        self.at += word.len();
        if word.eq_ignore_ascii_case("pr") {
            return Ok(Filter::Present(name));
        }
        let operator = Operator::of(&word).ok_or_else(|| self.stops())?;
        Ok(Filter::Compare(name, operator, self.value()?))
    }

    fn name(&mut self) -> Result<Vec<String>, String> {
        let is_part = |c: char| c.is_ascii_alphanumeric() || "-_$:.".contains(c);
        let name: String = self.rest().chars().take_while(|c| is_part(*c)).collect();
        if !name.starts_with(|c: char| c.is_ascii_alphabetic()) {
            return Err(self.stops());
        }
        self.at += name.len();
        Ok(path::split(&name))
    }

    /// A JSON value: text, number, true, false or null.
    fn value(&mut self) -> Result<Value, String> {
        self.blanks();
        let mut values = serde_json::Deserializer::from_str(self.rest()).into_iter::<Value>();
        let value = values.next().and_then(Result::ok).filter(|v| !v.is_object() && !v.is_array());
        let value = value.ok_or_else(|| self.stops())?;
        self.at += values.byte_offset();
        Ok(value)
    }
}

impl Filter {
    /// Whether a resource (or an element of a list) fits.
    pub(super) fn fits(&self, resource: &Value) -> bool {
        match self {
            Self::Present(name) => path::values(resource, name).into_iter().any(is_there),
            Self::Compare(name, Operator::Ne, wanted) => {
                !Self::Compare(name.clone(), Operator::Eq, wanted.clone()).fits(resource)
            }
            Self::Compare(name, operator, wanted) => {
                let found = values(resource, name);
                if found.is_empty() {
                    wanted.is_null() && *operator == Operator::Eq
                } else {
                    found.into_iter().any(|value| compare(value, *operator, wanted))
                }
            }
            Self::Any(name, inner) => path::values(resource, name).into_iter().any(|value| inner.fits(value)),
            Self::And(left, right) => left.fits(resource) && right.fits(resource),
            Self::Or(left, right) => left.fits(resource) || right.fits(resource),
            Self::Not(inner) => !inner.fits(resource),
        }
    }

    /// The text that an attribute must be, where the filter says nothing else.
    pub(super) fn is_exactly(&self, name: &str) -> Option<&str> {
        match self {
            Self::Compare(path, Operator::Eq, Value::String(text))
                if path.len() == 1 && path[0].eq_ignore_ascii_case(name) =>
            {
                Some(text)
            }
            _ => None,
        }
    }
}

/// What a comparison looks at: of a list of objects their `value` (RFC 7644, 3.4.2.2: `emails eq`).
fn values<'v>(resource: &'v Value, name: &[String]) -> Vec<&'v Value> {
    let found = path::values(resource, name);
    found.into_iter().map(|value| path::get(value, "value").unwrap_or(value)).collect()
}

fn is_there(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::String(text) => !text.is_empty(),
        Value::Array(list) => !list.is_empty(),
        Value::Object(object) => !object.is_empty(),
        Value::Bool(_) | Value::Number(_) => true,
    }
}

/// Texts are compared in any letter case; Entra sends truth values as texts.
fn compare(value: &Value, operator: Operator, wanted: &Value) -> bool {
    let text = |value: &Value| match value {
        Value::String(text) => Some(text.to_lowercase()),
        Value::Bool(truth) => Some(truth.to_string()),
        _ => None,
    };
    if let (Some(value), Some(wanted)) = (text(value), text(wanted)) {
        return match operator {
            Operator::Eq => value == wanted,
            Operator::Ne => value != wanted,
            Operator::Co => value.contains(&wanted),
            Operator::Sw => value.starts_with(&wanted),
            Operator::Ew => value.ends_with(&wanted),
            Operator::Gt => value > wanted,
            Operator::Ge => value >= wanted,
            Operator::Lt => value < wanted,
            Operator::Le => value <= wanted,
        };
    }
    if let (Some(value), Some(wanted)) = (value.as_f64(), wanted.as_f64()) {
        return match operator {
            Operator::Eq => value.total_cmp(&wanted).is_eq(),
            Operator::Ne => value.total_cmp(&wanted).is_ne(),
            Operator::Gt => value > wanted,
            Operator::Ge => value >= wanted,
            Operator::Lt => value < wanted,
            Operator::Le => value <= wanted,
            Operator::Co | Operator::Sw | Operator::Ew => false,
        };
    }
    operator == Operator::Eq && value == wanted
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_examples_of_the_rfc_are_read_and_answered() {
        let bjensen = json!({
            "userName": "bjensen", "title": "Tour Guide", "userType": "Employee", "active": true,
            "name": { "familyName": "O'Malley" },
            "emails": [{ "value": "bjensen@example.com", "type": "work" }, { "value": "b@jensen.org", "type": "home" }],
            "meta": { "lastModified": "2011-05-13T04:42:34Z" },
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
        });
        for (text, fits) in [
            (r#"userName eq "bjensen""#, true),
            (r#"USERNAME EQ "BJensen""#, true),
            (r#"name.familyName co "O'Malley""#, true),
            (r#"userName sw "J""#, false),
            (r#"urn:ietf:params:scim:schemas:core:2.0:User:userName sw "b""#, true),
            ("title pr", true),
            (r#"meta.lastModified gt "2011-05-13T04:42:34Z""#, false),
            (r#"meta.lastModified ge "2011-05-13T04:42:34Z""#, true),
            (r#"title pr and userType eq "Employee""#, true),
            (r#"title pr or userType eq "Intern""#, true),
            (
                r#"userType eq "Employee" and (emails co "example.com" or emails.value co "example.org")"#,
                true,
            ),
            (
                r#"userType ne "Employee" and not (emails co "example.com" or emails.value co "example.org")"#,
                false,
            ),
            (r#"userType eq "Employee" and (emails.type eq "work")"#, true),
            (r#"userType eq "Employee" and emails[type eq "work" and value co "@example.com"]"#, true),
            (r#"emails[type eq "work" and value co "@jensen.org"]"#, false),
            (r#"active eq "True""#, true),
            ("nickName pr", false),
            ("nickName eq null", true),
        ] {
            assert_eq!(parse(text).map(|filter| filter.fits(&bjensen)), Ok(fits), "{text}");
        }
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        let deep = format!("{}a pr{}", "(".repeat(50), ")".repeat(50));
        let long = format!("a eq \"{}\"", "x".repeat(5_000));
        for bad in [
            "",
            "userName",
            "userName eq",
            "userName eq bjensen",
            "eq \"x\"",
            "userName xx \"y\"",
            "(a pr",
            "a pr)",
            "a pr and",
            "a[b pr",
            "a eq {\"b\":1}",
            "a eq [1]",
            "not a pr",
            "a eq \"x\" b",
            "ä pr",
            &deep,
            &long,
        ] {
            assert!(parse(bad).is_err(), "{bad}");
        }
    }
}
