//! Binary property lists (`bplist00`). Objects are found by number, so one may be used often: everything that becomes of
//! them is counted, and not the bytes they are written in.

use super::{Budget, DEEPEST, Dict, Error, Value};

const TRAILER: usize = 32;
/// 2001-01-01 in milliseconds since 1970.
const EPOCH: f64 = 978_307_200_000.0;

struct Reader<'a> {
    bytes: &'a [u8],
    /// Where the table of offsets begins; objects end before it.
    table: usize,
    offset_size: usize,
    reference_size: usize,
    objects: usize,
    budget: Budget,
}

const fn wrong(what: &'static str, at: usize) -> Error {
    Error::Malformed { what, at: at as u64 }
}

pub(super) fn read(bytes: &[u8]) -> Result<Value, Error> {
    if !bytes.starts_with(b"bplist0") {
        return Err(wrong("a version of binary lists that is not known", 6));
    }
    let at = bytes
        .len()
        .checked_sub(TRAILER)
        .filter(|at| *at >= 8)
        .ok_or(wrong("it ends too early", bytes.len()))?;
    let trailer = &bytes[at..];
    let number = |from: usize| usize::try_from(big(&trailer[from..from + 8])).unwrap_or(usize::MAX);
    let (offset_size, reference_size) = (usize::from(trailer[6]), usize::from(trailer[7]));
    let (objects, top, table) = (number(8), number(16), number(24));
    if !(1..=8).contains(&offset_size) || !(1..=8).contains(&reference_size) {
        return Err(wrong("its trailer is broken", at));
    }
    let end = objects.checked_mul(offset_size).and_then(|size| size.checked_add(table));
    if objects == 0 || table < 8 || end.is_none_or(|end| end > at) {
        return Err(wrong("its trailer is broken", at));
    }
    let mut reader = Reader { bytes, table, offset_size, reference_size, objects, budget: Budget::new() };
    reader.object(top, 0)
}

/// A number of up to eight bytes.
fn big(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0, |sum, byte| sum << 8 | u64::from(*byte))
}

impl<'a> Reader<'a> {
    fn object(&mut self, number: usize, depth: usize) -> Result<Value, Error> {
        if depth > DEEPEST {
            return Err(Error::TooDeep);
        }
        if number >= self.objects {
            return Err(wrong("a reference leads nowhere", self.table));
        }
        let entry = self.table + number * self.offset_size;
        let at = usize::try_from(big(&self.bytes[entry..entry + self.offset_size])).unwrap_or(usize::MAX);
        let marker = *self.slice(at, 1)?.first().ok_or(wrong("an object is cut off", at))?;
        let low = marker & 0x0f;
        match marker >> 4 {
            0x0 if low == 8 || low == 9 => {
                self.budget.spend(1)?;
                Ok(Value::Bool(low == 9))
            }
            0x1 if low <= 4 => {
                self.budget.spend(8)?;
                let bytes = self.slice(at + 1, 1 << low)?;
                // Sixteen bytes hold a number without sign; only what fits is read.
                let (high, rest) = bytes.split_at(bytes.len().saturating_sub(8));
                if high.iter().any(|byte| *byte != 0) {
                    return Err(wrong("a number is out of range", at));
                }
                let value = big(rest);
                // Shorter than eight bytes there are no negative numbers.
                let value = if low == 4 { i64::try_from(value).ok() } else { Some(value as i64) };
                value.map(Value::Int).ok_or(wrong("a number is out of range", at))
            }
            0x2 | 0x3 => self.real(at, marker),
            0x4..=0x6 => self.string(at, marker),
            0xa => {
                self.budget.spend(1)?;
                let (count, from) = self.count(at)?;
                let numbers = self.references(from, count)?;
                let values = numbers.into_iter().map(|number| self.object(number, depth + 1));
                Ok(Value::Array(values.collect::<Result<_, _>>()?))
            }
            0xd => self.dict(at, depth),
            _ => Err(wrong("an object of an unknown kind", at)),
        }
    }

    fn real(&mut self, at: usize, marker: u8) -> Result<Value, Error> {
        self.budget.spend(8)?;
        let number = match marker {
            0x22 => f64::from(f32::from_bits(big(self.slice(at + 1, 4)?) as u32)),
            0x23 | 0x33 => f64::from_bits(big(self.slice(at + 1, 8)?)),
            _ => return Err(wrong("an object of an unknown kind", at)),
        };
        match marker {
            _ if !number.is_finite() => Err(wrong("a number is none", at)),
            0x33 if number.abs() < 1e12 => Ok(Value::Date((number * 1_000.0 + EPOCH) as i64)),
            0x33 => Err(wrong("a date is out of range", at)),
            _ => Ok(Value::Real(number)),
        }
    }

    fn string(&mut self, at: usize, marker: u8) -> Result<Value, Error> {
        let (count, from) = self.count(at)?;
        let size = if marker >> 4 == 6 { count.saturating_mul(2) } else { count };
        let bytes = self.slice(from, size)?;
        self.budget.spend(size)?;
        match marker >> 4 {
            4 => Ok(Value::Data(bytes.to_vec())),
            5 if bytes.is_ascii() => Ok(Value::Text(String::from_utf8_lossy(bytes).into_owned())),
            6 => {
                let units: Vec<u16> =
                    bytes.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]])).collect();
                String::from_utf16(&units).map(Value::Text).map_err(|_| wrong("a text is no UTF-16", at))
            }
            _ => Err(wrong("a text is not ASCII", at)),
        }
    }

    fn dict(&mut self, at: usize, depth: usize) -> Result<Value, Error> {
        self.budget.spend(1)?;
        let (count, from) = self.count(at)?;
        let keys = self.references(from, count)?;
        let values = self.references(from + count * self.reference_size, count)?;
        let mut dict = Dict::new();
        for (key, value) in keys.into_iter().zip(values) {
            let Value::Text(key) = self.object(key, depth + 1)? else {
                return Err(wrong("a key is no text", at));
            };
            dict.0.push((key, self.object(value, depth + 1)?));
        }
        if dict.is_unique() { Ok(Value::Dict(dict)) } else { Err(wrong("a key stands twice", at)) }
    }

    /// The length of an object, and where its content begins.
    fn count(&self, at: usize) -> Result<(usize, usize), Error> {
        let low = self.bytes[at] & 0x0f;
        if low != 0x0f {
            return Ok((usize::from(low), at + 1));
        }
        let marker = self.slice(at + 1, 1)?[0];
        if marker >> 4 != 1 || marker & 0x0f > 3 {
            return Err(wrong("a length is none", at));
        }
        let size = 1 << (marker & 0x0f);
        let count = usize::try_from(big(self.slice(at + 2, size)?)).unwrap_or(usize::MAX);
        Ok((count, at + 2 + size))
    }

    fn references(&self, from: usize, count: usize) -> Result<Vec<usize>, Error> {
        let size = count.checked_mul(self.reference_size).ok_or(wrong("a length is none", from))?;
        let bytes = self.slice(from, size)?;
        Ok(bytes
            .chunks_exact(self.reference_size)
            .map(|reference| usize::try_from(big(reference)).unwrap_or(usize::MAX))
            .collect())
    }

    /// Bytes of the part in which objects stand.
    fn slice(&self, from: usize, size: usize) -> Result<&'a [u8], Error> {
        let end = from.checked_add(size).filter(|end| from >= 8 && *end <= self.table);
        end.map(|end| &self.bytes[from..end]).ok_or(wrong("an object is cut off", from.min(self.bytes.len())))
    }
}
