//! Property lists in XML: one pass, no recursion, no entities beside those of XML itself.

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use quick_xml::Reader;
use quick_xml::events::{BytesRef, Event};

use super::{Budget, DEEPEST, Dict, Error, Value, date};

/// quirk: not everybody pads.
const DATA: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// A container that is being filled.
enum Open {
    Array(Vec<Value>),
    Dict { dict: Dict, key: Option<String> },
}

/// What is being read.
struct State {
    stack: Vec<Open>,
    budget: Budget,
    top: Option<Value>,
    /// The scalar (or key) whose text is being collected.
    scalar: Option<Scalar>,
    text: String,
    in_plist: bool,
    at: u64,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Scalar {
    Key,
    String,
    Integer,
    Real,
    Data,
    Date,
    True,
    False,
}

pub(super) fn read(bytes: &[u8]) -> Result<Value, Error> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let text = std::str::from_utf8(bytes)
        .map_err(|error| Error::Malformed { what: "it is not UTF-8", at: error.valid_up_to() as u64 })?;
    let mut reader = Reader::from_str(text);
    let mut state = State {
        stack: Vec::new(),
        budget: Budget::new(),
        top: None,
        scalar: None,
        text: String::new(),
        in_plist: false,
        at: 0,
    };
    loop {
        state.at = reader.buffer_position();
        let event = reader.read_event().map_err(|_| Error::Malformed {
            what: "it is no well-formed XML",
            at: reader.error_position(),
        })?;
        match event {
            Event::Start(tag) => state.start(tag.name().as_ref())?,
            Event::End(tag) => state.end(tag.name().as_ref())?,
            Event::Empty(tag) => {
                state.start(tag.name().as_ref())?;
                state.end(tag.name().as_ref())?;
            }
            Event::Text(text) => state.characters(&text.xml10_content())?,
            Event::CData(text) => state.characters(&text.xml10_content())?,
            Event::GeneralRef(reference) => state.reference(&reference)?,
            // Apple's document type is welcome; definitions of entities are not.
            Event::DocType(definition) if !definition.contains(['[', '<']) => {}
            Event::DocType(_) => return Err(state.wrong("it defines its own entities")),
            Event::Decl(_) | Event::PI(_) | Event::Comment(_) => {}
            Event::Eof => break,
        }
    }
    let unfinished = state.in_plist || !state.stack.is_empty() || state.scalar.is_some();
    match state.top.take() {
        Some(top) if !unfinished => Ok(top),
        _ => Err(state.wrong("it ends too early")),
    }
}

impl State {
    fn wrong(&self, what: &'static str) -> Error {
        Error::Malformed { what, at: self.at }
    }

    fn start(&mut self, name: &str) -> Result<(), Error> {
        if self.scalar.is_some() {
            return Err(self.wrong("an element stands within a text"));
        }
        if !self.in_plist {
            if name == "plist" && self.top.is_none() {
                self.in_plist = true;
                return Ok(());
            }
            return Err(self.wrong("it is no property list"));
        }
        let scalar = match name {
            "dict" | "array" => {
                if self.stack.len() >= DEEPEST {
                    return Err(Error::TooDeep);
                }
                self.expects_value()?;
                self.stack.push(if name == "dict" {
                    Open::Dict { dict: Dict::new(), key: None }
                } else {
                    Open::Array(Vec::new())
                });
                return Ok(());
            }
            "key" => Scalar::Key,
            "string" => Scalar::String,
            "integer" => Scalar::Integer,
            "real" => Scalar::Real,
            "data" => Scalar::Data,
            "date" => Scalar::Date,
            "true" => Scalar::True,
            "false" => Scalar::False,
            _ => return Err(self.wrong("an element that property lists do not have")),
        };
        if scalar == Scalar::Key {
            if !matches!(self.stack.last(), Some(Open::Dict { key: None, .. })) {
                return Err(self.wrong("a key stands where none belongs"));
            }
        } else {
            self.expects_value()?;
        }
        self.scalar = Some(scalar);
        self.text.clear();
        Ok(())
    }

    fn expects_value(&self) -> Result<(), Error> {
        match self.stack.last() {
            Some(Open::Dict { key: None, .. }) => Err(self.wrong("a value has no key")),
            None if self.top.is_some() => Err(self.wrong("there are two values at the top")),
            _ => Ok(()),
        }
    }

    fn end(&mut self, name: &str) -> Result<(), Error> {
        if let Some(scalar) = self.scalar.take() {
            let value = self.scalar_value(scalar)?;
            return match value {
                Some(value) => self.put(value),
                None => Ok(()),
            };
        }
        if name == "plist" {
            self.in_plist = false;
            return Ok(());
        }
        match self.stack.pop() {
            Some(Open::Array(values)) => self.put(Value::Array(values)),
            Some(Open::Dict { dict, key: None }) if dict.is_unique() => self.put(Value::Dict(dict)),
            Some(Open::Dict { key: None, .. }) => Err(self.wrong("a key stands twice")),
            Some(Open::Dict { .. }) => Err(self.wrong("a key has no value")),
            None => Err(self.wrong("an end without a beginning")),
        }
    }

    /// The value of a scalar; a key is noted instead.
    fn scalar_value(&mut self, scalar: Scalar) -> Result<Option<Value>, Error> {
        let text = std::mem::take(&mut self.text);
        let length = text.len();
        let value = match scalar {
            Scalar::Key => {
                self.budget.bytes = self.budget.bytes.checked_sub(length).ok_or(Error::TooLarge)?;
                if let Some(Open::Dict { key, .. }) = self.stack.last_mut() {
                    *key = Some(text);
                }
                return Ok(None);
            }
            Scalar::String => Some(Value::Text(text)),
            Scalar::Integer => integer(text.trim()).map(Value::Int),
            Scalar::Real => {
                text.trim().parse().ok().filter(|number: &f64| number.is_finite()).map(Value::Real)
            }
            Scalar::Data => {
                let coded: Vec<u8> = text.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
                DATA.decode(coded).ok().map(Value::Data)
            }
            Scalar::Date => date::read(&text).map(Value::Date),
            Scalar::True => text.trim().is_empty().then_some(Value::Bool(true)),
            Scalar::False => text.trim().is_empty().then_some(Value::Bool(false)),
        };
        self.budget.bytes = self.budget.bytes.checked_sub(length).ok_or(Error::TooLarge)?;
        value.ok_or_else(|| self.wrong("a value is not what its element says")).map(Some)
    }

    fn put(&mut self, value: Value) -> Result<(), Error> {
        self.budget.spend(0)?;
        match self.stack.last_mut() {
            Some(Open::Array(values)) => values.push(value),
            Some(Open::Dict { dict, key }) => match key.take() {
                // Whether keys are unique is seen at the end, all at once.
                Some(key) => dict.0.push((key, value)),
                None => return Err(self.wrong("a value has no key")),
            },
            None => self.top = Some(value),
        }
        Ok(())
    }

    fn characters(&mut self, text: &str) -> Result<(), Error> {
        if self.scalar.is_some() {
            self.text.push_str(text);
            return Ok(());
        }
        if text.trim().is_empty() { Ok(()) } else { Err(self.wrong("text stands where none belongs")) }
    }

    fn reference(&mut self, reference: &BytesRef<'_>) -> Result<(), Error> {
        let character = match reference.as_ref() {
            "lt" => '<',
            "gt" => '>',
            "amp" => '&',
            "quot" => '"',
            "apos" => '\'',
            _ => reference
                .resolve_char_ref()
                .ok()
                .flatten()
                .ok_or_else(|| self.wrong("an entity that XML does not have"))?,
        };
        self.characters(character.encode_utf8(&mut [0; 4]))
    }
}

fn integer(text: &str) -> Option<i64> {
    match text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        Some(digits) => i64::from_str_radix(digits, 16).ok(),
        None => text.parse().ok(),
    }
}
